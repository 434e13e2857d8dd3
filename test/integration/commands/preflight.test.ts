import assert from "node:assert/strict";
import type { PreflightReport } from "../../../kuma";
import { needsEngine } from "../../support/pulumi/engine";
import { Sandbox, ask, dialled, getJson, oneZone, put, requestsOf, startGlobal } from "../support";

interface Report {
  outcome: string;
  zones: PreflightReport[];
}

const TIMEOUT = (connectTimeout: string) => ({
  type: "Timeout",
  mesh: "default",
  name: "redis-timeout",
  sources: [{ match: { "kuma.io/service": "*" } }],
  destinations: [{ match: { "kuma.io/service": "redis" } }],
  conf: { connectTimeout },
});

describe("preflight, with the real engine", function () {
  needsEngine();
  let sandbox: Sandbox;
  let zoneUrl: string;
  let globalUrl: string;
  let config: Record<string, unknown>;

  before(async () => {
    sandbox = new Sandbox();
    const global = await startGlobal(sandbox.directory);
    const stack = await oneZone();
    ({ zoneUrl } = stack);
    globalUrl = global.url;
    config = { ...stack.config, global: global.config };
    sandbox.writeStack("test", config);
  });
  after(() => sandbox?.remove());

  async function report(): Promise<{ status: number | null; report: Report }> {
    const run = await sandbox.run("preflight", "--stack", "test", "--output", "json");
    try {
      return { status: run.status, report: JSON.parse(run.stdout) as Report };
    } catch {
      return assert.fail(run.output);
    }
  }
  const verdicts = ({ zones }: Report) =>
    Object.fromEntries(zones[0].checks.map(({ code, verdict }) => [code, verdict]));

  it("is clean for a zone and a global that go together", async () => {
    const { status, report: found } = await report();
    assert.deepEqual([status, found.outcome], [0, "clean"], JSON.stringify(found));
    const { "kds-tls": kds, "zone-name": name, secrets } = verdicts(found);
    assert.deepEqual([kds, name, secrets], ["ok", "ok", "ok"]);
  });

  it("finds blockers, and stops preview and up at them before anything is written", async () => {
    assert.equal(await put(`${globalUrl}/meshes/default`, { type: "Mesh", name: "default" }), 201);
    assert.equal(await put(`${globalUrl}/meshes/default/timeouts/redis-timeout`, TIMEOUT("1s")), 201);
    const before = (await requestsOf(globalUrl)).writes;

    const { status, report: found } = await report();
    assert.deepEqual([status, found.outcome], [1, "blocked"]);
    const { conflicts, "mesh-authority": authority } = verdicts(found);
    assert.deepEqual([conflicts, authority], ["blocker", "blocker"]);

    for (const command of ["preview", "up"]) {
      const run = await sandbox.run(command, "--stack", "test");
      assert.equal(run.status, 2, run.output);
      assert.match(run.output, /^error: Zone zone-1 was not federated, and nothing was written\./m);
      assert.match(run.output, /Timeout default\/redis-timeout: differs in conf/);
      assert.match(run.output, /\[mesh-authority\]/);
    }
    assert.equal((await requestsOf(globalUrl)).writes, before);
    assert.equal(await dialled(zoneUrl), undefined);
  });

  it("goes on once rules say what happens, with a warning for each", async () => {
    const onConflict = [
      { resources: "Mesh default", choice: "overwrite" },
      { resources: "Timeout default/*", choice: "keepGlobal" },
    ];
    sandbox.writeStack("test", { ...config, onConflict });
    const { status, report: found } = await report();
    assert.equal(status, 0, JSON.stringify(found));
    const { conflicts, "mesh-authority": authority } = verdicts(found);
    assert.deepEqual([conflicts, authority], ["warning", "warning"]);

    const run = await sandbox.run("up", "--stack", "test");
    assert.equal(run.status, 0, run.output);
    assert.match(run.output, /overwrite: Mesh default \(differs in/);
    assert.match(run.output, /keep the global's: Timeout default\/redis-timeout \(differs in/);
    const { conf } = await getJson<{ conf: { connectTimeout: string } }>(
      `${globalUrl}/meshes/default/timeouts/redis-timeout`,
    );
    assert.equal(conf.connectTimeout, "1s");
    const again = await sandbox.run("up", "--stack", "test");
    assert.match(again.output, /nothing to do: everything is as it should be/);
  });

  it("finds drift with refresh, and repairs what the stack says", async () => {
    const clean = await sandbox.run("refresh", "--stack", "test");
    assert.equal(clean.status, 0, clean.output);
    const secret = `${globalUrl}/meshes/default/secrets/partner-api-key`;
    const kept = await getJson<object>(`${globalUrl}/meshes/default/health-checks/redis-health`);
    await ask(secret, { method: "DELETE" });
    const changed = { ...kept, conf: { ...(kept as { conf: object }).conf, interval: "7s" } };
    assert.equal(await put(`${globalUrl}/meshes/default/health-checks/redis-health`, changed), 200);

    const found = await sandbox.run("refresh", "--stack", "test");
    assert.equal(found.status, 1, found.output);
    assert.match(found.output, /^ {2}missing: Secret default\/partner-api-key$/m);
    assert.match(found.output, /^ {2}changed: HealthCheck default\/redis-health$/m);
    assert.equal((await ask(secret)).status, 404, "a refresh writes nothing");

    const interval = async () =>
      (
        await getJson<{ conf: { interval: string } }>(
          `${globalUrl}/meshes/default/health-checks/redis-health`,
        )
      ).conf.interval;
    const up = await sandbox.run("up", "--stack", "test");
    assert.match(up.output, /gone from the global, to be put back: Secret default\/partner-api-key/);
    assert.equal((await ask(secret)).status, 200);
    assert.equal(await interval(), "7s", "the global owns it");

    const rules = [
      { resources: "Mesh default", choice: "overwrite" },
      { resources: "Timeout default/*", choice: "keepGlobal" },
    ];
    sandbox.writeStack("test", { ...config, onConflict: rules, onDrift: "repair" });
    const repaired = await sandbox.run("up", "--stack", "test");
    assert.match(repaired.output, /put back on the global: HealthCheck default\/redis-health\n/);
    assert.equal(await interval(), "10s");
    assert.equal((await sandbox.run("refresh", "--stack", "test")).status, 0);
  });

  it("is inconclusive when a side does not answer", async () => {
    const { config: other } = await oneZone();
    const away = new Sandbox();
    try {
      away.writeStack("test", {
        ...other,
        global: {
          platform: "existing",
          apiUrl: "http://127.0.0.1:1",
          kdsAddress: "grpcs://no-such-host.invalid:1",
        },
      });
      const { status, stdout, output } = await away.run("preflight", "--stack", "test", "--output", "json");
      const { zones } = JSON.parse(stdout) as Report;
      const global = zones[0].checks.find(({ code }) => code === "global-api");
      assert.equal(global?.verdict, "inconclusive", output);
      // the zone runs on this machine, so an address that cannot be dialled from here stands against it
      assert.equal(status, 1);
    } finally {
      await away.remove();
    }
  });
});

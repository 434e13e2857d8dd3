import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { needsEngine } from "../../support/pulumi/engine";
import { Sandbox, contentOf, filesBelow, getJson, oneZone, requestsOf } from "../support";

const STATUS_KEYS = [
  ...[
    "version",
    "stack",
    "time",
    "history",
    "ok",
    "outcome",
    "global",
    "zones",
    "alone",
    "ledger",
    "markers",
  ],
  ...["ends", "checks", "links", "meshes", "services", "resources", "problems", "warnings"],
];

describe("a zone is federated by the real engine", function () {
  needsEngine();
  let sandbox: Sandbox;
  let zoneUrl: string;
  let globalUrl: string;

  before(async () => {
    sandbox = new Sandbox();
    const stack = await oneZone();
    ({ zoneUrl, globalUrl } = stack);
    sandbox.writeStack("test", {
      ...stack.config,
      policies: path.resolve(__dirname, "../../../policies/demo"),
    });
  });

  after(() => sandbox?.remove());

  it("shows in a preview what would be created, and writes nothing", async () => {
    const { status, output } = await sandbox.run("preview", "--stack", "test");
    assert.equal(status, 0, output);
    for (const key of ["Mesh default", "Timeout default/redis-timeout", "HealthCheck default/redis-health"]) {
      assert.match(output, new RegExp(`create: ${key}\\n`));
    }
    assert.match(output, /create: Secret default\/partner-api-key \(hmac:[0-9a-f]{16}\)\n/);
    await assert.rejects(fetch(globalUrl), "no global may run after a preview");
    await assert.rejects(fetch(zoneUrl), "nor may the zone, which was started only to be looked at");
  });

  it("federates with up, and tells what was federated", async () => {
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.match(output, /KDS address {2}grpcs:\/\/127\.0\.0\.1:\d+\n/);
    assert.match(output, /zone-1 +online +\S+ +equal +equal\n/);
    assert.match(output, /everything read back from the global and equal/);
  });

  it("gives a status that is healthy, as JSON", async () => {
    const { status, stdout, output } = await sandbox.run("status", "--stack", "test", "--output", "json");
    assert.equal(status, 0, output);
    const report = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(Object.keys(report), STATUS_KEYS);
    assert.equal(report.ok, true);
    assert.deepEqual(report.problems, []);
    const [zone] = report.zones as Record<string, unknown>[];
    const { version, proxies, name, online, globalToZone, zoneToGlobal } = zone;
    assert.deepEqual([name, online, globalToZone, zoneToGlobal], ["zone-1", true, true, true]);
    assert.equal(typeof version, "string");
    assert.deepEqual(proxies, { registered: 2, connected: 0 });
    const resources = report.resources as {
      type: string;
      mesh?: string;
      expected: number;
      present: number;
    }[];
    assert.deepEqual(
      resources.filter(({ expected, present }) => expected !== present),
      [],
    );
    assert.equal(resources.find(({ type }) => type === "Secret")?.expected, 4);
    assert.equal(resources.find(({ type }) => type === "Dataplane")?.expected, 2);
  });

  it("puts the stack's policy on the global, and KDS takes it to the zone", async () => {
    const { items } = await getJson<{ items: { name: string; labels: Record<string, string> }[] }>(
      `${zoneUrl}/meshes/default/meshcircuitbreakers`,
    );
    const copy = items.find(({ labels }) => labels["kuma.io/display-name"] === "demo-app-to-redis");
    assert.match(copy?.name ?? "", /^demo-app-to-redis-[0-9a-z]{16}$/);
  });

  it("changes nothing and sends no write when everything is as it should be", async () => {
    const before = [await requestsOf(zoneUrl), await requestsOf(globalUrl)];
    for (const [command, told] of [
      ["up", "nothing to do: everything is as it should be"],
      ["preview", "nothing to do; npm run status compares both sides"],
    ]) {
      const { status, output } = await sandbox.run(command, "--stack", "test");
      assert.equal(status, 0, output);
      assert.ok(output.includes(told), output);
    }
    const after = [await requestsOf(zoneUrl), await requestsOf(globalUrl)];
    assert.deepEqual(
      after.map(({ writes }) => writes),
      before.map(({ writes }) => writes),
    );
    assert.ok(after[1].reads > before[1].reads, "the global was looked at");
  });

  it("leaves no process, port or file behind after destroy", async () => {
    const { status, output } = await sandbox.run("destroy", "--stack", "test");
    assert.equal(status, 0, output);
    assert.deepEqual(sandbox.processes(), []);
    await assert.rejects(fetch(zoneUrl));
    await assert.rejects(fetch(globalUrl));
    assert.deepEqual(
      filesBelow(sandbox.directory).map((file) => path.basename(file)),
      ["Pulumi.test.yaml"],
    );
  });
});

describe("a zone that is taken off its global", function () {
  needsEngine();
  let sandbox: Sandbox;

  before(() => (sandbox = new Sandbox()));
  after(() => sandbox?.remove());

  for (const store of ["auto", "memory"]) {
    it(`has its meshes, secrets and policies as before (store ${store})`, async () => {
      const { config, zoneUrl, globalUrl } = await oneZone({ store });
      const [zone] = config.zones as object[];
      sandbox.writeStack("test", config);
      await sandbox.startZones();
      const before = await contentOf(zoneUrl);

      const up = await sandbox.run("up", "--stack", "test");
      assert.equal(up.status, 0, up.output);

      sandbox.writeStack("test", { ...config, zones: [{ ...zone, federated: false }] });
      const undo = await sandbox.run("up", "--stack", "test");
      assert.equal(undo.status, 0, undo.output);
      assert.deepEqual(await contentOf(zoneUrl), before);
      const { items } = await getJson<{ items: { name: string }[] }>(`${globalUrl}/zones`);
      assert.deepEqual(items, []);
      assert.equal((await sandbox.run("destroy", "--stack", "test")).status, 0);
    });
  }
});

describe("the state of a stack", function () {
  needsEngine();

  it("is not readable by others, and is gone with the last stack", async () => {
    const sandbox = new Sandbox();
    try {
      const { config } = await oneZone();
      sandbox.writeStack("test", config);
      assert.equal((await sandbox.run("up", "--stack", "test")).status, 0);
      const readable = filesBelow(path.join(sandbox.state, "stacks/test")).filter(
        (file) => (fs.statSync(file).mode & 0o077) !== 0,
      );
      assert.deepEqual(
        readable.filter((file) => !file.includes(`${path.sep}work${path.sep}`)),
        [],
      );
    } finally {
      await sandbox.remove();
    }
    assert.equal(fs.existsSync(sandbox.directory), false);
  });
});

import assert from "node:assert/strict";
import * as fs from "node:fs";
import type { StatusReport } from "../../../cli/status/report";
import { needsEngine } from "../../support/pulumi/engine";
import { freePortBase } from "../../support/ports";
import { Sandbox, ask, getJson, oneZone, put } from "../support";

/** Two zones of which the second has other secrets than the first: it cannot join as long as no rule says what happens. */
describe("what commands tell of a stack is how it is now", function () {
  needsEngine();
  let sandbox: Sandbox;
  let config: Record<string, unknown>;
  let globalUrl: string;

  before(async () => {
    sandbox = new Sandbox();
    const stack = await oneZone();
    ({ config, globalUrl } = stack);
    const [first] = config.zones as object[];
    const second = {
      name: "zone-2",
      platform: "universal",
      portBase: await freePortBase(),
      kumaCp: "embedded",
    };
    config = { ...config, zones: [first, second] };
    write(false);
  });
  after(() => sandbox?.remove());

  const write = (federated: boolean | boolean[], more: object = {}) => {
    const each = [federated].flat();
    const zones = (config.zones as object[]).map((zone, index) => ({
      ...zone,
      federated: each[index] ?? each[0],
    }));
    sandbox.writeStack("test", { ...config, zones, ...more });
  };
  const run = (command: string, ...args: string[]) => sandbox.run(command, "--stack", "test", ...args);
  const report = async (...args: string[]) => {
    const { status, stdout, output } = await run("status", "--output", "json", ...args);
    assert.ok(stdout.startsWith("{"), output);
    return { status, report: JSON.parse(stdout) as StatusReport };
  };

  it("says of a stack that is not up that there is nothing to compare, and makes none", async () => {
    for (const command of ["status", "refresh"]) {
      const { status, output } = await run(command);
      assert.equal(status, 2, output);
      assert.equal(
        output,
        "error: Stack test is not up: there is nothing of it, so there is nothing to compare. Run npm run up -- --stack test first.\n",
      );
    }
    assert.ok(!fs.existsSync(sandbox.state));
  });

  it("asks zones that are to run alone whether they do, and has nothing to refresh", async () => {
    const up = await run("up");
    assert.equal(up.status, 0, up.output);
    const { status, report: found } = await report();
    assert.deepEqual([status, found.ok, found.zones], [0, true, []]);
    assert.deepEqual(
      found.alone.map(({ name }) => name),
      ["zone-1", "zone-2"],
    );
    const refresh = await run("refresh");
    assert.equal(refresh.status, 3, refresh.output);
    assert.match(refresh.output, /nothing was carried, handed over or written by the stack yet/);
  });

  it("tells after an up that failed how it is, and not what is in the stack's file", async () => {
    write(true);
    const refused = await run("up");
    assert.equal(refused.status, 2, refused.output);
    assert.match(refused.output, /Zone zone-2 was not federated, and nothing was written/);
    assert.deepEqual((await report()).report.zones, [], "the first has not joined either");

    write([true, false]);
    assert.equal((await run("up")).status, 0);
    write(true);
    const up = await run("up");
    assert.equal(up.status, 2, up.output);
    const { status, report: found } = await report("--marker");
    assert.deepEqual([status, found.ok], [1, false]);
    assert.deepEqual(
      found.zones.map(({ name, online, globalToZone }) => ({ name, online, globalToZone })),
      [{ name: "zone-1", online: true, globalToZone: true }],
    );
    assert.deepEqual(
      found.alone.map(({ name }) => name),
      ["zone-2"],
    );
    assert.deepEqual(
      found.ledger.map(({ zone, occasion, unexplained }) => ({ zone, occasion, unexplained })),
      [{ zone: "zone-1", occasion: "joined", unexplained: [] }],
    );
    assert.deepEqual(found.markers, [
      {
        zone: "zone-1",
        crossed: true,
        told: "a policy went from the global to zone zone-1 and one back, and both are removed again",
      },
    ]);
    assert.deepEqual(
      found.problems.map((problem) => problem.split(":")[0]),
      ["Zone zone-2 is not federated"],
    );
  });

  it("accepts what was changed on purpose, for refresh as well as for up", async () => {
    write([true, false], { onDrift: "repair" });
    assert.equal((await run("up")).status, 0);
    const url = `${globalUrl}/meshes/default/timeouts/redis-timeout`;
    const before = await getJson<{ conf: object }>(url);
    await put(url, { ...before, conf: { ...before.conf, connectTimeout: "9s" } });
    const secret = `${globalUrl}/meshes/default/secrets/partner-api-key`;
    await ask(secret, { method: "DELETE" });
    const found = await run("refresh");
    assert.equal(found.status, 1, found.output);
    assert.match(found.output, /What you want as it is, name in the setting acceptDifferences/);

    const acceptDifferences = ["Timeout default/redis-timeout", "Secret default/partner-api-key"];
    write([true, false], { onDrift: "repair", acceptDifferences });
    const accepted = await run("refresh");
    assert.equal(accepted.status, 0, accepted.output);
    assert.match(
      accepted.output,
      /accepted as it is \(acceptDifferences\): (Secret default\/partner-api-key \(missing\)|Timeout default\/redis-timeout \(changed\)), /,
    );
    const up = await run("up");
    assert.equal(up.status, 0, up.output);
    assert.match(up.output, /nothing to do: everything is as it should be/);
    assert.equal((await getJson<{ conf: { connectTimeout: string } }>(url)).conf.connectTimeout, "9s");
    assert.equal((await ask(secret)).status, 404);
    assert.equal((await report()).status, 0);
  });

  it("takes it all down", async () => {
    const { status, output } = await run("destroy");
    assert.equal(status, 0, output);
    assert.equal((await run("refresh")).status, 2);
  });
});

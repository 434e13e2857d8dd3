import assert from "node:assert/strict";
import { needsEngine } from "../../support/pulumi/engine";
import { needsKumaCp } from "../../support/controlPlane/kumaCp";
import { until } from "../../support/until";
import { Sandbox, getJson, oneZone } from "../support";

const timeout = (name: string, labels?: object) => ({
  ...{ type: "MeshTimeout", mesh: "default", name, labels },
  spec: { to: [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout: "3s" } }] },
});
const CONTENT = [
  { type: "Mesh", name: "default" },
  timeout("everywhere"),
  timeout("stays-here", { "kuma.io/kds-sync": "disabled" }),
];
const LOST = "MeshTimeout default/stays-here";

/** Of what KDS leaves in a zone nobody else has a copy. */
for (const isReal of [false, true]) {
  describe(`a member on a memory store that was killed, ${isReal ? "on real control planes" : "on the stand-in"}`, function () {
    needsEngine();
    let sandbox: Sandbox;
    let zoneUrl = "";

    before(async function () {
      sandbox = new Sandbox(isReal ? { KUMA_CP: await needsKumaCp(this) } : {});
      const kumaCp = isReal ? "path" : "embedded";
      const content = sandbox.writeContent("zone", CONTENT);
      const stack = await oneZone({ kumaCp, store: "memory", content });
      zoneUrl = stack.zoneUrl;
      const global = { ...(stack.config.global as object), kumaCp };
      sandbox.writeStack("test", { ...stack.config, global });
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 0, output);
    });

    after(() => sandbox?.remove());

    const own = async () => {
      const { items } = await getJson<{ items: { name: string }[] }>(`${zoneUrl}/meshtimeouts`);
      return items.map(({ name }) => name).filter((name) => ["everywhere", "stays-here"].includes(name));
    };

    it("has nothing missing before", async () => {
      const refresh = await sandbox.run("refresh", "--stack", "test");
      assert.equal(refresh.status, 0, refresh.output);
      const status = await sandbox.run("status", "--stack", "test");
      assert.doesNotMatch(status.output, /this is missing/);
    });

    it("is told by refresh and status to have lost what it alone had", async () => {
      const zone = sandbox.processes("state/stacks/test/zones");
      assert.equal(zone.length, 1);
      process.kill(zone[0], "SIGKILL");
      await until("its end", () => sandbox.processes("state/stacks/test/zones").length === 0);
      const refresh = await sandbox.run("refresh", "--stack", "test");
      assert.match(refresh.output, new RegExp(`  missing: ${LOST}\n`));
      assert.equal(refresh.status, 1, refresh.output);
      await sandbox.startZones();
      const status = await sandbox.run("status", "--stack", "test");
      assert.match(status.output, new RegExp(`Warning: .* this is missing: ${LOST}\\.`));
      const still = await sandbox.run("refresh", "--stack", "test");
      assert.equal(still.status, 1, still.output);
    });

    it("gets it back by the next up", async () => {
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 0, output);
      assert.deepEqual((await own()).sort(), ["everywhere", "stays-here"]);
      const refresh = await sandbox.run("refresh", "--stack", "test");
      assert.equal(refresh.status, 0, refresh.output);
      assert.doesNotMatch(output, /this is missing/);
    });
  });
}

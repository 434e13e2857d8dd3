import assert from "node:assert/strict";
import * as path from "node:path";
import { ControlPlane, isGenerated, manifestOf, readZone } from "../../../kuma";
import type { ControlPlaneProcess } from "../../../platforms/universal/controlPlaneProcess";
import { needsEngine } from "../../support/pulumi/engine";
import { needsKumaCp } from "../../support/controlPlane/kumaCp";
import { freePortBase } from "../../support/ports";
import {
  Run,
  Sandbox,
  adminTokens,
  clearFaults,
  dialled,
  oneZone,
  put,
  setFaults,
  startGlobal,
} from "../support";

const OWN_POLICY = {
  type: "MeshTimeout",
  name: "of-the-operator",
  mesh: "default",
  spec: {
    targetRef: { kind: "Mesh" },
    to: [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout: "7s" } }],
  },
};

/** Everything that a global holds, by digest, apart from the keys that it checks tokens with, which follow the zone's. */
async function holdings(url: string): Promise<Record<string, string>> {
  const global = new ControlPlane({ title: "the global", url, tokens: adminTokens(url) });
  const { resources } = await readZone(global);
  global.close();
  return manifestOf(resources.filter((resource) => !isGenerated(resource)));
}

for (const kind of ["stand-in", "real kuma-cp"] as const) {
  describe(`what a zone brought, when it leaves its global (${kind})`, function () {
    needsEngine();
    let sandbox: Sandbox;
    let global: ControlPlaneProcess;
    let globalUrl: string;
    let config: Record<string, unknown>;
    let zone: Record<string, unknown>;
    let zoneUrl: string;
    let kumaCp: string | undefined;
    let empty: Record<string, string>;

    before(async function () {
      if (kind === "stand-in") return;
      const found = await needsKumaCp(this);
      kumaCp = found;
    });

    beforeEach(async () => {
      sandbox = new Sandbox(kumaCp ? { KUMA_CP: kumaCp } : {});
      const others = await startGlobal(
        sandbox.directory,
        kumaCp ? { KUMA_STORE_TYPE: "memory" } : {},
        kumaCp,
      );
      ({ process: global, url: globalUrl } = others);
      const stack = await oneZone({ kumaCp: kumaCp ? "path" : "embedded" });
      zoneUrl = stack.zoneUrl;
      [zone] = stack.config.zones as Record<string, unknown>[];
      config = { ...stack.config, global: others.config };
      empty = await holdings(globalUrl);
    });

    afterEach(async () => {
      await sandbox.remove();
      await global.remove();
    });

    const stackWith = (settings: Record<string, unknown>) =>
      sandbox.writeStack("test", { ...config, ...settings });
    // both zones have a mesh of that name, and signing keys
    const keepGlobal = { choice: "keepGlobal" };
    // the mesh that a global of its own accord has is without mTLS
    const onConflict = [
      { resources: "Mesh default", ...keepGlobal, endsMtls: true },
      { resources: "*", ...keepGlobal },
    ];
    const stackOfTwo = (settings: Record<string, unknown>) => stackWith({ onConflict, ...settings });
    const passing = async (command: string, ...args: string[]): Promise<Run> => {
      const run = await sandbox.run(command, "--stack", "test", ...args);
      assert.equal(run.status, 0, run.output);
      return run;
    };

    it("stays there unless the stack asks for more", async () => {
      stackWith({});
      await passing("up");
      stackWith({ zones: [{ ...zone, federated: false }] });
      assert.match((await passing("preview")).output, /the 7 resources that it brought stay on the global/);
      assert.match((await passing("up")).output, /the 7 resources that it brought stay on the global/);
      assert.deepEqual(Object.keys(await holdings(globalUrl)).filter((key) => !(key in empty)).length, 7);
    });

    it("is taken off it, also when the setting and the zone are changed at once", async () => {
      stackWith({});
      await passing("up");
      assert.notDeepEqual(await holdings(globalUrl), empty);
      stackWith({ onUndo: "removeFromGlobal", zones: [{ ...zone, federated: false }] });
      const { output } = await passing("preview");
      assert.match(output, /taken off the global, unless others may use it: .*Mesh default/);
      assert.match((await passing("up")).output, /7 resources that it brought, taken off the global/);
      assert.deepEqual(await holdings(globalUrl), empty);
      assert.equal(await dialled(zoneUrl), undefined);
    });

    it("stays with its mesh when there is something else in it by now", async () => {
      stackWith({ onUndo: "removeFromGlobal" });
      await passing("up");
      assert.equal(await put(`${globalUrl}/meshes/default/meshtimeouts/of-the-operator`, OWN_POLICY), 201);
      const before = await holdings(globalUrl);
      stackWith({ onUndo: "removeFromGlobal", zones: [{ ...zone, federated: false }] });
      const { output } = await passing("up");
      assert.match(
        output,
        /left on the global: .* \(mesh default is not as it was brought, by MeshTimeout default\/of-the-operator\)/,
      );
      const after = await holdings(globalUrl);
      const gone = Object.keys(before).filter((key) => !(key in after));
      // what the zone owns went with it; what it brought to no mesh goes as well
      assert.deepEqual(
        gone.filter((key) => /^(Mesh|Secret|Timeout|HealthCheck) /.test(key)),
        [],
      );
      assert.ok("MeshTimeout default/of-the-operator" in after);
    });

    it("goes with the zones in the opposite order, and not before a zone that joined later", async () => {
      const base = await freePortBase();
      const mesh = { type: "Mesh", name: "second" };
      const secret = { type: "Secret", name: "of-second", mesh: "second", data: "eA==" };
      const content = sandbox.writeContent("second", [mesh, secret]);
      const second = { ...zone, name: "zone-2", portBase: base, content, store: "memory" };
      stackOfTwo({ onUndo: "removeFromGlobal", zones: [zone, second] });
      await passing("up");

      stackOfTwo({ onUndo: "removeFromGlobal", zones: [{ ...zone, federated: false }, second] });
      const preview = (await passing("preview")).output;
      assert.match(preview, /the control plane of zone zone-1 restarts/);
      assert.doesNotMatch(
        preview,
        /zone zone-2 restarts|zone-2-federation/,
        "what opens the global changes alone",
      );
      assert.match(
        (await passing("up")).output,
        /zone-1: left on the global: .* \(zone zone-2 came later and may use it\)/,
      );
      assert.ok("Mesh default" in (await holdings(globalUrl)));
      await passing("destroy");
      const left = Object.keys(await holdings(globalUrl)).filter((key) => !(key in empty));
      assert.deepEqual(
        left.filter((key) => /second/.test(key)),
        [],
      );
      assert.ok(left.includes("Mesh default"), "it was said that it is left");
    });

    it("stays for a zone that came later, wherever the stack names it", async () => {
      const base = await freePortBase();
      const content = sandbox.writeContent("second", [{ type: "Mesh", name: "second" }]);
      const second = { ...zone, name: "zone-2", portBase: base, content, store: "memory" };
      const first = { ...zone, store: "memory" };
      const alone = (one: Record<string, unknown>) => ({ ...one, federated: false });
      stackOfTwo({ zones: [alone(first), second] });
      await passing("up");
      stackOfTwo({ zones: [first, second] });
      await passing("up");
      stackOfTwo({ onUndo: "removeFromGlobal", zones: [first, alone(second)] });
      assert.match(
        (await passing("up")).output,
        /zone-2: left on the global: .* \(zone zone-1 came later and may use it\)/,
      );
      assert.ok("Mesh second" in (await holdings(globalUrl)));
      await passing("status");
    });

    it("is nothing of two zones after destroy", async () => {
      const base = await freePortBase();
      const content = sandbox.writeContent("second", [{ type: "Mesh", name: "second" }]);
      const second = { ...zone, name: "zone-2", portBase: base, content, store: "memory" };
      stackOfTwo({ zones: [zone, second] });
      await passing("up");
      stackOfTwo({ onUndo: "removeFromGlobal", zones: [zone, second] });
      await passing("destroy");
      assert.deepEqual(await holdings(globalUrl), empty);
    });
  });
}

describe("what a zone brought in a federation that failed", function () {
  needsEngine();

  it("is told apart from what another global has that the stack is given then", async () => {
    const sandbox = new Sandbox();
    const [first, second] = [
      await startGlobal(path.join(sandbox.directory, "first")),
      await startGlobal(path.join(sandbox.directory, "second")),
    ];
    try {
      const license = { type: "GlobalSecret", name: "license", data: "eA==" };
      const content = sandbox.writeContent("content", [{ type: "Mesh", name: "default" }, license]);
      assert.equal(await put(`${second.url}/global-secrets/license`, license), 201);
      const before = await holdings(second.url);
      const { config } = await oneZone({ content });
      const stack = { ...config, onUndo: "removeFromGlobal" };
      sandbox.writeStack("test", { ...stack, global: first.config });
      await setFaults(first.url, { only: "PUT .*license", errorRate: 1, errorStatus: 400 });
      assert.equal((await sandbox.run("up", "--stack", "test")).status, 2);

      sandbox.writeStack("test", { ...stack, global: second.config });
      const up = await sandbox.run("up", "--stack", "test");
      assert.equal(up.status, 0, up.output);
      assert.match(up.output, /what it brought to its former global stays there/);
      const { status, output } = await sandbox.run("destroy", "--stack", "test");
      assert.equal(status, 0, output);
      assert.deepEqual(await holdings(second.url), before);
    } finally {
      await sandbox.remove();
      await first.process.remove();
      await second.process.remove();
    }
  });

  it("is taken off the global again by destroy", async () => {
    const sandbox = new Sandbox();
    const global = await startGlobal(sandbox.directory);
    try {
      const empty = await holdings(global.url);
      const { config } = await oneZone();
      sandbox.writeStack("test", { ...config, global: global.config, onUndo: "removeFromGlobal" });
      await setFaults(global.url, { only: "PUT .*partner-api-key", errorRate: 1, errorStatus: 400 });
      const failed = await sandbox.run("up", "--stack", "test");
      assert.equal(failed.status, 2, failed.output);
      await clearFaults(global.url);
      assert.ok("Mesh default" in (await holdings(global.url)), "some of it was written");
      const { status, output } = await sandbox.run("destroy", "--stack", "test");
      assert.equal(status, 0, output);
      assert.deepEqual(await holdings(global.url), empty);
    } finally {
      await sandbox.remove();
      await global.process.remove();
    }
  });
});

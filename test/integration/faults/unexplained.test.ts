import assert from "node:assert/strict";
import { needsEngine } from "../../support/pulumi/engine";
import { needsKumaCp } from "../../support/controlPlane/kumaCp";
import { Run, Sandbox, ask, oneZone, setFaults } from "../support";

const CONTENT = [
  { type: "Mesh", name: "default" },
  { type: "Secret", mesh: "default", name: "own", data: "ZXhhbXBsZSBvbmx5" },
  {
    ...{ type: "Dataplane", mesh: "default", name: "proxy" },
    networking: { address: "127.0.0.1", inbound: [{ port: 7777, tags: { "kuma.io/service": "web" } }] },
  },
];
const PROXY = "meshes/default/dataplanes/proxy";
const SECRET = "meshes/default/secrets/own";

/** All was done, and a zone is not what it was: that is a problem that was found, and no error. */
for (const isReal of [false, true]) {
  describe(`a zone that is not what it was, ${isReal ? "on real control planes" : "on the stand-in"}`, function () {
    needsEngine();
    let sandbox: Sandbox;
    let config: Record<string, unknown>;
    let [zoneUrl, globalUrl] = ["", ""];

    before(async function () {
      sandbox = new Sandbox(isReal ? { KUMA_CP: await needsKumaCp(this) } : {});
      const kumaCp = isReal ? "path" : "embedded";
      const stack = await oneZone({ kumaCp, content: sandbox.writeContent("zone", CONTENT) });
      ({ zoneUrl, globalUrl } = stack);
      config = { ...stack.config, global: { ...(stack.config.global as object), kumaCp } };
      sandbox.writeStack("test", config);
    });

    after(() => sandbox?.remove());

    // one that ends does not always say so
    const askQuickly = (path: string, init: RequestInit = {}) =>
      ask(`${zoneUrl}/${path}`, { ...init, signal: AbortSignal.timeout(1_000) });

    async function isFederated(): Promise<boolean> {
      const answer = await askQuickly("config");
      const { multizone } = (await answer.json()) as { multizone: { zone: { globalAddress?: string } } };
      return Boolean(multizone.zone.globalAddress);
    }

    /** Runs `up` while somebody deletes a resource of the zone's whenever it is, or is not, federated. */
    async function upWhileLost(path: string, whileFederated: boolean): Promise<Run> {
      const { child, done } = sandbox.start("up", "--stack", "test");
      while (child.exitCode === null) {
        const isNow = await isFederated().catch(() => undefined);
        if (isNow === whileFederated) await askQuickly(path, { method: "DELETE" }).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return done;
    }

    it("ends up with exit status 1 where it has joined", async () => {
      const { status, output } = await upWhileLost(PROXY, true);
      assert.match(output, /explained by no rule of docs\/ledger\.md: Dataplane default\/proxy is gone\./);
      assert.doesNotMatch(output, /\[code: /);
      assert.equal(status, 1, output);
    });

    it("is done with exit status 0 where the difference is accepted", async () => {
      sandbox.writeStack("test", { ...config, acceptDifferences: ["Dataplane default/proxy"] });
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 0, output);
    });

    it("ends the way back with exit status 1 where it is back", async () => {
      const [zone] = config.zones as object[];
      sandbox.writeStack("test", { ...config, zones: [{ ...zone, federated: false }] });
      // between the filling of the zone and the look at it; a real global takes as long by itself
      if (!isReal) await setFaults(globalUrl, { latencyMs: 4_000, only: "^DELETE .*/zones/" });
      const { status, output } = await upWhileLost(SECRET, false);
      assert.match(output, /explained by no rule of docs\/ledger\.md: .*Secret default\/own is gone/);
      assert.doesNotMatch(output, /\[code: /);
      assert.equal(status, 1, output);
    });
  });
}

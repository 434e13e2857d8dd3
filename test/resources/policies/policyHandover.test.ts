import assert from "node:assert/strict";
import { Resource, manifestOf } from "../../../kuma";
import type { Properties } from "../../../resources/provider/handler";
import { MEMBERS_VARIABLE } from "../../../resources/options/members";
import { captureLog } from "../../support/captureLog";
import { cleanUp, setEnvironment, withoutPauses } from "../../support/cleanUp";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { FakeKds, inZone } from "../../support/controlPlane/fakeKds";
import { HandlerRun } from "../../support/pulumi/handlerRun";

const POLICY: Resource = {
  ...{ type: "MeshTimeout", mesh: "default", name: "slow" },
  spec: { to: [{ targetRef: { kind: "Mesh" }, default: { idleTimeout: "1h" } }] },
};
const KEY = "MeshTimeout default/slow";

describe("resources/handlers of policies that are handed over", () => {
  let zone: FakeControlPlane;
  let global: FakeControlPlane;
  let state: Map<string, Properties>;
  let told: string[];

  beforeEach(async () => {
    const multizone = { zone: { name: "zone-1", globalAddress: "grpcs://g:5685" } };
    zone = await FakeControlPlane.start({ config: { mode: "zone", environment: "universal", multizone } });
    global = await FakeControlPlane.start();
    zone.add(inZone(POLICY));
    new FakeKds(global, zone).everything();
    state = new Map();
    told = captureLog().lines;
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const connections = (): Properties => ({
    ...{ zoneName: "zone-1", zone: { url: zone.url }, global: { url: global.url } },
  });
  const run = () => new HandlerRun(state);
  const record = (more: Properties = {}) =>
    run().step("policyWayBack", {
      ...connections(),
      ...{ globalVersion: "2.14.3", onConflict: "fail", followers: [] },
      ...more,
    });
  const carryOut = (more: Properties = {}) => {
    const { policies, originals } = state.get("policyWayBack") ?? {};
    return run().step("policyHandover", {
      ...connections(),
      ...{ policies, originals, onConflict: "fail", onDrift: "repairMissing" },
      ...more,
    });
  };
  const ownInZone = () =>
    [...zone.store.values()].filter(({ labels }) => labels?.["kuma.io/origin"] === "zone");

  describe("policyWayBack", () => {
    it("records what is handed over, by digest and as it was, and writes nothing", async () => {
      const { outs } = await record();
      assert.deepEqual(outs.policies, manifestOf([POLICY]));
      assert.deepEqual(outs.added, [KEY]);
      assert.deepEqual([...zone.writes, ...global.writes], []);
      assert.ok(told.some((line) => line.includes(`create on the global, then retire in the zone: ${KEY}`)));
      assert.equal((await record()).changed, false);
    });

    it("does not count as added what the global had before", async () => {
      global.add(POLICY);
      assert.deepEqual((await record()).outs.added, []);
    });

    it("refuses what the global has otherwise, before anything is recorded", async () => {
      global.add({ ...POLICY, spec: { to: [] } });
      await assert.rejects(record(), /nothing was written.*MeshTimeout default\/slow: differs in spec/s);
      assert.equal(state.size, 0);
    });

    it("keeps to its record while the control planes are not there, or not known", async () => {
      const { outs } = await record();
      await zone.stop();
      withoutPauses();
      assert.equal((await record()).changed, false);
      setEnvironment("KUMA_FEDERATION_PREFLIGHT", "true");
      assert.equal((await record()).changed, false);
      assert.deepEqual(state.get("policyWayBack"), outs);
    });

    it("adds what the zone has got since", async () => {
      await record();
      const { policies } = (await record()).outs;
      zone.add(inZone({ ...POLICY, name: "new" }));
      const { outs, changed } = await record();
      assert.equal(changed, true);
      assert.deepEqual(outs.policies, {
        ...(policies as object),
        ...manifestOf([{ ...POLICY, name: "new" }]),
      });
      assert.deepEqual(outs.added, [KEY, "MeshTimeout default/new"]);
    });

    it("gives the zone its own again, and takes from the global what was added", async () => {
      await record();
      await carryOut();
      await run().remove("policyHandover");
      assert.deepEqual(ownInZone(), [], "a handover alone gives nothing back");
      await run().remove("policyWayBack");
      assert.deepEqual(
        ownInZone().map(({ name }) => name),
        ["slow"],
      );
      assert.deepEqual([...global.store.keys()], []);
      assert.ok(told.includes("zone zone-1: 1 policies are the zone's own again"), told.join("\n"));
    });

    it("leaves on the global what a zone that joined later may rely on", async () => {
      await record({ followers: ["zone-2"] });
      await carryOut();
      global.add({ type: "Zone", name: "zone-2" });
      await run().remove("policyWayBack");
      assert.ok(global.store.has(KEY));
      assert.ok(told.some((line) => /left on the global, as zone-2 may rely on them/.test(line)));
    });

    it("leaves there what one that joined earlier may rely on, where it stays", async () => {
      for (const [members, isLeft] of [
        ["zone-0", true],
        ["zone-1,zone-2", false],
        ["", false],
      ] as const) {
        await record();
        await carryOut();
        global.add({ type: "Zone", name: "zone-0" });
        setEnvironment(MEMBERS_VARIABLE, members);
        await run().remove("policyWayBack");
        assert.equal(global.store.has(KEY), isLeft, members);
        state.clear();
        global.store.delete(KEY);
      }
    });

    it("keeps its record, and says so, where a control plane is not there to be given them back", async () => {
      await record();
      await carryOut();
      await zone.stop();
      withoutPauses();
      await assert.rejects(
        run().remove("policyWayBack"),
        /Zone zone-1 did not get its policies back: .*The global keeps what it has/s,
      );
      assert.ok(state.has("policyWayBack"));
    });
  });

  describe("policyHandover", () => {
    beforeEach(() => record());

    it("makes them the global's, retires the zone's own, and has nothing to do the next time", async () => {
      const { outs } = await carryOut();
      assert.deepEqual(outs.handed, manifestOf([POLICY]));
      assert.deepEqual([ownInZone(), [...global.store.keys()]], [[], [KEY]]);
      assert.equal((await carryOut()).changed, false);
      assert.ok(told.includes("zone zone-1: 1 policies are the global's, and in force in the zone"));
    });

    it("retires again what is back in the zone", async () => {
      await carryOut();
      zone.add(inZone(POLICY));
      assert.equal((await carryOut()).changed, true);
      assert.deepEqual(ownInZone(), []);
      assert.ok(told.includes("zone zone-1: 1 policies are back in the zone, to be retired again"));
    });

    it("puts back what the global lost, and leaves what its owner changed there", async () => {
      await carryOut();
      global.store.delete(KEY);
      assert.equal((await carryOut()).changed, true);
      assert.ok(global.store.has(KEY));

      const changed = { ...POLICY, spec: { to: [] } };
      global.add(changed);
      assert.equal((await carryOut()).changed, false);
      assert.deepEqual(global.store.get(KEY), changed);
    });

    it("tells a refresh what is missing, and changes nothing", async () => {
      await carryOut();
      global.store.delete(KEY);
      zone.requests.length = global.requests.length = 0;
      const { drift } = await run().refresh("policyHandover");
      assert.deepEqual(drift, { [KEY]: "missing" });
      assert.deepEqual([...zone.writes, ...global.writes], []);
    });

    it("is to be looked at again where a control plane does not answer: what brings it back comes first", async () => {
      await carryOut();
      const olds = state.get("policyHandover") as Properties;
      await global.stop();
      withoutPauses();
      const news = { ...olds };
      for (const name of ["handed", "drift", "ledger"]) delete news[name];
      assert.equal((await run().diff("policyHandover", olds, news)).changes, true);
      setEnvironment("KUMA_FEDERATION_PREFLIGHT", "true");
      assert.equal((await run().diff("policyHandover", olds, news)).changes, false);
    });
  });
});

import assert from "node:assert/strict";
import { Resource, packSnapshot } from "../../../kuma";
import type { Properties } from "../../../providers/handler";
import { InProcessFederation } from "../../support/inProcessFederation";
import { HandlerRun } from "../../support/handlerRun";

const MESH: Resource = {
  ...{ type: "Mesh", name: "default" },
  mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] },
};
const POLICY: Resource = {
  ...{ type: "MeshTimeout", mesh: "default", name: "slow" },
  spec: { to: [{ targetRef: { kind: "Mesh" }, default: { idleTimeout: "1h" } }] },
};

/**
 * Two control planes with KDS between them; that Helm starts the zone's again is played. What the way back writes in the
 * cluster is not tried here, as it does not go through the control plane's API there (test/platforms/kubernetes).
 */
describe("providers/handlers of an adopted zone on Kubernetes", function () {
  this.timeout(300_000);
  let federation: InProcessFederation;
  let state: Map<string, Properties>;
  let told: string[];
  const print = console.log;

  beforeEach(async () => {
    // as a cluster does, it keeps what it holds when the control plane is started again
    federation = await InProcessFederation.start("file");
    await federation.write([MESH, POLICY]);
    state = new Map();
    told = [];
    console.log = (line: string) => void told.push(line);
  });
  afterEach(async () => {
    console.log = print;
    await federation.stop();
  });

  const wayBack = (): Properties => ({
    ...federation.connections,
    snapshot: packSnapshot(federation.snapshot),
  });
  const joined = (more: Properties = {}): Properties => ({
    ...federation.connections,
    kdsAddress: federation.kdsAddress,
    resources: federation.manifest,
    release: "1",
    before: state.get("kubernetesWayBack")?.before,
    ...more,
  });
  const run = () => new HandlerRun(state);
  const held = async () => {
    const types = (await federation.zone.resourceTypes()).filter(({ name }) =>
      ["Mesh", "MeshTimeout"].includes(name),
    );
    return (await Promise.all(types.map((type) => federation.zone.list(type)))).flat();
  };

  it("records the zone before it joins, and holds it to that once it has", async () => {
    const recorded = await run().step("kubernetesWayBack", wayBack());
    assert.equal(typeof recorded.outs.before, "string");
    assert.equal((await run().step("kubernetesWayBack", wayBack())).changed, false);

    await federation.join();
    const { outs } = await run().step("kubernetesZoneFederation", joined());
    assert.deepEqual([outs.online, typeof outs.version], [true, "string"]);
    assert.ok((outs.ledger as { recorded: number }).recorded >= 2, "it was compared with its record");
    assert.equal((await run().step("kubernetesZoneFederation", joined())).changed, false);
    await run().step("kubernetesWayBack", wayBack());
    assert.equal(
      state.get("kubernetesWayBack")?.before,
      recorded.outs.before,
      "a zone that has joined is not recorded anew",
    );

    assert.ok(
      told.some((line) => line.includes("zone-1")),
      "what was compared is told",
    );
  });

  it("records a zone anew that its owner changes while it is alone", async () => {
    await run().step("kubernetesWayBack", wayBack());
    await federation.write([{ ...POLICY, name: "another" }]);
    assert.equal((await run().step("kubernetesWayBack", wayBack())).changed, true);
  });

  it("does not take back a zone that still dials its global, and changes nothing", async () => {
    await run().step("kubernetesWayBack", wayBack());
    await federation.join();
    const before = await held();
    await assert.rejects(
      run().remove("kubernetesWayBack"),
      /^KumaError: Zone zone-1 still dials grpc:\S+, so it was not taken off its global; nothing was changed\./,
    );
    assert.deepEqual(await held(), before);
    assert.ok(state.has("kubernetesWayBack"), "it is tried again");
  });

  it("looks again at a zone that dials another address, or does not answer", async () => {
    await run().step("kubernetesWayBack", wayBack());
    await federation.join();
    await run().step("kubernetesZoneFederation", joined());
    await federation.startAlone();
    const diff = async () => {
      const olds = state.get("kubernetesZoneFederation") as Properties;
      return (await run().diff("kubernetesZoneFederation", olds, joined())).changes;
    };
    assert.equal(await diff(), true);
    await federation.zoneProcess.stop();
    assert.equal(await diff(), true);
  });
});

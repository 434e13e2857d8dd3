import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Resource, packSnapshot, restoreOnGlobal } from "../../../../kuma";
import {
  type PackedZone,
  lookAtZone,
  remembered,
  unpackZone,
} from "../../../../platforms/kubernetes/ownedResources";
import { beginReturn, endReturn } from "../../../../platforms/kubernetes/return";
import type { Properties } from "../../../../resources/provider/handler";
import { captureLog } from "../../../support/captureLog";
import { cleanUp, withShortPauses } from "../../../support/cleanUp";
import { InProcessFederation } from "../../../support/controlPlane/inProcessFederation";
import { HandlerRun } from "../../../support/pulumi/handlerRun";
import { until } from "../../../support/until";

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
describe("resources of an adopted zone on Kubernetes", function () {
  let federation: InProcessFederation;
  let state: Map<string, Properties>;
  let told: string[];
  let directory: string;

  beforeEach(async () => {
    withShortPauses();
    // as a cluster does, it keeps what it holds when the control plane is started again
    federation = await InProcessFederation.start("file");
    await federation.write([MESH, POLICY]);
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "kuma-federation-test-"));
    state = new Map();
    told = captureLog().lines;
  });
  afterEach(async () => {
    await cleanUp();
    await federation.stop();
    fs.rmSync(directory, { recursive: true, force: true });
  });

  const wayBack = (): Properties => ({
    ...federation.connections,
    directory: path.join(directory, "zones/zone-1"),
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
    assert.equal((await run().step("kubernetesWayBack", wayBack())).changed, false);

    assert.ok(
      told.some((line) => line.includes("zone-1")),
      "what was compared is told",
    );
  });

  it("records a zone anew that its owner changes while it is alone", async () => {
    const { outs } = await run().step("kubernetesWayBack", wayBack());
    await federation.write([{ ...POLICY, name: "another" }]);
    assert.notEqual((await run().step("kubernetesWayBack", wayBack())).outs.before, outs.before);
  });

  it("does not record anew a zone that somebody else has let run alone again, and that has its global's copies", async () => {
    const recorded = await run().step("kubernetesWayBack", wayBack());
    await federation.join();
    await run().step("kubernetesZoneFederation", joined());
    await federation.startAlone();
    await run().step("kubernetesWayBack", wayBack());
    assert.equal(state.get("kubernetesWayBack")?.before, recorded.outs.before);
  });

  it("keeps what the zone was when it began to leave, until it was held to it", async () => {
    const { connections, zone, global } = federation;
    const place = wayBack().directory as string;
    await run().step("kubernetesWayBack", wayBack());
    await federation.join();
    const begin = () => beginReturn(place, { zone, global, zoneName: connections.zoneName });
    const first = await begin();
    assert.ok(!first.resources.some(({ type }) => type.endsWith("Secret")), "no key lies on the disk");
    const own = { "kuma.io/origin": "zone" };
    await federation.write([{ ...POLICY, name: "another", labels: own }]);
    assert.deepEqual(await begin(), first, "a second attempt goes on with the first one's");
    const file = path.join(place, "leaving.json");
    const noted = JSON.parse(fs.readFileSync(file, "utf8")) as object;
    fs.writeFileSync(file, JSON.stringify({ ...noted, subscription: "an earlier one" }));
    const keys = (await begin()).resources.map(({ name }) => name);
    assert.ok(keys.includes("another"), "one that has joined again leaves for another time");
    endReturn(place);
    assert.deepEqual(fs.readdirSync(place), []);
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

  describe("when its global has lost a mesh", () => {
    const own = { "kuma.io/origin": "zone" };
    const later: Resource = { ...POLICY, name: "later", labels: own };
    /** Without those that a control plane makes for each mesh. */
    const names = async () =>
      (await held())
        .filter(({ type, name }) => type === "MeshTimeout" && !name.startsWith("mesh-"))
        .map(({ name }) => name);
    const loseMesh = async () => {
      const types = await federation.global.resourceTypes();
      const mesh = types.find(({ name }) => name === "Mesh") ?? assert.fail();
      await federation.global.delete(mesh, { type: "Mesh", name: "default" });
      await until("the mesh to be gone", async () => !(await held()).some(({ type }) => type === "Mesh"));
      assert.deepEqual(await names(), [], "what the zone owned has gone with it");
    };
    const mend = async () => {
      await restoreOnGlobal(
        federation.global,
        federation.snapshot,
        Object.keys(federation.manifest),
        "zone-1",
      );
      // as the handler does with a Deployment, so that the zone asks for everything
      const settings = federation.zoneProcess.settings() ?? assert.fail();
      await federation.zoneProcess.start(settings, { anew: true });
    };
    beforeEach(async () => {
      await run().step("kubernetesWayBack", wayBack());
      await federation.join();
      await run().step("kubernetesZoneFederation", joined());
      await federation.write([later]);
      assert.equal(
        (await run().step("kubernetesZoneFederation", joined())).changed,
        true,
        "it is remembered",
      );
      assert.equal((await run().step("kubernetesZoneFederation", joined())).changed, false);
    });

    it("gives it back what it owned there, what was added since among it", async () => {
      await loseMesh();
      await mend();
      told.length = 0;
      const { changed } = await run().step(
        "kubernetesZoneFederation",
        joined({ resources: federation.manifest }),
      );
      assert.equal(changed, true);
      assert.deepEqual((await names()).sort(), ["later", "slow"]);
      const line = told.find((each) => each.includes("put back of what it owned there")) ?? "";
      assert.match(line, /MeshTimeout default\/later\b/);
      assert.match(line, /MeshTimeout default\/slow\b/);
      assert.match(line, /it has mesh default again, which its global had lost/);
      assert.equal((await run().step("kubernetesZoneFederation", joined())).changed, false);
    });

    it("does not give it back what its owner has deleted before", async () => {
      const types = await federation.zone.resourceTypes();
      const timeouts = types.find(({ name }) => name === "MeshTimeout") ?? assert.fail();
      await federation.zone.delete(timeouts, POLICY);
      await run().step("kubernetesZoneFederation", joined());
      await loseMesh();
      await mend();
      await run().step("kubernetesZoneFederation", joined());
      assert.deepEqual(await names(), ["later"]);
    });

    it("keeps what it owned as long as the mesh is away", async () => {
      await loseMesh();
      const { known } = state.get("kubernetesZoneFederation") as { known: PackedZone };
      const now = await lookAtZone(federation.zone, "zone-1");
      assert.deepEqual(now.meshes, {});
      const next = remembered(unpackZone(known), now);
      assert.deepEqual(next.meshes, unpackZone(known).meshes);
      const kept = next.record.resources.map(({ name }) => name);
      assert.ok(kept.includes("slow") && kept.includes("later"));
    });
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

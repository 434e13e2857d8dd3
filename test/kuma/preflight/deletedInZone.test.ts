import * as assert from "node:assert/strict";
import { Facts, Finding, Resource } from "../../../kuma";
import { deletedInZone } from "../../../kuma/preflight/checks/controlPlanes/global";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";

const MESH: Resource = { type: "Mesh", name: "default" };
const ZONE_CONFIG = {
  mode: "zone",
  environment: "universal",
  multizone: { zone: { name: "zone-1", globalAddress: "" } },
};

/** A policy as KDS copies it to a zone: under a name with a hash, the first one in a label. */
const copy = (name: string, more: object = {}): Resource => ({
  type: "MeshTimeout",
  mesh: "default",
  name: `${name}-5xv2dzb7w9c4f6x8`,
  labels: { "kuma.io/origin": "global", "kuma.io/display-name": name },
  spec: {},
  ...more,
});
const policy = (name: string, more: object = {}): Resource => ({
  type: "MeshTimeout",
  mesh: "default",
  name,
  spec: {},
  ...more,
});

/** A zone's first connection deletes what counts as the global's and does not come from it (Kuma, sync.go). */
describe("kuma/preflight: what a zone's first connection would delete", () => {
  afterEach(stopFakes);

  async function found(inZone: Resource[], onGlobal: Resource[] | undefined): Promise<Finding> {
    const zone = await FakeControlPlane.start({ config: ZONE_CONFIG, resources: [MESH, ...inZone] });
    const global =
      onGlobal &&
      (await FakeControlPlane.start({ config: { mode: "global" }, resources: [MESH, ...onGlobal] }));
    return deletedInZone.run(
      new Facts({
        zoneName: "zone-1",
        zone: clientOf(zone),
        global: global && clientOf(global),
        kdsAddress: undefined,
        onConflict: "fail",
      }),
    );
  }
  async function look(inZone: Resource[], onGlobal: Resource[] | undefined) {
    const { verdict, evidence = [] } = await found(inZone, onGlobal);
    return { verdict, evidence };
  }
  const OK = { verdict: "ok", evidence: [] };

  it("is told with what to do, as something that ends the run before it begins", async () => {
    const { sentence, remedy, error } = await found([copy("a")], []);
    assert.equal(
      sentence,
      "1 resource(s) of the zone count as the global's, which does not have them: the zone would delete them at its first connection.",
    );
    assert.equal(
      remedy,
      "Write them again in the zone without the label kuma.io/origin, or delete them if they are left from a global that the zone once had.",
    );
    assert.equal(error, "gate");
    const nothing = await found([], []);
    assert.equal(nothing.sentence, "The zone has nothing that its first connection would delete.");
  });

  it("is nothing that the global holds under its first name", async () => {
    assert.deepEqual(await look([copy("a"), copy("b")], [policy("a"), policy("b")]), OK);
  });

  it("is each copy that the global does not hold, and none beside it", async () => {
    assert.deepEqual(await look([copy("a"), copy("b")], [policy("b"), policy("a-5xv2dzb7w9c4f6x8")]), {
      verdict: "blocker",
      evidence: ["MeshTimeout default/a-5xv2dzb7w9c4f6x8"],
    });
  });

  it("is a copy whose name the global holds in another mesh, or of another type, alone", async () => {
    const others = [policy("a", { mesh: "other" }), policy("a", { type: "MeshRetry" })];
    const { verdict } = await look([copy("a")], [{ ...MESH, name: "other" }, ...others]);
    assert.equal(verdict, "blocker");
  });

  it("is all of it as long as there is no global", async () => {
    assert.deepEqual(await look([copy("a"), copy("b")], undefined), {
      verdict: "blocker",
      evidence: ["MeshTimeout default/a-5xv2dzb7w9c4f6x8", "MeshTimeout default/b-5xv2dzb7w9c4f6x8"],
    });
  });

  it("is nothing of the zone's own, with a global and without", async () => {
    const own = policy("own", { labels: { "kuma.io/origin": "zone", "kuma.io/zone": "zone-1" } });
    assert.deepEqual(await look([own], []), OK);
    assert.deepEqual(await look([own], undefined), OK);
  });

  it("is a policy of a type that only a global can own, whatever its labels say", async () => {
    const legacy: Resource = { type: "TrafficRoute", mesh: "default", name: "r", conf: {} };
    const labels = { "kuma.io/origin": "zone", "kuma.io/zone": "zone-1" };
    assert.deepEqual(await look([{ ...legacy, labels }], []), {
      verdict: "blocker",
      evidence: ["TrafficRoute default/r"],
    });
  });

  it("is no secret, and nothing that KDS does not carry", async () => {
    const labels = { "kuma.io/origin": "global" };
    const secret: Resource = { type: "Secret", mesh: "default", name: "s", data: "eA==", labels };
    const proxy: Resource = {
      ...{ type: "Dataplane", mesh: "default", name: "d", labels },
      networking: { address: "127.0.0.1", inbound: [{ port: 80, tags: { "kuma.io/service": "a" } }] },
    };
    assert.deepEqual(await look([secret, proxy], []), OK);
  });
});

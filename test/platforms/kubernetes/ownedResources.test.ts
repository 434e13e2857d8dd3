import * as assert from "node:assert/strict";
import type { Resource } from "../../../kuma";
import {
  KnownZone,
  isOutdated,
  lookAtZone,
  meshesAnew,
  packZone,
  putBackOwned,
  remembered,
  unpackZone,
} from "../../../platforms/kubernetes/ownedResources";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";

const CONFIG = { mode: "zone", environment: "kubernetes", store: { type: "kubernetes" } };
const mesh = (creationTime: string): Resource => ({ type: "Mesh", name: "m", creationTime });
const owned = (name: string, more: Partial<Resource> = {}): Resource => ({
  ...{ type: "MeshTimeout", mesh: "m", name, spec: {} },
  labels: {
    ...{ "kuma.io/origin": "zone", "kuma.io/zone": "default", "k8s.kuma.io/namespace": "apps" },
    ...{ "kuma.io/display-name": name.split(".")[0], mine: "x" },
  },
  ...more,
});
const knew = (meshes: Record<string, string>, ...resources: Resource[]): KnownZone => ({
  record: { zone: "default", environment: "kubernetes", resources },
  meshes,
});
const BEFORE = knew({ m: "1" }, owned("a.apps"), owned("b.apps"));

describe("platforms/kubernetes/ownedResources", () => {
  afterEach(stopFakes);
  const zoneWith = (...resources: Resource[]) => FakeControlPlane.start({ config: CONFIG, resources });

  it("knows the meshes by the moment at which they were made", async () => {
    const zone = await zoneWith(mesh("1"), owned("a.apps"));
    const now = await lookAtZone(clientOf(zone), "default");
    assert.deepEqual(now.meshes, { m: "1" });
    assert.deepEqual(unpackZone(packZone(now)), now);
    assert.deepEqual(meshesAnew(BEFORE, now), []);
    assert.deepEqual(meshesAnew(BEFORE, { ...now, meshes: { m: "2" } }), ["m"]);
    assert.deepEqual(meshesAnew(BEFORE, { ...now, meshes: {} }), [], "gone, and not back");
  });

  it("remembers what was owned in a mesh as long as that is gone, and not a mesh longer", () => {
    const gone = remembered(BEFORE, knew({}));
    assert.deepEqual(gone, BEFORE);
    assert.deepEqual(meshesAnew(gone, knew({ m: "2" })), ["m"]);
    assert.deepEqual(remembered(BEFORE, knew({ m: "1" }, owned("a.apps"))).record.resources, [
      owned("a.apps"),
    ]);
  });

  for (const [what, now, outdated] of [
    ["nothing", knew({ m: "1" }, owned("b.apps"), owned("a.apps")), false],
    ["a policy more", knew({ m: "1" }, owned("a.apps"), owned("b.apps"), owned("c.apps")), true],
    ["a policy less", knew({ m: "1" }, owned("a.apps")), true],
    ["another content", knew({ m: "1" }, owned("a.apps"), owned("b.apps", { spec: { to: [] } })), true],
    ["a mesh that was recreated", knew({ m: "2" }, owned("a.apps"), owned("b.apps")), true],
    ["a mesh more", knew({ m: "1", n: "1" }, owned("a.apps"), owned("b.apps")), true],
    ["a mesh that is gone", knew({}), false],
    ["a proxy more", knew({ m: "1" }, ...BEFORE.record.resources, owned("p", { type: "Dataplane" })), false],
  ] as const) {
    it(`is ${outdated ? "outdated" : "as it was"} where the zone has ${what}`, () =>
      assert.equal(isOutdated(BEFORE, now), outdated));
  }

  it("puts back what is missing or was recreated with other content, as its owner wrote it", async () => {
    const zone = await zoneWith(mesh("2"), owned("b.apps", { spec: { to: [] } }));
    assert.deepEqual(await putBackOwned(BEFORE, clientOf(zone), ["m"]), [
      "MeshTimeout m/a.apps",
      "MeshTimeout m/b.apps",
    ]);
    for (const name of ["a.apps", "b.apps"]) {
      const { spec, labels } = zone.store.get(`MeshTimeout m/${name}`) as Resource;
      assert.deepEqual(spec, {});
      assert.deepEqual(labels, { mine: "x", "kuma.io/origin": "zone", "k8s.kuma.io/namespace": "apps" });
    }
    assert.deepEqual(
      await putBackOwned(BEFORE, clientOf(zone), ["other"]),
      [],
      "only in the meshes that were lost",
    );
  });

  it("tries all of it, and names what cannot be put back", async () => {
    const zone = await zoneWith(mesh("2"));
    zone.fail("PUT /meshes/m/meshtimeouts/a.apps", { status: 400, body: "{}" });
    const { message } = await kumaErrorOf(putBackOwned(BEFORE, clientOf(zone), ["m"]));
    assert.match(
      message,
      /^Zone default has mesh m again, and not all that it owned there could be put back\. Missing or different in the zone: MeshTimeout m\/a\.apps \(/,
    );
    assert.ok(zone.store.has("MeshTimeout m/b.apps"));
  });
});

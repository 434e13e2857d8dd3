import * as assert from "node:assert/strict";
import { Resource, deleteResources, digest, readDigests, writeResources } from "../../../kuma";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";

const mesh: Resource = { type: "Mesh", name: "m" };
const timeout: Resource = { type: "MeshTimeout", mesh: "m", name: "t", spec: {} };

describe("kuma/policies/policies", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(stopFakes);

  it("writes meshes first and reads back what is stored", async () => {
    const stored = await writeResources(clientOf(fake), [timeout, mesh]);
    assert.deepEqual(fake.writes, ["PUT /meshes/m", "PUT /meshes/m/meshtimeouts/t"]);
    assert.deepEqual(stored, { "MeshTimeout m/t": digest(timeout), "Mesh m": digest(mesh) });
  });

  it("leaves out what is computed, unless it is to write everything as it is", async () => {
    const labels = { team: "a", "kuma.io/origin": "global" };
    await writeResources(clientOf(fake), [mesh, { ...timeout, labels }]);
    assert.deepEqual(fake.store.get("MeshTimeout m/t")?.labels, { team: "a" });
    await writeResources(clientOf(fake), [mesh, { ...timeout, labels }], { asTheyAre: true });
    assert.deepEqual(fake.store.get("MeshTimeout m/t")?.labels, labels);
  });

  it("leaves out of the digests what is not there", async () => {
    fake.add(mesh);
    assert.deepEqual(await readDigests(clientOf(fake), [mesh, timeout]), { "Mesh m": digest(mesh) });
  });

  it("gives the digest under the full name, also when the mesh was left out", async () => {
    const inDefault = { type: "MeshTimeout", name: "t", spec: {} };
    fake.fail(
      "GET /meshes/default/meshtimeouts/t",
      { body: JSON.stringify({ ...inDefault, mesh: "default" }) },
      9,
    );
    assert.deepEqual(Object.keys(await readDigests(clientOf(fake), [inDefault])), ["MeshTimeout default/t"]);
  });

  it("deletes what is there and what is not", async () => {
    fake.add(timeout);
    const stored = { "MeshTimeout m/t": digest(timeout), "Mesh m": digest(mesh) };
    assert.deepEqual(await deleteResources(clientOf(fake), stored), []);
    assert.equal(fake.store.size, 0);
  });

  it("leaves what was changed since it was stored", async () => {
    fake.add({ ...timeout, spec: { changed: true } }, mesh);
    const stored = { "MeshTimeout m/t": digest(timeout), "Mesh m": digest(mesh) };
    assert.deepEqual(await deleteResources(clientOf(fake), stored), ["MeshTimeout m/t"]);
    assert.deepEqual([...fake.store.keys()], ["MeshTimeout m/t"]);
  });

  it("names a type that the control plane does not know", async () => {
    const work = writeResources(clientOf(fake), [{ type: "Novelty", mesh: "m", name: "n" }]);
    assert.deepEqual(await kumaErrorOf(work), {
      code: "refused",
      message:
        "Novelty m/n: the control plane does not know the type Novelty. Is it older than the other side, or another product?",
    });
  });
});

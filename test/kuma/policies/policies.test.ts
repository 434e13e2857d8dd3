import * as assert from "node:assert/strict";
import { knownTypes } from "../../../kuma/api/knownTypes";
import { assertNoFault, faultsOf, meshesOf, refusalsOf } from "../../../kuma/policies/policies";
import {
  Resource,
  deleteResources,
  digest,
  keyOf,
  readDigests,
  writeFound,
  writeResources,
} from "../../../kuma";
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

  it("tells what was changed since in the order of names", async () => {
    const others = ["b", "a"].map((name) => ({ ...timeout, name }));
    fake.add(...others);
    fake.fail("GET /meshes/m/meshtimeouts/a", { delayMs: 20 });
    const stored = Object.fromEntries(others.map((each) => [keyOf(each), "another"]));
    assert.deepEqual(await deleteResources(clientOf(fake), stored), ["MeshTimeout m/a", "MeshTimeout m/b"]);
  });

  it("tells a refused write as it was told, and where it stands if that is known", async () => {
    fake.fail("PUT ", { status: 400 }, 9);
    const told = `The control plane (${fake.url}) refuses Mesh m with status 400.`;
    assert.deepEqual(await kumaErrorOf(writeResources(clientOf(fake), [mesh])), {
      code: "refused",
      message: told,
    });
    const found = [{ resource: mesh, place: "x.yaml, document 1" }];
    assert.equal(
      (await kumaErrorOf(writeFound(clientOf(fake), found))).message,
      `x.yaml, document 1: ${told}`,
    );
    const broken = clientOf(fake);
    const fault = new Error("a fault of the program");
    Object.assign(broken, { put: () => Promise.reject(fault) });
    await assert.rejects(writeFound(broken, found), fault);
  });

  it("has no meshes where it knows no such type", async () => {
    fake.types = fake.types.filter(({ name }) => name !== "Mesh");
    fake.add(mesh);
    assert.deepEqual(await meshesOf(clientOf(fake)), []);
  });

  it("tells refusals in the order of their places", async () => {
    fake.add(mesh);
    fake.fail("PUT /meshes/m/meshtimeouts/a", { delayMs: 20, status: 400, body: '{"title": "no"}' });
    fake.fail("PUT /meshes/m/meshtimeouts/b", { status: 400, body: '{"title": "no"}' });
    const found = ["a", "b"].map((name) => ({ resource: { ...timeout, name }, place: `${name}.yaml` }));
    assert.deepEqual(
      await refusalsOf(found, clientOf(fake)),
      ["a", "b"].map(
        (name) =>
          `${name}.yaml: The control plane (${fake.url}) refuses MeshTimeout m/${name} with status 400 (no).`,
      ),
    );
  });

  it("tells which meshes there are, in the order of their names", async () => {
    const types = await knownTypes(clientOf(fake));
    const found = [{ resource: { ...timeout, mesh: "x" }, place: "x.yaml" }];
    const faults = (...meshes: string[]) => faultsOf(found, types, meshes, "the global");
    assert.deepEqual(faults("b", "a"), ["x.yaml: MeshTimeout x/t: there is no mesh x; the global has a, b."]);
    assert.deepEqual(faults(), ["x.yaml: MeshTimeout x/t: there is no mesh x; the global has none."]);
  });

  it("names all faults at once", async () => {
    assertNoFault([], "Policies");
    assert.deepEqual(await kumaErrorOf(() => assertNoFault(["one.", "two."], "Policies")), {
      code: "invalid",
      message:
        "Policies cannot be written as they are, and nothing was written:\n    one.\n    two.\n    Change the files and run it again.",
    });
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

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { Resource, deleteResources, digest, readDigests, readResources, writeResources } from "../../kuma";
import { cleanUp, tempDir } from "../support/cleanUp";
import { kumaErrorOf } from "../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../support/fakeControlPlane";

const mesh: Resource = { type: "Mesh", name: "m" };
const timeout: Resource = { type: "MeshTimeout", mesh: "m", name: "t", spec: {} };

describe("kuma/policies and files", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

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

  describe("readResources", () => {
    const directory = (files: Record<string, string>) => {
      const made = tempDir();
      for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(made, name), text);
      return made;
    };

    it("reads every document of the YAML files in the order of their names", () => {
      const found = readResources(
        directory({
          "b.yaml": "type: Mesh\nname: b",
          "a.yml": "---\ntype: Mesh\nname: a1\n---\n---\ntype: Mesh\nname: a2\n",
          "c.txt": "not read",
        }),
        "policies",
      );
      assert.deepEqual(
        found.map(({ name }) => name),
        ["a1", "a2", "b"],
      );
    });

    for (const text of ["kind: Mesh", "type: Mesh", "- a", "text", "type: Mesh\nname: 7"]) {
      it(`refuses the document ${JSON.stringify(text)}`, async () => {
        const made = directory({ "x.yaml": text });
        assert.deepEqual(await kumaErrorOf(() => readResources(made, "policies")), {
          code: "invalid",
          message: `${path.join(made, "x.yaml")} holds a document without type and name; resources in Kuma's universal form are expected there.`,
        });
      });
    }

    for (const text of [
      'type: Mesh\nname: ".."',
      "type: Mesh\nname: a/b",
      "type: MeshTimeout\nmesh: ..\nname: a",
      "type: ../Mesh\nname: a",
      'type: Mesh\nname: "a\\n::add-mask::b"',
    ]) {
      it(`refuses a resource that cannot be one: ${JSON.stringify(text)}`, async () => {
        const made = directory({ "x.yaml": text });
        const { code, message } = await kumaErrorOf(() => readResources(made, "policies"));
        assert.equal(code, "invalid");
        assert.match(message, /x\.yaml holds a resource that cannot be one of Kuma's: type /);
        assert.ok(!message.includes("\n"), message);
      });
    }

    it("names a file that is no YAML with a message for people", async () => {
      const made = directory({ "x.yaml": "a: [" });
      const { code, message } = await kumaErrorOf(() => readResources(made, "policies"));
      assert.equal(code, "invalid");
      assert.ok(message.includes(path.join(made, "x.yaml")), message);
    });

    it("names a directory that is not there with a message for people", async () => {
      const missing = path.join(tempDir(), "missing");
      const { code, message } = await kumaErrorOf(() => readResources(missing, "policies"));
      assert.equal(code, "invalid");
      assert.ok(message.includes(missing), message);
    });
  });
});

import * as assert from "node:assert/strict";
import { isKumaError } from "../../../../kuma";
import { kumaErrorOf } from "../../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { typeNamed } from "../../../support/resources/types";

const TIMEOUT = typeNamed("MeshTimeout");
const policy = { type: "MeshTimeout", mesh: "default", name: "a", spec: {} };

describe("kuma/api/client: what counts as refused", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(stopFakes);

  const answer = (status: number, body = "") => fake.fail("", { status, body }, Infinity);
  const client = () => clientOf(fake, { tokens: ["token"], attempts: 1 });
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => "done",
      (error) => (isKumaError(error) ? error.code : assert.fail(error as Error)),
    );

  const statuses: [status: number, put: string, get: string, remove: string][] = [
    [200, "done", "notKuma", "done"],
    [201, "done", "refused", "done"],
    // a proxy between may take what the control plane never gets
    [202, "refused", "refused", "done"],
    [204, "refused", "refused", "done"],
    [300, "refused", "refused", "refused"],
    [302, "refused", "refused", "refused"],
    [400, "refused", "refused", "refused"],
    [401, "unauthenticated", "unauthenticated", "unauthenticated"],
    [402, "refused", "refused", "refused"],
    [403, "forbidden", "forbidden", "forbidden"],
    [404, "notFound", "notFound", "done"],
    [405, "refused", "refused", "refused"],
    [409, "refused", "refused", "refused"],
    [422, "refused", "refused", "refused"],
    [429, "rateLimited", "rateLimited", "rateLimited"],
    [499, "refused", "refused", "refused"],
    [500, "server", "server", "server"],
    [503, "server", "server", "server"],
  ];
  for (const [status, put, get, remove] of statuses) {
    it(`answers ${status} with ${put} to a write, ${get} to a document, ${remove} to a deletion`, async () => {
      answer(status);
      assert.deepEqual(
        [
          await codeOf(client().put(TIMEOUT, policy)),
          await codeOf(client().getJson("/config", "its configuration")),
          await codeOf(client().delete(TIMEOUT, policy)),
        ],
        [put, get, remove],
      );
    });
  }

  it("names the mesh that is missing, and for what; of what belongs to none itself", async () => {
    answer(404);
    const missing = async (work: Promise<unknown>) => (await kumaErrorOf(work)).message;
    assert.equal(
      await missing(client().put(TIMEOUT, policy)),
      `The control plane (${fake.url}) has no mesh default for MeshTimeout default/a.`,
    );
    assert.equal(
      await missing(client().put(typeNamed("Mesh"), { type: "Mesh", name: "m" })),
      `The control plane (${fake.url}) has no Mesh m.`,
    );
  });

  it("names its address without the slashes at its end", async () => {
    answer(409);
    const { message } = await kumaErrorOf(clientOf(fake, { url: `${fake.url}/api//` }).put(TIMEOUT, policy));
    assert.match(message, new RegExp(`^The control plane \\(${fake.url}/api\\) refuses`));
  });

  describe("when it is only asked whether it would take a resource", () => {
    const asked = (meshes = ["default"], resource: object = policy) =>
      client().refusalOf(TIMEOUT, { ...policy, ...resource }, meshes);
    const PLACE = { field: "name", reason: "name from the URL has to be the same as in body" };
    /** As Kuma says that the name in the document is not the one in the address, and what else is wrong. */
    const refusal = (...faults: object[]) =>
      JSON.stringify({ title: "Could not process a resource", invalid_parameters: [PLACE, ...faults] });
    const FAULT = { field: "spec.to", reason: "must be defined" };

    it("is refused for what else is wrong than its place", async () => {
      answer(400, refusal(FAULT));
      assert.match(
        (await asked()) ?? "",
        /refuses MeshTimeout default\/a with status 400.*spec\.to: must be defined/,
      );
    });

    it("is refused without a server's words, where they are about a secret", async () => {
      answer(400, refusal({ field: "data", reason: "canary-content is no certificate" }));
      const secret = { type: "Secret", mesh: "default", name: "s", data: "canary-content" };
      const told = (await client().refusalOf(typeNamed("Secret"), secret, ["default"])) ?? "";
      assert.match(
        told,
        /refuses Secret default\/s with status 400 \(what it says about a secret is not shown\)/,
      );
    });

    it("would be taken where nothing but its place is wrong", async () => {
      answer(400, refusal());
      assert.equal(await asked(), undefined);
    });

    it("cannot be told where it answers something else", async () => {
      for (const status of [401, 403, 404, 405, 500]) {
        fake.fail("", { status, body: refusal(FAULT) });
        assert.equal(await asked(), undefined, String(status));
      }
    });

    it("asks nothing where there is no mesh to ask in", async () => {
      assert.equal(await asked([]), undefined);
      assert.deepEqual(fake.asked, []);
    });

    it("asks in its own mesh, else in another, and never under its own name", async () => {
      answer(400, refusal());
      await asked(["other", "default"]);
      await asked(["other"]);
      assert.deepEqual(fake.asked, [
        "PUT /meshes/default/meshtimeouts/a.not-written",
        "PUT /meshes/other/meshtimeouts/a.not-written",
      ]);
    });

    it("is asked in no mesh of a type that belongs to none, and under a name that fits", async () => {
      answer(400, refusal());
      const mesh = { type: "Mesh", name: "m".repeat(250) };
      assert.equal(await client().refusalOf(typeNamed("Mesh"), mesh, []), undefined);
      assert.deepEqual(fake.asked, [`PUT /meshes/${"m".repeat(200)}.not-written`]);
    });

    it("is not asked where Konnect hosts it", async () => {
      const url = `${fake.url}/v1/mesh/control-planes/0c8e8b5a-5d5b-4b9a-9f5e-0d6a4f5b3c2d/api`;
      assert.equal(await clientOf(fake, { url }).refusalOf(TIMEOUT, policy, ["default"]), undefined);
      assert.deepEqual(fake.asked, []);
    });

    it("takes away nothing that was redirected", async () => {
      answer(300);
      assert.equal(await asked(), undefined);
      assert.deepEqual(fake.asked, ["PUT /meshes/default/meshtimeouts/a.not-written"]);
    });

    it("takes away what a control plane has written that does not look at the name", async () => {
      answer(201);
      assert.equal(await asked(), undefined);
      assert.deepEqual(fake.asked, [
        "PUT /meshes/default/meshtimeouts/a.not-written",
        "DELETE /meshes/default/meshtimeouts/a.not-written",
      ]);
    });
  });
});

import * as assert from "node:assert/strict";
import { Konnect, konnectAddresses } from "../../../kuma";
import {
  deleteControlPlane,
  findControlPlane,
  inspectControlPlane,
} from "../../../platforms/konnect/controlPlane";
import { cleanUp, later } from "../../support/cleanUp";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { RunningKonnect, startKonnect } from "../../support/controlPlane/standInKonnect";
import { kumaErrorOf } from "../../support/errors";

describe("platforms/konnect: a control plane", () => {
  let konnect: RunningKonnect;
  beforeEach(async () => (konnect = await startKonnect()));
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });
  const choice = { region: "eu", create: false };

  it("is found by its name or by its id", async () => {
    const client = konnect.client();
    const { id } = await client.createControlPlane("g");
    assert.equal((await findControlPlane(client, { ...choice, name: "g" }))?.id, id);
    assert.equal((await findControlPlane(client, { ...choice, chosenId: id }))?.name, "g");
  });

  it("is not found, and may be made only when that is asked for", async () => {
    const client = konnect.client();
    const { code, message } = await kumaErrorOf(findControlPlane(client, { ...choice, name: "g" }));
    assert.equal(code, "notFound");
    assert.equal(
      message,
      `There is no mesh control plane called "g" in Konnect's region eu, or the token has no role on it. Nothing was changed. ` +
        "Check the settings controlPlane and region of the global, or have it made with create: true.",
    );
    assert.equal(await findControlPlane(client, { ...choice, name: "g", create: true }), undefined);
  });

  it("is not in this region", async () => {
    const id = "bf138ba2-c9b1-4229-b268-04d9d8a6410b";
    const { code, message } = await kumaErrorOf(
      findControlPlane(konnect.client(), { ...choice, chosenId: id }),
    );
    assert.equal(code, "notFound");
    assert.match(message, /^There is no mesh control plane with the id bf138ba2-.* in Konnect's region eu,/);
    assert.match(
      message,
      /Check the settings controlPlaneId and region of the global: each control plane is in one/,
    );
  });

  it("is ambiguous", async () => {
    const client = konnect.client();
    const ids = [(await client.createControlPlane("g")).id, (await client.createControlPlane("g")).id];
    const { code, message } = await kumaErrorOf(findControlPlane(client, { ...choice, name: "g" }));
    assert.equal(code, "conflict");
    assert.match(message, /^2 mesh control planes in Konnect's region eu are called "g": /);
    assert.ok(ids.every((id) => message.includes(id)));
  });

  it("tells product, version and limits", async () => {
    const { id } = await konnect.client().createControlPlane("g");
    await konnect.setLimits(id, { zones: 3 });
    assert.deepEqual(await inspectControlPlane(konnect.addresses.apiUrl, id, konnect.token), {
      product: "Kong Mesh",
      version: "2.14.3",
      limits: { zones: 3, dataplanes: 0, policies: 0 },
    });
  });

  it("is deleted as soon as Konnect does not count a zone as online any more", async () => {
    const fake = await FakeControlPlane.start();
    const detail = 'zone "zone-1" is still online. Disconnect the zone first';
    fake.fail("DELETE ", { status: 400, body: JSON.stringify({ detail }) });
    const addresses = konnectAddresses("eu", { apiUrl: fake.url, identityUrl: fake.url });
    const client = new Konnect({ ...addresses, region: "eu", token: "t" });
    later(() => client.close());
    await deleteControlPlane(client, "g", 5_000);
    assert.equal(fake.writes.length, 2);
    fake.fail("DELETE ", { status: 400, body: JSON.stringify({ detail }) }, 9);
    const { message } = await kumaErrorOf(deleteControlPlane(client, "g", 0));
    assert.match(message, /still online.*The control plane g was not deleted\. Take the zones off it/);
  });
});

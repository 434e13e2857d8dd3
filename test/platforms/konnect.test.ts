import * as assert from "node:assert/strict";
import { Konnect, konnectAddresses } from "../../kuma";
import {
  deleteControlPlane,
  findControlPlane,
  inspectControlPlane,
} from "../../platforms/konnect/controlPlane";
import { konnectVariables } from "../../platforms/konnect/variables";
import {
  ZoneAccess,
  ZoneAccessArgs,
  accessProblem,
  grantZoneAccess,
  isDueForRenewal,
  renewZoneToken,
  revokeZoneAccess,
} from "../../platforms/konnect/zoneAccess";
import { cleanUp, later } from "../support/cleanUp";
import { kumaErrorOf } from "../support/errors";
import { FakeControlPlane, stopFakes } from "../support/controlPlane/fakeControlPlane";
import { RunningKonnect, startKonnect } from "../support/controlPlane/standInKonnect";
import { until } from "../support/until";

const DAY_MS = 24 * 60 * 60 * 1000;

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
        "Check the settings global.controlPlane and global.region, or have it made with global.create: true.",
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
      /Check the settings global\.controlPlaneId and global\.region: each control plane is in one/,
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

describe("platforms/konnect: what lets a zone connect", () => {
  let konnect: RunningKonnect;
  let client: Konnect;
  let args: ZoneAccessArgs;
  beforeEach(async () => {
    konnect = await startKonnect();
    client = konnect.client();
    const { id: controlPlaneId } = await client.createControlPlane("g");
    args = { controlPlaneId, zoneName: "zone-1", provisioning: "systemAccount", tokenDays: 90 };
  });
  afterEach(cleanUp);

  const accountOf = ({ account }: ZoneAccess) => account ?? assert.fail("no account");

  it("is an account, its role Connector on this control plane, and a token with an end", async () => {
    const access = await grantZoneAccess(client, args);
    const { id, tokenId, expiresAt } = accountOf(access);
    const account = await client.systemAccountNamed(`mesh_${args.controlPlaneId}_zone-1`);
    assert.deepEqual([account?.id, account?.konnect_managed], [id, false]);
    const [role, ...others] = (await client.assignedRoles(id)) ?? [];
    assert.deepEqual([role.role_name, role.entity_id, others], ["Connector", args.controlPlaneId, []]);
    assert.match(access.zoneToken, /^spat_/);
    const days = (Date.parse(expiresAt) - Date.now()) / DAY_MS;
    assert.ok(days > 89.9 && days <= 90, expiresAt);
    assert.deepEqual(
      ((await client.accessTokens(id)) ?? []).map((token) => token.id),
      [tokenId],
    );
    assert.equal(await accessProblem(client, args, access), undefined);
  });

  it("goes on with what a run that was cut short has made", async () => {
    const first = accountOf(await grantZoneAccess(client, args));
    const second = accountOf(await grantZoneAccess(client, args));
    assert.equal(second.id, first.id);
    assert.equal((await client.assignedRoles(first.id))?.length, 1);
  });

  it("gets another token when the answer with the first one is lost", async () => {
    await konnect.setFaults({ cutRate: 1, cutWhen: "after", times: 1, only: "^POST .*/access-tokens$" });
    const access = await grantZoneAccess(client, args);
    assert.equal(await accessProblem(client, args, access), undefined);
  });

  it("does not use an account that Konnect manages", async () => {
    const wizard = await grantZoneAccess(client, { ...args, provisioning: "wizard" });
    assert.match(wizard.zoneToken, /^spat_/);
    assert.equal(wizard.account, undefined);
    const { code, message } = await kumaErrorOf(grantZoneAccess(client, args));
    assert.equal(code, "conflict");
    assert.match(
      message,
      /belongs to Konnect, so zone zone-1 can get no token through it\. Nothing was changed\./,
    );
    const taken = await kumaErrorOf(grantZoneAccess(client, { ...args, provisioning: "wizard" }));
    assert.match(taken.message, /^Konnect has a zone zone-1 already, and shows the token .* only once\./);
  });

  it("calls the wizard's endpoint only when that is set", async () => {
    await grantZoneAccess(client, args);
    const asked = Object.keys(await konnect.asked());
    assert.ok(!asked.some((line) => line.includes("provision-zone")));
  });

  it("is due for renewal a month before the end, or a third of the token's life", () => {
    const now = Date.now();
    const inDays = (days: number) => new Date(now + days * DAY_MS).toISOString();
    assert.deepEqual(
      [31, 29].map((days) => isDueForRenewal(inDays(days), 365, now)),
      [false, true],
    );
    assert.deepEqual(
      [4, 2].map((days) => isDueForRenewal(inDays(days), 9, now)),
      [false, true],
    );
    assert.ok(isDueForRenewal(inDays(-1), 90, now));
  });

  it("is renewed with the former token still working, and without those that have ended", async () => {
    const first = await grantZoneAccess(client, args);
    const { id, tokenId } = accountOf(first);
    const end = Date.now() + 2_000;
    await client.createAccessToken(id, "of-old", new Date(end));
    const soon = Date.now() + 65 * DAY_MS;
    assert.match(
      (await accessProblem(client, args, first, soon)) ?? "",
      /^its token expires on \d{4}-\d\d-\d\d$/,
    );
    await until("the end of the token", () => Date.now() > end);
    const second = await renewZoneToken(client, id, args);
    assert.notEqual(second.zoneToken, first.zoneToken);
    const left = ((await client.accessTokens(id)) ?? []).map((token) => token.id);
    assert.deepEqual(left.sort(), [tokenId, accountOf(second).tokenId].sort());
  });

  it("is missed when somebody removes token, role or account", async () => {
    const access = await grantZoneAccess(client, args);
    const { id, tokenId } = accountOf(access);
    const elsewhere = { ...args, controlPlaneId: "another" };
    assert.equal(await accessProblem(client, elsewhere, access), "its role Connector is gone");
    await client.deleteAccessToken(id, tokenId);
    assert.equal(await accessProblem(client, args, access), "its token is gone");
    await client.deleteSystemAccount(id);
    assert.equal(await accessProblem(client, args, access), "its system account is gone");
  });

  it("leaves an account that is not the zone's, whatever the state says", async () => {
    const access = await grantZoneAccess(client, args);
    const other = await client.createSystemAccount("somebody-s", "theirs");
    await revokeZoneAccess(client, args, { ...access, account: { ...accountOf(access), id: other.id } });
    assert.equal((await client.systemAccountNamed("somebody-s"))?.id, other.id);
    await client.deleteSystemAccount(other.id);
    await revokeZoneAccess(client, args, access);
  });

  it("is taken away token first, and can be taken away twice", async () => {
    const access = await grantZoneAccess(client, args);
    const before = Object.keys(await konnect.asked());
    await revokeZoneAccess(client, args, access);
    const asked = Object.keys(await konnect.asked()).filter((line) => !before.includes(line));
    const account = `DELETE /v3/system-accounts/${accountOf(access).id}`;
    assert.deepEqual(asked, [`${account}/access-tokens/${accountOf(access).tokenId}`, account]);
    await revokeZoneAccess(client, args, access);
    assert.equal(await client.systemAccountNamed(`mesh_${args.controlPlaneId}_zone-1`), undefined);
  });
});

describe("platforms/konnect: names of variables", () => {
  const OLD = "KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_PATH";
  const NEW = "KUMA_MULTIZONE_ZONE_KDS_AUTH_TOKEN_PATH";
  for (const [version, name] of [
    ["2.4.1", OLD],
    ["2.13.9", OLD],
    ["2.14.3", OLD],
    ["v2.14.5", OLD],
    ["2.14.6", NEW],
    ["2.14.10", NEW],
    ["2.15.0-preview.v1", NEW],
    ["3.0.0", NEW],
  ]) {
    it(`${version}: ${name}`, () => assert.equal(konnectVariables(version).tokenPath, name));
  }
});

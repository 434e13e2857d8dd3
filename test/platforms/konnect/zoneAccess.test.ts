import * as assert from "node:assert/strict";
import type { Konnect } from "../../../kuma";
import {
  ZoneAccess,
  ZoneAccessArgs,
  accessProblem,
  grantZoneAccess,
  isDueForRenewal,
  renewZoneToken,
  revokeZoneAccess,
} from "../../../platforms/konnect/zoneAccess";
import { cleanUp } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { RunningKonnect, startKonnect } from "../../support/controlPlane/standInKonnect";
import { until } from "../../support/until";

const DAY_MS = 24 * 60 * 60 * 1000;

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

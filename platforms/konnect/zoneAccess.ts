import { randomBytes } from "node:crypto";
import { Konnect, KumaError, isKumaError } from "../../kuma";

/**
 * How a zone gets its token:
 * - `systemAccount`: the documented way, an account of its own with the role Connector and a token that ends;
 * - `wizard`: the call of Konnect's web wizard, which Kong does not document; Konnect owns the account then.
 */
export type ZoneProvisioning = "systemAccount" | "wizard";

export interface ZoneAccessArgs {
  controlPlaneId: string;
  zoneName: string;
  provisioning: ZoneProvisioning;
  /** Days until a token ends; Konnect takes 365 at the most. */
  tokenDays: number;
}

/** What lets a zone connect. */
export interface ZoneAccess {
  /** Secret. */
  zoneToken: string;
  /** Absent where Konnect owns the account. */
  account?: { id: string; tokenId: string; expiresAt: string };
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** A token is renewed when less than this is left of it, or a third of its life where that is shorter. */
const RENEW_BEFORE_DAYS = 30;

/** Gives a zone its account, role and token. What an earlier run that was cut short has made of it is used. */
export async function grantZoneAccess(konnect: Konnect, args: ZoneAccessArgs): Promise<ZoneAccess> {
  const { controlPlaneId, zoneName, provisioning } = args;
  if (provisioning === "wizard") return { zoneToken: await wizardToken(konnect, controlPlaneId, zoneName) };
  const name = accountName(args);
  const account =
    (await konnect.systemAccountNamed(name)) ??
    (await konnect.createSystemAccount(name, `Connects zone ${zoneName}; made by kuma-federation`));
  if (account.konnect_managed) {
    throw new KumaError(
      "conflict",
      `The system account ${name} belongs to Konnect, so zone ${zoneName} can get no token through it. Nothing was changed. ` +
        `Delete the zone in Konnect, which removes the account, or give the zone another name.`,
    );
  }
  await konnect.assignConnector(account.id, controlPlaneId);
  return issueToken(konnect, account.id, args);
}

/**
 * Gives the zone a new token. The former one goes on working until its end, as the zone uses it until it is restarted
 * with the new one; those that have ended are removed.
 */
export async function renewZoneToken(
  konnect: Konnect,
  accountId: string,
  args: ZoneAccessArgs,
  now = Date.now(),
): Promise<ZoneAccess> {
  await konnect.assignConnector(accountId, args.controlPlaneId);
  const access = await issueToken(konnect, accountId, args, now);
  // whoever made them: they serve nobody any more
  const ended = ((await konnect.accessTokens(accountId)) ?? []).filter(
    ({ expires_at }) => Date.parse(expires_at) < now,
  );
  for (const { id } of ended) await konnect.deleteAccessToken(accountId, id);
  return access;
}

/** Why the access that a zone has does not do any more; undefined while it does. Only reads. */
export async function accessProblem(
  konnect: Konnect,
  { controlPlaneId, tokenDays }: ZoneAccessArgs,
  { account }: ZoneAccess,
  now = Date.now(),
): Promise<string | undefined> {
  if (account === undefined) return undefined;
  const tokens = await konnect.accessTokens(account.id);
  if (tokens === undefined) return "its system account is gone";
  if (!tokens.some(({ id }) => id === account.tokenId)) return "its token is gone";
  const roles = (await konnect.assignedRoles(account.id)) ?? [];
  if (!roles.some((role) => role.role_name === "Connector" && role.entity_id === controlPlaneId))
    return "its role Connector is gone";
  if (isDueForRenewal(account.expiresAt, tokenDays, now))
    return `its token expires on ${account.expiresAt.slice(0, 10)}`;
  return undefined;
}

export function isDueForRenewal(expiresAt: string, tokenDays: number, now = Date.now()): boolean {
  const left = Date.parse(expiresAt) - now;
  return left < Math.min(RENEW_BEFORE_DAYS, tokenDays / 3) * DAY_MS;
}

/**
 * Removes the token first, so that it ends at once, and then the account with its role: the one of the name that this
 * program gives it, and of the id that the state has.
 */
export async function revokeZoneAccess(
  konnect: Konnect,
  args: ZoneAccessArgs,
  { account }: ZoneAccess,
): Promise<void> {
  // one that Konnect owns goes with the zone
  if (account === undefined) return;
  await konnect.deleteAccessToken(account.id, account.tokenId);
  const found = await konnect.systemAccountNamed(accountName(args));
  if (found?.id === account.id && found.konnect_managed !== true)
    await konnect.deleteSystemAccount(account.id);
}

/** The name that Konnect's documentation gives it. */
function accountName({ controlPlaneId, zoneName }: ZoneAccessArgs): string {
  return `mesh_${controlPlaneId}_${zoneName}`;
}

async function issueToken(
  konnect: Konnect,
  accountId: string,
  { zoneName, tokenDays }: ZoneAccessArgs,
  now = Date.now(),
): Promise<ZoneAccess> {
  const expires = new Date(now + tokenDays * DAY_MS);
  const issue = () => konnect.createAccessToken(accountId, tokenName(zoneName, now), expires);
  const { id, token, expires_at } = await issue().catch((error: unknown) => {
    // the answer to an earlier attempt got lost, and with it the token: it cannot be shown again
    if (isKumaError(error, "refused") && error.status === 409) return issue();
    throw error;
  });
  return { zoneToken: token, account: { id: accountId, tokenId: id, expiresAt: expires_at } };
}

/** A name serves once for each account. */
function tokenName(zoneName: string, now: number): string {
  const day = new Date(now).toISOString().slice(0, 10);
  return `${zoneName}-${day}-${randomBytes(4).toString("hex")}`;
}

async function wizardToken(konnect: Konnect, controlPlaneId: string, zoneName: string): Promise<string> {
  try {
    return await konnect.provisionZone(controlPlaneId, zoneName);
  } catch (error) {
    if (!(isKumaError(error, "refused") && error.status === 409)) throw error;
    throw new KumaError(
      "conflict",
      `Konnect has a zone ${zoneName} already, and shows the token that the wizard made for it only once. Nothing was changed. ` +
        `Delete that zone in Konnect, or use zoneProvisioning: systemAccount.`,
    );
  }
}

import { KumaError } from "../../errors";
import { ControlPlane } from "../../api/client";

const DAY_MS = 24 * 60 * 60 * 1000;
/** A token is renewed when less than this is left of it. */
const RENEW_BEFORE_DAYS = 30;

/** What a token lets its bearer be in a zone. */
export type ZoneTokenScope = "ingress" | "egress";

export interface ZoneToken {
  /** Secret. */
  token: string;
  /** ISO 8601. */
  ends: string;
}

/** Has a global issue a token for a proxy of a zone. A zone that is its member cannot: it has only the public key. */
export async function issueZoneToken(
  global: ControlPlane,
  zone: string,
  scope: ZoneTokenScope,
  days: number,
): Promise<ZoneToken> {
  if (global.hosted)
    throw new KumaError(
      "invalid",
      `Konnect issues no token for the zone ${scope} of zone ${zone} to this program. Nothing was changed. Take ${scope} out of the settings of that zone.`,
    );
  const ends = new Date(Date.now() + days * DAY_MS).toISOString();
  const request = { zone, scope: [scope], validFor: `${days * 24}h` };
  const token = await global.post("/tokens/zone", request, `a token for the zone ${scope} of zone ${zone}`);
  return { token: token.trim(), ends };
}

/** Whether it ends so soon that another one should be issued. */
export function isZoneTokenDue({ ends }: Pick<ZoneToken, "ends">, now = Date.now()): boolean {
  return !(Date.parse(ends) - now >= RENEW_BEFORE_DAYS * DAY_MS);
}

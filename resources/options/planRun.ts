import { createHmac } from "node:crypto";
import { UNKNOWN } from "../provider/handler";

/**
 * A plan file holds an `up` to what a preview has shown. Both reach the provider's process through the engine: that a plan is
 * being made, and the secret that the preview and the `up` of one plan have in common.
 */
export const PLAN_MADE_VARIABLE = "KUMA_FEDERATION_PLAN_MADE";
export const PLAN_SEED_VARIABLE = "KUMA_FEDERATION_PLAN_SEED";

/** What a check fills in, and a plan has to leave open as long as it cannot: the engine refuses what no plan names. */
export const OPENABLE = ["admin", "brought", "host", "policies", "product", "resources", "version"] as const;
type Openable = (typeof OPENABLE)[number];

/** In a preview that makes a plan these are unknown, which an `up` may fill in with anything; otherwise nothing. */
export function leftOpen(...names: Openable[]): object {
  if (process.env[PLAN_MADE_VARIABLE] === undefined) return {};
  return Object.fromEntries(names.map((name) => [name, UNKNOWN]));
}

/** A key that the preview and the `up` of a plan agree on without telling each other; undefined where there is no plan. */
export function plannedKey(resource: string): string | undefined {
  const seed = process.env[PLAN_SEED_VARIABLE];
  return seed === undefined ? undefined : createHmac("sha256", seed).update(resource).digest("base64url");
}

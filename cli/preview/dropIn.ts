import { federationEnvironment } from "../../platforms/universal/environment";
import { parseUnitUrl } from "../../platforms/universal/unit/location";

type Inputs = Record<string, unknown>;

/** What stands for a file whose content is another resource's. */
const AUTHORITY = "authority of the global";

/**
 * The variables that the drop-in of a zone's unit is to have, as far as the preview knows them; undefined for a zone that is
 * no unit on a host.
 */
export function dropInVariables(type: string, inputs: Inputs | undefined): Inputs | undefined {
  if (!inputs || !/:UniversalZoneFederation$/.test(type)) return undefined;
  const { zone, kdsAddress, kdsCa, federatedDatabase, konnect } = inputs as Record<string, unknown> & {
    zone?: { url?: unknown };
  };
  if (typeof zone?.url !== "string" || !parseUnitUrl(zone.url)) return undefined;
  return {
    ...federationEnvironment(addressOf(kdsAddress), kdsCa === "" ? undefined : AUTHORITY),
    ...(federatedDatabase !== undefined && { KUMA_STORE_POSTGRES_DB_NAME: federatedDatabase }),
    // a token among them
    ...(konnect !== undefined && { "of Konnect": "[secret]" }),
  };
}

/** An address as it may be shown: a word of somebody else's is none. */
function addressOf(kdsAddress: unknown): string {
  return typeof kdsAddress === "string" && isAddress(kdsAddress)
    ? kdsAddress
    : "known once there is a global";
}

export function isAddress(value: unknown): boolean {
  return typeof value === "string" && /^grpcs?:\/\/[\w.[\]:-]{1,100}$/.test(value);
}

import { urlPath } from "../resource/names";

/** Regions of Konnect (Kong, "Geographic regions"; `sg` is opt-in). */
export const KONNECT_REGIONS = ["us", "eu", "au", "me", "in", "sg"] as const;
export type KonnectRegion = (typeof KONNECT_REGIONS)[number];

/** Where Konnect is reached. Each address can be set otherwise, for a stand-in or a proxy of one's own network. */
export interface KonnectAddresses {
  /** The region's API, without `/v1`. */
  apiUrl: string;
  /** The API of the organisation (system accounts, roles, tokens), without `/v3`. */
  identityUrl: string;
  /** What zones dial; its certificate is a public one. */
  kdsAddress: string;
}

export function konnectAddresses(
  region: KonnectRegion,
  set: { [K in keyof KonnectAddresses]?: string } = {},
): KonnectAddresses {
  return {
    apiUrl: withoutSlash(set.apiUrl ?? `https://${region}.api.konghq.com`),
    identityUrl: withoutSlash(set.identityUrl ?? "https://global.api.konghq.com"),
    kdsAddress: set.kdsAddress ?? `grpcs://${region}.mesh.sync.konghq.com:443`,
  };
}

/** The REST API of one hosted control plane: Kuma's own, below a path of Konnect's. */
export function hostedApiUrl(apiUrl: string, controlPlaneId: string): string {
  return withoutSlash(apiUrl) + urlPath`/v1/mesh/control-planes/${controlPlaneId}/api`;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

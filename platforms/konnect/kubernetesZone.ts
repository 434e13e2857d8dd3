import { federatedValues } from "../kubernetes/helm/federationValues";
import type { ChartValue } from "../kubernetes/helm/zoneProxyValues";
import type { SecretVariables, TokenReference } from "./tokenReference";
import { konnectVariables } from "./variables";

/** The Secret that holds the zone's token, and the key in it. */
export const TOKEN_SECRET = "cp-token";
export const TOKEN_KEY = "token";

export interface KonnectZone {
  zoneName: string;
  /** `grpcs://<region>.mesh.sync.konghq.com:443`. */
  kdsAddress: string;
  controlPlaneId: string;
  /** Version of the zone's control plane, on which the names of variables depend. */
  version: string;
  /** Both are switched on by Konnect's wizard. */
  ingress?: boolean;
  egress?: boolean;
  /** What is said besides of these two. */
  proxies?: readonly ChartValue[];
}

/** Helm values of the chart kong-mesh (2.x), as far as they matter here; everything below `kuma`. */
export interface KongMeshValues {
  kuma?: {
    controlPlane?: {
      secrets?: SecretVariables;
      [key: string]: unknown;
    };
    [key: string]: unknown;
  };
  [key: string]: unknown;
}

/** Where the zone's control plane, of a version, is to find its token. */
export function tokenReference(version: string): TokenReference {
  return { Env: konnectVariables(version).tokenInline, Secret: TOKEN_SECRET, Key: TOKEN_KEY };
}

/**
 * The values with which a zone that runs on Kubernetes joins a control plane in Konnect: those of the installed release
 * (`helm get values`, without the chart's defaults) with what Konnect needs put in. Nothing of the user's is dropped; the
 * chart's version is to stay as it is. A release that says which authority to trust does not come here: the check
 * konnect-trust stops before (the chart makes a variable of it, which the control plane's configuration shows).
 */
export function konnectValues(zone: KonnectZone, installed: KongMeshValues = {}): KongMeshValues {
  const { zoneName, kdsAddress, controlPlaneId, version, ingress = true, egress = true, proxies } = zone;
  return federatedValues(installed, "kuma", {
    zone: zoneName,
    kdsAddress,
    konnect: { controlPlaneId },
    token: tokenReference(version),
    ingress,
    egress,
    ...(proxies && { proxies }),
  });
}

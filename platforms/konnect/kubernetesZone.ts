import { TOKEN_VARIABLES, konnectVariables } from "./variables";

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
}

/** An environment variable taken from a Secret, as the chart wants it. */
interface SecretVariable {
  Env: string;
  Secret: string;
  Key: string;
}

/** Helm values of the chart kong-mesh (2.x), as far as they matter here; everything below `kuma`. */
export interface KongMeshValues {
  kuma?: {
    controlPlane?: {
      /** A list, or an object with names of the user's own. */
      secrets?: SecretVariable[] | Record<string, SecretVariable> | null;
      [key: string]: unknown;
    };
    [key: string]: unknown;
  };
  [key: string]: unknown;
}

/**
 * The values with which a zone that runs on Kubernetes joins a control plane in Konnect: those of the installed release
 * (`helm get values`, without the chart's defaults) with what Konnect needs put in. Nothing of the user's is dropped; the
 * chart's version is to stay as it is. A release that says which authority to trust does not come here: the check
 * konnect-trust stops before (the chart makes a variable of it, which the control plane's configuration shows).
 */
export function konnectValues(zone: KonnectZone, installed: KongMeshValues = {}): KongMeshValues {
  const { ingress = true, egress = true } = zone;
  const kuma = installed.kuma ?? {};
  const controlPlane = kuma.controlPlane ?? {};
  return {
    ...installed,
    kuma: {
      ...kuma,
      controlPlane: {
        ...controlPlane,
        mode: "zone",
        zone: zone.zoneName,
        kdsGlobalAddress: zone.kdsAddress,
        konnect: { ...(controlPlane.konnect as object | undefined), cpId: zone.controlPlaneId },
        secrets: withToken(controlPlane.secrets, konnectVariables(zone.version).tokenInline),
      },
      ingress: { ...(kuma.ingress as object | undefined), enabled: ingress },
      egress: { ...(kuma.egress as object | undefined), enabled: egress },
    },
  };
}

/** The token in place of any that was there, under whatever name; the other variables stay. */
function withToken(
  secrets: SecretVariable[] | Record<string, SecretVariable> | null | undefined,
  variable: string,
): SecretVariable[] | Record<string, SecretVariable> {
  const token = { Env: variable, Secret: TOKEN_SECRET, Key: TOKEN_KEY };
  const isOther = ({ Env }: SecretVariable) => !TOKEN_VARIABLES.includes(Env);
  if (secrets === null || secrets === undefined) return [token];
  if (Array.isArray(secrets)) return [...secrets.filter(isOther), token];
  const others = Object.entries(secrets).filter(([, entry]) => isOther(entry));
  return { ...Object.fromEntries(others), cpToken: token };
}

import { KumaError } from "../../kuma";
import { TOKEN_VARIABLES, konnectVariables } from "./variables";

/** The Secret that holds the zone's token, and the key in it. */
const TOKEN_SECRET = "cp-token";
const TOKEN_KEY = "token";

export interface KonnectZone {
  zoneName: string;
  /** `grpcs://<region>.mesh.sync.konghq.com:443`. */
  kdsAddress: string;
  controlPlaneId: string;
  /** Version of the zone's control plane, on which the names of variables depend. */
  version: string;
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
      tls?: { kdsZoneClient?: { secretName?: string; skipVerify?: boolean; [key: string]: unknown } };
      [key: string]: unknown;
    };
    [key: string]: unknown;
  };
  [key: string]: unknown;
}

/**
 * The values with which a zone that runs on Kubernetes joins a control plane in Konnect: those of the installed release
 * (`helm get values`, without the chart's defaults) with what Konnect needs put in. Nothing of the user's is dropped; the
 * chart's version is to stay as it is. Fails when the zone is told which authority to trust, or to trust anyone.
 */
export function konnectValues(zone: KonnectZone, installed: KongMeshValues = {}): KongMeshValues {
  const kuma = installed.kuma ?? {};
  const controlPlane = kuma.controlPlane ?? {};
  assertTrustsPublicAuthorities(zone.zoneName, controlPlane.tls?.kdsZoneClient);
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
      ingress: { ...(kuma.ingress as object | undefined), enabled: true },
      egress: { ...(kuma.egress as object | undefined), enabled: true },
    },
  };
}

/** The Secret beside the control plane. The token stands in it as it is, without a line break. */
export function tokenSecret(namespace: string, token: string) {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: TOKEN_SECRET, namespace },
    type: "Opaque",
    stringData: { [TOKEN_KEY]: token.trim() },
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

/** With an authority of its own a zone trusts that one only, and Konnect's certificate is a public one. */
function assertTrustsPublicAuthorities(
  zoneName: string,
  client: { secretName?: string; skipVerify?: boolean } | undefined,
): void {
  const setting = client?.secretName ? "secretName" : client?.skipVerify ? "skipVerify" : undefined;
  if (setting === undefined) return;
  throw new KumaError(
    "invalid",
    `The release of zone ${zoneName} sets kuma.controlPlane.tls.kdsZoneClient.${setting}, with which it would ` +
      (setting === "secretName"
        ? "not trust Konnect's public certificate"
        : "send its token to whoever answers") +
      `. Nothing was changed. Take that value out of the release, and run this again.`,
  );
}

import { CONTROL_PLANE_ID, konnectVariables } from "../konnect/variables";
import type { Ports } from "./ports";

/** KUMA_ variables of control planes on Universal (Kuma v2.14.3, pkg/config/app/kuma-cp/kuma-cp.defaults.yaml). */

const UNIVERSAL = { KUMA_ENVIRONMENT: "universal" };

export function globalEnvironment(
  certFile: string,
  keyFile: string,
  makesMesh = false,
): Record<string, string> {
  return {
    ...UNIVERSAL,
    KUMA_MODE: "global",
    // where meshes come from zones, a default mesh without their authority would win over theirs
    KUMA_DEFAULTS_SKIP_MESH_CREATION: String(!makesMesh),
    // 10 s by default: until then the global does not tell what a zone that has joined accepted and refused
    KUMA_MULTIZONE_GLOBAL_KDS_ZONE_INSIGHT_FLUSH_INTERVAL: "1s",
    KUMA_MULTIZONE_GLOBAL_KDS_TLS_CERT_FILE: certFile,
    KUMA_MULTIZONE_GLOBAL_KDS_TLS_KEY_FILE: keyFile,
    ...given("KUMA_MULTIZONE_GLOBAL_KDS_MAX_MSG_SIZE"),
  };
}

export function standaloneEnvironment(zoneName: string): Record<string, string> {
  return { ...UNIVERSAL, KUMA_MODE: "zone", KUMA_MULTIZONE_ZONE_NAME: zoneName };
}

/**
 * What makes a zone that runs alone one of a global: it dials the KDS address and trusts that authority only, or the
 * system's authorities when none is given.
 */
export function federationEnvironment(
  globalAddress: string,
  caFile: string | undefined,
): Record<string, string> {
  return {
    KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS: globalAddress,
    ...(caFile === undefined ? {} : { KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE: caFile }),
    ...given("KUMA_MULTIZONE_ZONE_KDS_MAX_MSG_SIZE"),
  };
}

/** A limit that a zone with much in it needs, as the environment of the command says it; kept with the settings. */
function given(variable: string): Record<string, string> {
  const value = process.env[variable];
  return value ? { [variable]: value } : {};
}

/** What makes a zone one of a control plane in Konnect. */
export interface KonnectMembership {
  controlPlaneId: string;
  /** Secret: with it the zone connects. */
  token: string;
  /**
   * File that stands in for the system's authorities (the variable SSL_CERT_FILE, which every Go program honours), where
   * Konnect is a stand-in or a network has a TLS proxy of its own. Konnect itself needs none.
   */
  systemCaFile?: string;
}

/** What names the file of the token that a zone shows its global. `version` is that of the zone. */
export function tokenEnvironment(version: string, tokenFile: string): Record<string, string> {
  return { [konnectVariables(version).tokenPath]: tokenFile };
}

/** In addition to `federationEnvironment`, which names no authority then. */
export function konnectEnvironment(
  { controlPlaneId, systemCaFile }: Omit<KonnectMembership, "token">,
  version: string,
  tokenFile: string,
): Record<string, string> {
  return {
    ...tokenEnvironment(version, tokenFile),
    [CONTROL_PLANE_ID]: controlPlaneId,
    ...(systemCaFile === undefined ? {} : { SSL_CERT_FILE: systemCaFile }),
  };
}

/** The control plane in Konnect that a zone with these variables belongs to. */
export function hostedBy(environment: Record<string, string> | undefined): string | undefined {
  return environment?.[CONTROL_PLANE_ID];
}

/** Whether a control plane that is started with these variables dials a global. */
export function isFederated(environment: Record<string, string>): boolean {
  return environment.KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS !== undefined;
}

/** A control plane that is asked by this program alone: its API on loopback, and all its ports. */
export function portVariables(ports: Ports): Record<string, string> {
  return {
    KUMA_API_SERVER_HTTP_INTERFACE: "127.0.0.1",
    KUMA_API_SERVER_HTTPS_INTERFACE: "127.0.0.1",
    KUMA_API_SERVER_HTTP_PORT: String(ports.api),
    KUMA_API_SERVER_HTTPS_PORT: String(ports.apiTls),
    KUMA_MULTIZONE_GLOBAL_KDS_GRPC_PORT: String(ports.kds),
    KUMA_DP_SERVER_PORT: String(ports.dataplanes),
    KUMA_MONITORING_ASSIGNMENT_SERVER_PORT: String(ports.monitoring),
    KUMA_DIAGNOSTICS_SERVER_PORT: String(ports.diagnostics),
    KUMA_INTER_CP_SERVER_PORT: String(ports.interCp),
    // looked for by itself, and without it kuma-cp 2.14.3 does not start on a machine that has no other address
    KUMA_INTER_CP_CATALOG_INSTANCE_ADDRESS: "127.0.0.1",
  };
}

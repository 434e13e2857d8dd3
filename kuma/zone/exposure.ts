import type { ControlPlaneConfig } from "../api/answers";
import type { ControlPlane } from "../api/client";

/**
 * Ways in which a global asks zones for a credential. Kuma 2 has none; Kong Mesh 2 has `cpToken`
 * (kmesh.multizone.global.kds.auth.type, https://developer.konghq.com/mesh/multi-zone-authentication), and since 3.0 both
 * have `zoneToken` (multizone.global.kds.auth.type).
 */
export function admitsAnyZone({ kdsAuth }: Pick<ControlPlaneConfig, "kdsAuth">): boolean {
  return kdsAuth === undefined || kdsAuth === "" || kdsAuth === "none";
}

/**
 * What it means that a global admits every zone that reaches it: all secrets of the meshes go to zones, and all global
 * secrets but those of the control plane itself, its admin's token and the keys that sign its users' tokens among them
 * (Kuma v2.14.3, pkg/kds/context/context.go, GlobalProvidedFilter; seen in test/contract/sync.test.ts).
 */
export function openKdsPort(kdsAddress: string | undefined): string {
  return (
    `The KDS port of the global${kdsAddress === undefined ? "" : ` (${kdsAddress})`} asks for no credential: ` +
    `whoever reaches it under any zone's name is sent the secrets of every mesh, its certificate authorities and the keys that sign data plane tokens among them.`
  );
}

export const CLOSE_KDS_PORT =
  "Let only your zones reach that port: by a firewall, a private network, or kds.sourceRanges of a load balancer. " +
  "Kuma 2 can ask zones for nothing; Kong Mesh can (cpToken), and so can 3.0 (zoneToken).";

/** The warning about a global, where there is one; undefined where it asks for a credential, or is Konnect's. */
export async function openKdsPortOf(
  global: ControlPlane,
  kdsAddress: string | undefined,
): Promise<string | undefined> {
  if (global.hosted || !admitsAnyZone(await global.config())) return undefined;
  return `${openKdsPort(kdsAddress)} ${CLOSE_KDS_PORT}`;
}

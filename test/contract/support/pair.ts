import { write } from "./client";
import { type ControlPlane, type Kind, start } from "./process";

/** A zone called east and a global that has the mesh m1 without policies, which know nothing of each other. */
export async function startPair(kind: Kind): Promise<[zone: ControlPlane, global: ControlPlane]> {
  const [zone, global] = await Promise.all([
    start(kind, { mode: "zone", env: { KUMA_MULTIZONE_ZONE_NAME: "east" } }),
    start(kind, { mode: "global", env: { KUMA_DEFAULTS_SKIP_MESH_CREATION: "true" } }),
  ]);
  await write(global, "/meshes/m1", { type: "Mesh", name: "m1", skipCreatingInitialPolicies: ["*"] });
  return [zone, global];
}

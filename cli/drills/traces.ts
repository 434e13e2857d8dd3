import { isKumaError } from "../../kuma";
import { openControlPlane } from "../../platforms/openControlPlane";
import { type Standing, globalAccess } from "../stack/standing/standing";
import { withMember } from "../status/zone/memberStatus";
import { tell } from "../terminal/print";
import { markersOf, removeMarkers } from "./markers";

const PATIENCE = { attempts: 8, requestTimeoutMs: 10_000 };

/** Takes away the policies that a drill which was killed may have left on both sides. */
export async function removeTraces(
  standing: Standing,
  { zone: zoneName, mesh }: { zone: string; mesh: string },
): Promise<void> {
  const state = standing.zones.find((each) => each.zoneName === zoneName);
  if (!state) return;
  const global = await openControlPlane(globalAccess(standing, state), "the global control plane", PATIENCE);
  try {
    await withMember(global, state, PATIENCE, async (sides) => {
      const all = await markersOf(sides, mesh);
      if (typeof all !== "string") await removeMarkers(all);
    });
  } catch (error) {
    if (!isKumaError(error)) throw error;
    tell(
      `Note: the policies that the drill wrote for trying (kuma-federation-marker-…) may be left. ${error.message}`,
    );
  } finally {
    global.close();
  }
}

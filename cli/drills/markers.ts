import { type Markers, type Sides, isKumaError, markersBetween } from "../../kuma";
import { pause } from "../../kuma/until";
import { tell } from "../terminal/print";

/** The policies that are written for trying, of different names: one may arrive late. */
export type Phases = Record<"before" | "during" | "after", Markers>;

/** Nothing is written yet. In words why nothing can be. */
export async function markersOf(sides: Sides, mesh: string): Promise<Phases | string> {
  const [before, during, after] = await Promise.all(
    ["drill-before", "drill-during", "drill-after"].map((occasion) => markersBetween(sides, mesh, occasion)),
  );
  if (typeof before === "string" || typeof during === "string" || typeof after === "string")
    return String(before);
  return { before, during, after };
}

/** Milliseconds for a write that a stopped control plane had not read yet, and does now that it goes on. */
const LATE_MS = 1_000;

/** Takes all of them away, on both sides; tells where that cannot be. */
export async function removeMarkers(phases: Phases): Promise<void> {
  try {
    for (const wait of [0, LATE_MS]) {
      await pause(wait);
      for (const { fromGlobal, fromZone } of Object.values(phases)) {
        await fromGlobal.remove();
        await fromZone.remove();
      }
    }
  } catch (error) {
    if (!isKumaError(error)) throw error;
    tell(
      `Note: policies that were written for trying (kuma-federation-marker-…) may be left on the global and in the zone. ${error.message}`,
    );
  }
}

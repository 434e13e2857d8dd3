import { callsOfOthers, isKumaError, isZoneEnabled, listedServices, withhold } from "../../kuma";
import { pause } from "../../kuma/until";
import { type Connections, withGlobal } from "../connections";
import { globalGoes, leavesNow } from "../options/undoMode";
import { say } from "../provider/say";

/** Milliseconds for other zones to hear that a zone is disabled, and to tell their proxies: 2.1 s at most (docs/drills.md). */
export const LET_GO_MS = 10_000;

/**
 * Before a zone leaves its global: calls of other zones to what they or others have too go there from now on, instead of to what
 * is about to be cut off. Whoever cannot be told keeps no zone from leaving. Gives whether the zone was disabled.
 */
export async function letGo(
  { zoneName, global: place }: Pick<Connections, "zoneName" | "global">,
  { waitMs = LET_GO_MS, tell = say } = {},
): Promise<boolean> {
  if (globalGoes() || !leavesNow(zoneName)) return false;
  try {
    return await withGlobal({ global: place }, async (global) => {
      if ((await isZoneEnabled(global, zoneName)) !== true) return false;
      const { moving } = await callsOfOthers(global, zoneName);
      if (moving.length === 0 || !(await withhold(global, zoneName, "until-it-has-left"))) return false;
      tell(
        `zone ${zoneName}: it is disabled on the global until it has left, so that calls to what other zones have too go there (${listedServices(moving)})`,
      );
      await pause(waitMs, global.address.signal);
      return true;
    });
  } catch (error) {
    if (!isKumaError(error) || error.code === "cancelled") throw error;
    tell(
      `warning: zone ${zoneName}: it could not be disabled on the global before it leaves, so that calls to what other zones have too may fail until these have let go of it. ${error.message}`,
    );
    return false;
  }
}

import { isZoneEnabled } from "../../kuma";
import { type Connections, withGlobal } from "../connections";
import { globalGoes } from "../options/undoMode";
import { leavesNow } from "../options/members";
import { say } from "../provider/say";
import { LET_GO_MS, hide } from "./hide";

/**
 * Before a zone leaves its global: calls of other zones to what they or others have too go there from now on, instead of to what
 * is about to be cut off. Whoever cannot be told keeps no zone from leaving. Gives whether the zone was disabled.
 */
export async function letGo(
  { zoneName, global: place }: Pick<Connections, "zoneName" | "global">,
  { waitMs = LET_GO_MS, tell = say } = {},
): Promise<boolean> {
  if (globalGoes() || !leavesNow(zoneName)) return false;
  return hide(
    (work) =>
      withGlobal(
        { global: place },
        async (global) => (await isZoneEnabled(global, zoneName)) === true && work(global),
      ),
    {
      ...{ zoneName, until: "until-it-has-left", waitMs, tell },
      disabled: "until it has left, so that calls to what other zones have too go there",
      failed:
        "before it leaves, so that calls to what other zones have too may fail until these have let go of it",
    },
  );
}

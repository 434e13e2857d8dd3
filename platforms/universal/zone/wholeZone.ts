import { isFederated } from "../environment";
import { ForReturn, forgetReturn, hasKeptForJoin, keepForJoin, keptForReturn } from "./keptResources";
import type { RunSettings, ZoneRuntime } from "./zoneRuntime";

/**
 * A way back of a zone with its store in memory that a run has begun and not ended: what is in that store is not what the
 * zone had. Only the global holds its secrets.
 */
async function cutShortReturn<S extends RunSettings>(
  runtime: ZoneRuntime<S>,
): Promise<ForReturn<S> | undefined> {
  const begun = await keptForReturn<S>(runtime);
  if (begun === undefined || !runtime.hasStoreInMemory(begun.federated)) return undefined;
  const settings = await runtime.settings();
  const isWhole = settings !== undefined && isFederated(settings.environment) && (await runtime.isRunning());
  return isWhole ? undefined : begun;
}

/** Whether a zone is a member that lacks what it owns, and nobody has begun to give it that. */
export async function isToBeMadeWhole(runtime: ZoneRuntime): Promise<boolean> {
  if ((await cutShortReturn(runtime)) !== undefined) return true;
  return (await runtime.hasRestarted()) && !(await hasKeptForJoin(runtime));
}

/** Has the zone be its global's member again, and what it owns be put back by whoever joins it next. */
export async function beginToMakeWhole<S extends RunSettings>(runtime: ZoneRuntime<S>): Promise<void> {
  const begun = await cutShortReturn(runtime);
  if (begun === undefined) {
    // its global has deleted its copies when it connected again
    if (await isToBeMadeWhole(runtime)) await keepForJoin(runtime, "snapshot");
    return;
  }
  await keepForJoin(runtime, begun.kept);
  await runtime.start(begun.federated, { holdProxies: true, anew: true });
  await forgetReturn(runtime);
}

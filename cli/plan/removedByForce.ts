import { enumerated } from "../../kuma";
import { UsageError } from "../commandLine/usageError";

/**
 * Refuses a plan of a run that removes zones by force: these go from the state before the engine begins, so that the engine would
 * find another state than the one that its plan was made with.
 */
export function assertNoneByForce(removed: readonly string[]): void {
  if (removed.length === 0) return;
  throw new UsageError(
    `The stack removes ${removed.length === 1 ? "zone" : "zones"} ${enumerated(removed)} by force (remove: force), and no plan can hold that: ` +
      `it is taken out of the state before the engine begins. Nothing was changed. Run npm run up without a plan, take the entry out of the file, and make the plan then.`,
  );
}

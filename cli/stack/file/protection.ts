import { enumerated } from "../../../kuma";
import type { StackConfig } from "../../../stack/config";
import { memberNames } from "../../../stack/waves";
import { ofStack } from "../../commandLine/ofStack";
import { UsageError } from "../../commandLine/usageError";
import { nameOf } from "../../terminal/urn";
import { type Exported, exportDeployment } from "../deployment";
import type { EngineStack } from "../engineStack";
import { standingOf } from "../standing/standing";

/** Fails where a stack is protected: the engine would say so in the middle of taking it down. */
export function assertUnprotected(stack: string, exported: Exported | undefined): void {
  const names = protectedIn(exported);
  if (names.length === 0) return;
  throw new UsageError(
    `Stack ${stack} is protected (the setting protect; in its state ${enumerated(names, 3)}), so it is not taken down. Nothing was changed. ` +
      `Set protect to false, run npm run up${ofStack(stack)}, and then destroy.`,
  );
}

/**
 * Fails where a zone is to leave a global that keeps its zones. The state says whether it does: a file that protects no longer, and
 * has a zone leave, is two steps.
 *
 * @returns whether anything is kept
 */
export async function assertNoneLeaves(
  stack: EngineStack,
  config: Pick<StackConfig, "zones">,
): Promise<boolean> {
  if (!stack.mayHave("protect") || protectedIn(await exportDeployment(stack)).length === 0) return false;
  const standing = standingOf(await exportDeployment(stack, { withSecrets: true }));
  const stays = memberNames(config);
  const leaving = (standing?.zones ?? [])
    .map(({ zoneName }) => zoneName)
    .filter((name) => !stays.includes(name));
  if (leaving.length === 0) return true;
  throw new UsageError(
    `Zone ${enumerated(leaving, 5)} would leave the global, and stack ${stack.name} is protected (the setting protect, as of its last up). ` +
      `Nothing was changed. Set protect to false and run npm run up${ofStack(stack.name)} with nothing else changed; then let it leave.`,
  );
}

function protectedIn(exported: Exported | undefined): string[] {
  const resources = exported?.deployment.resources ?? [];
  return [...new Set(resources.filter(({ protect }) => protect).map(({ urn }) => nameOf(urn)))];
}

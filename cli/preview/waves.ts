import { enumerated } from "../../kuma";
import type { StackConfig } from "../../stack/config";
import { namesByWave } from "../../stack/waves";

/** What a preview says of the waves in which its zones are switched: a line for each wave that has one of them. */
export function describeWaves(
  config: Pick<StackConfig, "zones" | "rollout">,
  isSwitched: (zoneName: string) => boolean,
): string[] {
  const { rollout } = config;
  if (rollout === undefined) return [];
  const waves = namesByWave(config);
  const after = rollout.settle > 0 ? ` and have stayed online for ${rollout.settle} s` : "";
  return waves.flatMap((names, at) => {
    const switched = names.filter(isSwitched);
    if (switched.length === 0) return [];
    const when = at === 0 ? "" : `, once those of wave ${at} are online and equal on both sides${after}`;
    const how = switched.length === 1 ? "is switched" : "are switched side by side";
    return [`wave ${at + 1} of ${waves.length}: ${enumerated(switched)} ${how}${when}`];
  });
}

import { enumerated } from "../../../kuma";
import type { StackConfig } from "../../../stack/config";
import { namesByWave } from "../../../stack/waves";
import type { Standing } from "./standing";

/** What stands where after a run that failed, a line for each wave; nothing for a stack without a rollout. */
export function whatStands(
  standing: Pick<Standing, "zones"> | undefined,
  config: Pick<StackConfig, "zones" | "rollout">,
): string[] {
  if (config.rollout === undefined) return [];
  const known = new Map(standing?.zones.map((zone) => [zone.zoneName, zone.joined]));
  const ways: [how: string, joined: boolean | undefined][] = [
    ["joined", true],
    ["carried, not joined", false],
    ["not begun", undefined],
  ];
  const waves = namesByWave(config);
  return waves.map((names, at) => {
    const told = ways.flatMap(([how, joined]) => {
      const those = names.filter((name) => known.get(name) === joined);
      return those.length > 0 ? [`${how}: ${enumerated(those)}`] : [];
    });
    return `wave ${at + 1} of ${waves.length}: ${told.join("; ")}`;
  });
}

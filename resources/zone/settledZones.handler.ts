import { untilSettled } from "../../kuma";
import { withGlobal } from "../connections";
import { isPreflight } from "../options/preflightMode";
import { saying } from "../provider/progress";
import { say } from "../provider/say";
import type { HandlerOf, InputsOf } from "../provider/resource";
import type { SettledZones } from "./settledZones";

type Inputs = InputsOf<typeof SettledZones>;

export const settledZones: HandlerOf<typeof SettledZones> = {
  // another wait, or other zones after them, say nothing of those that have settled
  diff: async (_, olds, news) => ({
    changes:
      !isPreflight() &&
      (olds.kdsAddress !== news.kdsAddress || news.zoneNames.some((name) => !olds.zoneNames.includes(name))),
  }),
  create: async (inputs) => ({ id: inputs.zoneNames.join(), outs: await settled(inputs) }),
  update: (_, __, news) => settled(news),
  delete: async () => {},
};

async function settled(inputs: Inputs): Promise<Inputs> {
  const { zoneNames, settle, laterZones } = inputs;
  await saying(
    (seconds) =>
      `${zoneNames.join(", ")}: until all of them have been online for ${settle} s, for ${seconds} s until now`,
    () => withGlobal(inputs, (global) => untilSettled(global, zoneNames, settle * 1_000, laterZones)),
    15_000,
  );
  say(`${zoneNames.join(", ")}: settled, online for ${settle} s`);
  return inputs;
}

import { unpackSnapshot } from "../../../kuma";
import { hasKeptForJoin } from "../../../platforms/universal/zone/keptResources";
import { beginReturn, endReturn } from "../../../platforms/universal/zone/return";
import { leaveGlobal } from "../../../platforms/universal/zone/zoneReturn";
import { withConnections } from "../../connections";
import { assertNewHostsAnswer } from "../../host/proxyHosts";
import { changedInputs } from "../../provider/handler";
import { globalGoes } from "../../options/undoMode";
import { tellWhatWillDiffer, witness } from "../../ledgers";
import type { HandlerOf, InputsOf } from "../../provider/resource";
import { beforeSwitch, isToJoin } from "../withheld";
import type { UniversalWayBack } from "./universalWayBack";
import { withZoneRuntime } from "./zoneRuntime";

type Inputs = InputsOf<typeof UniversalWayBack>;

/**
 * The way back of a zone. It is in the state before the zone is switched, so that a switch that fails or is killed can
 * be undone as well: the deletion of this resource takes the zone back.
 */
export const universalWayBack: HandlerOf<typeof UniversalWayBack> = {
  async check(olds, news) {
    // before the switch, at which the tokens there may end
    await assertNewHostsAnswer(olds, news);
    if (!(await isSwitchUnderWay(news))) await tellWhatWillDiffer(news);
    return news;
  },

  async diff(_, olds, news) {
    if (changedInputs(olds, news).some((name) => name !== "enabled")) return { changes: true };
    return { changes: !(await isSwitchUnderWay(news)) && (await isToJoin(news)) };
  },

  create: async (inputs) => ({
    id: inputs.zoneName,
    outs: { ...inputs, before: await beforeSwitch(inputs, undefined) },
  }),

  update: async (_, { before }, news) => ({
    ...news,
    before: (await isSwitchUnderWay(news)) ? before : await beforeSwitch(news, before),
  }),

  delete: (_, { before, ...inputs }) =>
    withZoneRuntime(inputs, (runtime) =>
      withConnections(inputs, async (sides) => {
        const { zone, zoneName } = sides;
        const leaving = await beginReturn(runtime, zone, zoneName);
        await leaveGlobal(sides, runtime, unpackSnapshot(inputs.snapshot), { globalGoes: globalGoes() });
        if (leaving === undefined) return;
        await witness("back", zone, zoneName, before, { leaving });
        await endReturn(runtime);
      }),
    ),
};

/** A store in memory may have lost everything by then, so that what the zone is says nothing of what it was. */
function isSwitchUnderWay(inputs: Inputs): Promise<boolean> {
  return withZoneRuntime(inputs, hasKeptForJoin);
}

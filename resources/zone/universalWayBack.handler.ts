import { unpackSnapshot } from "../../kuma";
import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import { hasKeptForJoin } from "../../platforms/universal/zone/keptResources";
import { beginReturn, endReturn } from "../../platforms/universal/zone/return";
import { leaveGlobal } from "../../platforms/universal/zone/zoneReturn";
import { withConnections } from "../connections";
import { changedInputs } from "../provider/handler";
import { globalGoes } from "../options/undoMode";
import { isRecordStale, recordWhileAlone, tellWhatWillDiffer, witness } from "../ledgers";
import type { HandlerOf, InputsOf } from "../provider/resource";
import type { UniversalWayBack } from "./universalWayBack";

type Inputs = InputsOf<typeof UniversalWayBack>;

/**
 * The way back of a zone. It is in the state before the zone is switched, so that a switch that fails or is killed can
 * be undone as well: the deletion of this resource takes the zone back.
 */
export const universalWayBack: HandlerOf<typeof UniversalWayBack> = {
  async check(_, news) {
    if (!isSwitchUnderWay(news)) await tellWhatWillDiffer(news);
    return news;
  },

  async diff(_, olds, news) {
    if (changedInputs(olds, news).length > 0) return { changes: true };
    return { changes: !isSwitchUnderWay(news) && (await isRecordStale(news, olds.before)) };
  },

  create: async (inputs) => ({
    id: inputs.zoneName,
    outs: { ...inputs, before: await recordWhileAlone(inputs, undefined) },
  }),

  update: async (_, { before }, news) => ({
    ...news,
    before: isSwitchUnderWay(news) ? before : await recordWhileAlone(news, before),
  }),

  delete: (_, { before, ...inputs }) =>
    withConnections(inputs, async (sides) => {
      const { zone, zoneName } = sides;
      const { directory, snapshot } = inputs;
      const process = new ControlPlaneProcess(directory);
      const leaving = await beginReturn(process, zone, zoneName);
      await leaveGlobal(sides, process, unpackSnapshot(snapshot), { globalGoes: globalGoes() });
      if (leaving === undefined) return;
      await witness("back", zone, zoneName, before, { leaving });
      endReturn(process);
    }),
};

/** A store in memory may have lost everything by then, so that what the zone is says nothing of what it was. */
function isSwitchUnderWay({ directory }: Inputs): boolean {
  return hasKeptForJoin(new ControlPlaneProcess(directory));
}

import {
  Manifest,
  describeDrift,
  driftOf,
  handOver,
  isKumaError,
  remaining,
  unpackSnapshot,
} from "../../kuma";
import { acceptedDifferences } from "../options/acceptedDifferences";
import { withConnections } from "../connections";
import { changedInputs } from "../provider/handler";
import { LedgerOutcome, leftToGlobal, witness } from "../ledgers";
import { isPreflight } from "../options/preflightMode";
import { say } from "../provider/say";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import type { PolicyHandover } from "./policyHandover";
import { forgetHandOver } from "./policyProspects";

type Inputs = InputsOf<typeof PolicyHandover>;
type Outputs = StateOf<typeof PolicyHandover>;

/** Policies of a zone that are the global's: its own copies are retired, and the global's are in force in their place. */
export const policyHandover: HandlerOf<typeof PolicyHandover> = {
  async diff(_, olds, news) {
    if (isPreflight()) return { changes: false };
    const changed = changedInputs(olds, news);
    if (changed.some((name) => name !== "zone.tokens" && name !== "global.tokens")) return { changes: true };
    if (news.before !== undefined && olds.ledger === undefined) return { changes: true };
    try {
      return await withConnections(news, async (sides) => {
        const { toRetire, drift, repaired } = await remaining(sides, wanted(news, olds.handed));
        for (const line of describeDrift(drift, repaired)) say(`zone ${news.zoneName}: ${line}`);
        if (toRetire.length > 0)
          say(`zone ${news.zoneName}: ${toRetire.length} policies are back in the zone, to be retired again`);
        return { changes: toRetire.length + repaired.length > 0 };
      });
    } catch (error) {
      // what brings the control plane back comes first
      if (isKumaError(error, "unreachable")) return { changes: true };
      throw error;
    }
  },

  create: async (inputs) => ({ id: inputs.zoneName, outs: await carryOut(inputs, {}, undefined) }),

  update: (_, olds, news) =>
    carryOut(news, olds.handed, olds.before === news.before ? olds.ledger : undefined),

  // the way back gives the zone its own again, also after a handover that was cut short and is not in the state
  delete: async () => {},

  // what was found is told by diff, which the engine asks next
  read: (_, props) =>
    withConnections(props, async ({ global }) => {
      const { handed, drift: _before, ledger: _ledger, ...inputs } = props;
      return { props: { ...props, drift: await driftOf(global, handed) }, inputs };
    }),
};

async function carryOut(
  inputs: Inputs,
  former: Manifest,
  witnessed: LedgerOutcome | undefined,
): Promise<Outputs> {
  const { zoneName, onConflict, before } = inputs;
  forgetHandOver(zoneName);
  return withConnections(inputs, async (sides) => {
    const { zone, global } = sides;
    const handed = await handOver(sides, wanted(inputs, former));
    const drift = await driftOf(global, handed);
    say(
      `zone ${zoneName}: ${Object.keys(handed).length} policies are the global's, and in force in the zone`,
    );
    const circumstances = { isLeftToGlobal: leftToGlobal(onConflict) };
    const ledger = witnessed ?? (await witness("handedOver", zone, zoneName, before, circumstances));
    return { ...inputs, handed, drift, ledger };
  });
}

function wanted({ originals, onConflict, onDrift }: Inputs, before: Manifest) {
  const isAccepted = acceptedDifferences();
  return { policies: unpackSnapshot(originals).originals, before, onConflict, onDrift, isAccepted };
}

import { federatedTo, isKumaError } from "../../kuma";
import { untilJoined } from "../../platforms/kubernetes/zoneFederation";
import { withConnections, withZone } from "../connections";
import { changedInputs } from "../provider/handler";
import { LedgerOutcome, leftToGlobal, witness } from "../ledgers";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import type { KubernetesZoneFederation } from "./kubernetesZoneFederation";

type Inputs = InputsOf<typeof KubernetesZoneFederation>;
type Outputs = StateOf<typeof KubernetesZoneFederation>;

/** A zone in a cluster that has joined its global: online over several looks, both sides equal. */
export const kubernetesZoneFederation: HandlerOf<typeof KubernetesZoneFederation> = {
  async diff(_, olds, news) {
    const changed = changedInputs(olds, news).some((name) => name !== "before" && name !== "onConflict");
    if (changed || (news.before !== undefined && olds.ledger === undefined)) return { changes: true };
    try {
      const dials = await withZone(news, async (zone) => federatedTo(await zone.config()));
      return { changes: dials !== news.kdsAddress };
    } catch (error) {
      if (isKumaError(error)) return { changes: true };
      throw error;
    }
  },
  create: async (inputs) => ({ id: inputs.zoneName, outs: await join(inputs, undefined) }),
  update: (_, olds, news) => join(news, olds.ledger),
  // the way back is a resource of its own, see kubernetesWayBack.ts
  delete: async () => {},
};

function join(inputs: Inputs, former: LedgerOutcome | undefined): Promise<Outputs> {
  const { zoneName, kdsAddress, resources, before, onConflict = "fail" } = inputs;
  return withConnections(inputs, async (zone, global) => {
    const { version } = await untilJoined(zone, global, zoneName, kdsAddress, resources);
    const isLeftToGlobal = leftToGlobal(onConflict);
    const isNew = before === undefined;
    const ledger =
      former ?? (isNew ? undefined : await witness("joined", zone, zoneName, before, { isLeftToGlobal }));
    return { ...inputs, online: true, version, ledger };
  });
}

import {
  Manifest,
  PolicyProspect,
  Resource,
  describePolicies,
  enumerated,
  giveBack,
  isKumaError,
  keyOf,
  KumaError,
  manifestOf,
  packSnapshot,
  unpackSnapshot,
  zoneNames,
} from "../../kuma";
import { packRecord, recordZone } from "../../kuma/ledger";
import { withConnections, withZone } from "../connections";
import { changedInputs, isKnown } from "../provider/handler";
import { isPreflight } from "../options/preflightMode";
import { staysNow } from "../options/members";
import { say } from "../provider/say";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import type { PolicyWayBack } from "./policyWayBack";
import { planHandOver } from "./policyProspects";
import { leftOpen } from "../options/planRun";

type Inputs = InputsOf<typeof PolicyWayBack>;
type Outputs = StateOf<typeof PolicyWayBack>;

/**
 * The record of what a zone hands over. It is in the state before anything is written to the global or deleted in the
 * zone, and writes nothing itself: so a handover that ends anywhere can be undone as well.
 */
export const policyWayBack: HandlerOf<typeof PolicyWayBack> = {
  async check(olds, news) {
    const before = olds.policies ?? {};
    const open = { ...news, policies: before, ...leftOpen("policies") };
    if (isPreflight() || !isKnown(news.zone.url)) return open;
    try {
      const prospect = await look(news, before);
      if (prospect.planned.length > 0) say(describePolicies(prospect, news.zoneName));
      return { ...news, policies: { ...before, ...manifestOf(prospect.handedOver) } };
    } catch (error) {
      // what starts the control planes, or makes them, comes first
      if (isKumaError(error, "unreachable")) return open;
      throw error;
    }
  },

  async diff(_, olds, news) {
    if (isPreflight()) return { changes: false };
    // tokens too: what is deleted is deleted with those of the state
    return { changes: changedInputs(olds, news).length > 0 };
  },

  create: async (inputs) => ({
    id: inputs.zoneName,
    outs: await record(inputs, await look(inputs, {}), { policies: {}, added: [], originals: [] }),
  }),

  async update(_, olds, news) {
    const { policies, added, before } = olds;
    const originals = unpackSnapshot(olds.originals).originals;
    return record(news, await look(news, policies), { policies, added, originals, before });
  },

  async delete(_, { originals, added, followers, ...connections }) {
    const { zoneName } = connections;
    const policies = unpackSnapshot(originals).originals;
    if (policies.length === 0) return;
    try {
      await withConnections(connections, async (sides) => {
        const others = (await zoneNames(sides.global)).filter((name) => name !== zoneName);
        const relying = others.filter((name) => followers.includes(name) || staysNow(name));
        const leaveOnGlobal = relying.length > 0;
        const { returned, changed, left, strange } = await giveBack(sides, {
          policies,
          added,
          leaveOnGlobal,
        });
        say(`zone ${zoneName}: ${returned.length} policies are the zone's own again`);
        if (changed.length > 0)
          say(`zone ${zoneName}: as they were changed on the global: ${enumerated(changed)}`);
        if (strange.length > 0)
          say(
            `zone ${zoneName}: left on the global, as they are neither what was written there nor what the zone has: ${enumerated(strange)}`,
          );
        if (left.length > 0) {
          say(
            `zone ${zoneName}: left on the global, as ${enumerated(relying)} may rely on them: ${enumerated(left)}`,
          );
        }
      });
    } catch (error) {
      if (!isKumaError(error, "unreachable")) throw error;
      throw new KumaError(
        "unreachable",
        `Zone ${zoneName} did not get its policies back: ${error.message} ` +
          `The global keeps what it has until the zone has its own. Run it again once both control planes run (up starts those of this machine).`,
      );
    }
  },
};

function look(inputs: Inputs, known: Manifest): Promise<PolicyProspect> {
  const { zoneName, onConflict } = inputs;
  return isKnown(inputs.globalVersion) && isKnown(inputs.global.url)
    ? withConnections(inputs, (sides) => planHandOver({ ...sides, onConflict }, known))
    : withZone(inputs, (zone) => planHandOver({ zoneName, zone, global: undefined, onConflict }, known));
}

async function record(
  inputs: Inputs,
  { handedOver, planned }: PolicyProspect,
  before: { policies: Manifest; added: string[]; originals: Resource[]; before?: string },
): Promise<Outputs> {
  const news = new Set(handedOver.map(keyOf));
  const added = planned.flatMap(({ key, action }) => (action === "create" ? [key] : []));
  const originals = [...before.originals.filter((policy) => !news.has(keyOf(policy))), ...handedOver];
  return {
    ...inputs,
    policies: { ...before.policies, ...manifestOf(handedOver) },
    originals: packSnapshot({ originals, kept: [] }),
    added: [...new Set([...before.added, ...added])],
    // where nothing is to be handed over, some of the zone's own may be retired already
    before:
      planned.length > 0
        ? await withZone(inputs, async (zone) => packRecord(await recordZone(zone, inputs.zoneName)))
        : before.before,
  };
}

import { ControlPlane, Sides, isKumaError, keyOf, unpackSnapshot } from "../../../kuma";
import { ZoneRecord, recordZone } from "../../../kuma/ledger";
import type { ZoneRuntime } from "../../../platforms/universal/zone/zoneRuntime";
import { lostInZone } from "../../../platforms/universal/zone/keptResources";
import { hasJoined, joinGlobal } from "../../../platforms/universal/zone/zoneFederation";
import { isToAskAnew } from "../../options/anewMode";
import { noteMember } from "../../options/members";
import { withConnections, withZone } from "../../connections";
import { ChangedInput, changedInputs } from "../../provider/handler";
import { leftToGlobal, witness } from "../../ledgers";
import type { HandlerOf, InputsOf, StateOf } from "../../provider/resource";
import { letGo } from "../letGo";
import { asMember, isHeldBack } from "../withheld";
import type { UniversalZoneFederation } from "./universalZoneFederation";
import { withZoneRuntime } from "./zoneRuntime";

type Inputs = InputsOf<typeof UniversalZoneFederation>;
type Outputs = StateOf<typeof UniversalZoneFederation>;

/** Changes of these need a new switch; the others only have to be remembered. */
const SWITCHING: ChangedInput<Inputs>[] = [
  "zoneName",
  "directory",
  "federatedDatabase",
  "zone.url",
  "zone.instances",
  "global.url",
  "kdsAddress",
  "kdsCa",
  "konnect",
  "cpToken",
  "resources",
  "generation",
];

export const universalZoneFederation: HandlerOf<typeof UniversalZoneFederation> = {
  async check(_, news) {
    noteMember(news.zoneName);
    return news;
  },

  async diff(_, olds, news) {
    const isChanged = changedInputs(olds, news).some((name) => SWITCHING.includes(name));
    if (isChanged || isToAskAnew(news.zoneName)) return { changes: true };
    // what is left out of the inputs does not count among those that changed
    if (olds.cpToken !== undefined && news.cpToken === undefined) return { changes: true };
    if (news.before !== undefined && olds.ledger === undefined) return { changes: true };
    return { changes: !(await isJoined(news)) || (await isHeldBack(news)) };
  },

  create: async (inputs) => ({
    id: inputs.zoneName,
    outs: await asMember(inputs, () => join(inputs, undefined)),
  }),

  update: (_, olds, news) => asMember(news, () => join(news, olds)),

  read: async (_, props) => {
    const lost = await withZoneRuntime(props, (runtime) =>
      lostInZone(runtime, unpackSnapshot(props.snapshot)),
    );
    const drift = Object.fromEntries(lost.map((each) => [keyOf(each), "missing" as const]));
    const { online: _online, version: _version, ledger: _ledger, drift: _drift, ...inputs } = props;
    return { props: { ...props, drift }, inputs };
  },

  // the way back is a resource of its own, see universalWayBack.ts
  async delete(_, props) {
    await letGo(props);
  },
};

async function isJoined(inputs: Inputs): Promise<boolean> {
  const { kdsAddress, konnect } = inputs;
  try {
    return await withZoneRuntime(inputs, (runtime) =>
      withZone(inputs, (zone) => hasJoined(zone, runtime, kdsAddress, konnect)),
    );
  } catch (error) {
    if (isKumaError(error)) return false;
    throw error;
  }
}

async function join(inputs: Inputs, former?: Outputs): Promise<Outputs> {
  const { zoneName, kdsAddress, kdsCa, konnect, cpToken, onConflict, onFailedSwitch } = inputs;
  const { resources: manifest } = inputs;
  const snapshot = unpackSnapshot(inputs.snapshot);
  const lostMeshes = lostSince(former, inputs);
  return withBoth(inputs, async (sides, runtime) => {
    const { zone } = sides;
    const leaving = lostMeshes.length > 0 ? await recordIfThere(zone, zoneName) : undefined;
    const { version } = await joinGlobal({
      ...sides,
      ...{ runtime, kdsAddress, kdsCa, konnect, cpToken },
      ...{ onConflict, onFailedSwitch, manifest, snapshot },
      formerKdsAddress: former?.kdsAddress,
      lostMeshes,
    });
    // the zone is its owner's once it was held to its record: what differs later is not the switch's doing
    const isLeftToGlobal = leftToGlobal(onConflict);
    const holdTo = (meshes?: string[]) =>
      witness("joined", zone, zoneName, inputs.before, {
        isLeftToGlobal,
        meshes,
        ...(meshes && { leaving }),
      });
    const ledger = former?.ledger ?? (await holdTo());
    if (former?.ledger && lostMeshes.length > 0) await holdTo(lostMeshes);
    return { ...inputs, online: true, version, ledger, drift: {} };
  });
}

function withBoth<T>(inputs: Inputs, work: (sides: Sides, runtime: ZoneRuntime) => Promise<T>): Promise<T> {
  return withZoneRuntime(inputs, (runtime) => withConnections(inputs, (sides) => work(sides, runtime)));
}

/** What the zone has of its owner's later changes; nothing where it does not run. */
async function recordIfThere(zone: ControlPlane, zoneName: string): Promise<ZoneRecord | undefined> {
  try {
    return await recordZone(zone, zoneName);
  } catch (error) {
    if (isKumaError(error)) return undefined;
    throw error;
  }
}

/** Meshes that the global got again since the zone was held to its record. */
function lostSince(former: Outputs | undefined, { refilled = {} }: Inputs): string[] {
  if (former === undefined) return [];
  return Object.keys(refilled).filter((mesh) => refilled[mesh] > former.generation);
}

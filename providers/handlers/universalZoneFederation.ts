import { ControlPlane, Drift, Manifest, OnConflict, isKumaError, keyOf, unpackSnapshot } from "../../kuma";
import { ZoneRecord, recordZone } from "../../kuma/ledger";
import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import type { KonnectMembership } from "../../platforms/universal/environment";
import type { OnFailedSwitch } from "../../platforms/failedSwitch";
import { lostInZone } from "../../platforms/universal/keptResources";
import { hasJoined, joinGlobal } from "../../platforms/universal/zoneFederation";
import { isToAskAnew } from "../anewMode";
import { Connections, withConnections } from "../connections";
import { Handler, changedInputs } from "../handler";
import { LedgerOutcome, leftToGlobal, witness } from "../ledgers";

interface Inputs extends Connections {
  /** Where the zone's process lies, relative to the program's directory. */
  directory: string;
  /** From the bridge: it gives them only once the global holds everything. */
  kdsAddress: string;
  kdsCa: string;
  /** Where the global is one in Konnect; the token in it is a secret. */
  konnect?: KonnectMembership;
  onConflict: OnConflict;
  onFailedSwitch: OnFailedSwitch;
  resources: Manifest;
  /** Counts how often the global had to be filled again. */
  generation: number;
  /** The meshes that it had lost, each with that count when it got it again for the last time. */
  refilled?: Record<string, number>;
  /** Secret: what the zone held before, for the way back. */
  snapshot: string;
  /** Secret: everything that the zone's API showed before, see kuma/ledger. */
  before?: string;
}

interface Outputs extends Inputs {
  /** As it was when the switch was done; `npm run status` tells how it is. */
  online: boolean;
  version: string;
  /** What differed when the zone had joined, all of it explained; left out until that is so. */
  ledger?: LedgerOutcome;
  /** What was in the zone alone, and is lost with its store, when it was looked at last. */
  drift?: Drift;
}

/** Changes of these need a new switch; the others only have to be remembered. */
const SWITCHING: (keyof Inputs)[] = [
  "zoneName",
  "directory",
  "zoneUrl",
  "globalUrl",
  "kdsAddress",
  "kdsCa",
  "konnect",
  "resources",
  "generation",
];

export const universalZoneFederation: Handler<Inputs, Outputs> = {
  async diff(_, olds, news) {
    const isChanged = changedInputs(olds, news).some((name) => SWITCHING.includes(name));
    if (isChanged || isToAskAnew(news.zoneName)) return { changes: true };
    if (news.before !== undefined && olds.ledger === undefined) return { changes: true };
    const joined = await withConnections(news, (zone) =>
      hasJoined(zone, new ControlPlaneProcess(news.directory), news.kdsAddress, news.konnect).catch(
        (error) => {
          if (isKumaError(error)) return false;
          throw error;
        },
      ),
    );
    return { changes: !joined };
  },

  create: async (inputs) => ({ id: inputs.zoneName, outs: await join(inputs, undefined) }),

  update: (_, olds, news) => join(news, olds),

  read: async (_, props) => {
    const lost = lostInZone(new ControlPlaneProcess(props.directory), unpackSnapshot(props.snapshot));
    const drift = Object.fromEntries(lost.map((each) => [keyOf(each), "missing" as const]));
    const { online: _online, version: _version, ledger: _ledger, drift: _drift, ...inputs } = props;
    return { props: { ...props, drift }, inputs };
  },

  // the way back is a resource of its own, see universalWayBack.ts
  delete: async () => {},
};

async function join(inputs: Inputs, former?: Outputs): Promise<Outputs> {
  const { zoneName, kdsAddress, kdsCa, konnect, onConflict, onFailedSwitch, resources: manifest } = inputs;
  const process = new ControlPlaneProcess(inputs.directory);
  const snapshot = unpackSnapshot(inputs.snapshot);
  const lostMeshes = lostSince(former, inputs);
  return withConnections(inputs, async (zone, global) => {
    const sides = { zoneName, zone, process, global, kdsAddress, kdsCa, konnect };
    const leaving = lostMeshes.length > 0 ? await recordIfThere(zone, zoneName) : undefined;
    const { version } = await joinGlobal({
      ...sides,
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

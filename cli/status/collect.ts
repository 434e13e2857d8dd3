import type { StackConfig } from "../../stack/config";
import {
  ControlPlane,
  ControlPlaneInfo,
  CountedResource,
  Ending,
  MultiZone,
  countResources,
  isKumaError,
  openKdsPortOf,
  readMultiZone,
} from "../../kuma";
import { mapInParallel } from "../../kuma/parallel";
import { HttpOptions } from "../../kuma/api/http/transport";
import { openControlPlane } from "../../platforms/openControlPlane";
import { Standing, globalAccess } from "../stack/standing/standing";
import { acrossZones, checksOf, told, zoneInStatus } from "./acrossZones";
import { endsOf } from "./ends";
import { loneStatus } from "./zone/loneStatus";
import { refusedTokens } from "./refusedTokens";
import type { StatusReport } from "./report";
import { writtenStatus } from "./zone/writtenStatus";
import { GlobalAtHand, readOnce } from "./globalAtHand";
import { ZONES_AT_ONCE, memberStatus, withMember } from "./zone/memberStatus";
import { tryMarkers } from "./zone/zoneStatus";

/** What is found by looking; the command adds when that was, and what was before. */
export type Collected = Omit<StatusReport, "version" | "stack" | "time" | "history">;

const EXIT_HEALTHY = 0;
const EXIT_UNHEALTHY = 1;
const EXIT_INCONCLUSIVE = 3;

/** Of the stack's settings those that say what is to be. */
type Wanted = Pick<StackConfig, "zones" | "acceptDifferences"> &
  Partial<Pick<StackConfig, "global" | "removed">>;

export function exitStatusOf({ outcome }: Pick<StatusReport, "outcome">): number {
  return { healthy: EXIT_HEALTHY, unhealthy: EXIT_UNHEALTHY, inconclusive: EXIT_INCONCLUSIVE }[outcome];
}

export interface Look {
  patience?: HttpOptions;
  /** Also writes a policy on both sides for a moment; nothing is written without. */
  marker?: boolean;
  /** Also looks at the mesh over its zones, and when certificates and tokens end. */
  acrossZones?: boolean;
}

/** Reads both sides of every federated zone. What a zone should hold comes from the stack's state, as it is now. */
export async function collectStatus(
  standing: Standing,
  { global: settings, zones: wanted, acceptDifferences, removed = [] }: Wanted,
  { patience = {}, marker = false, acrossZones: isWhole = false }: Look = {},
): Promise<Collected> {
  const found = new Findings();
  const counted: CountedResource[] = [];
  const isAccepted = (key: string) => acceptDifferences.includes(key);
  const report: Pick<StatusReport, "global" | "zones" | "alone" | "ledger" | "markers" | "ends" | "checks"> =
    {
      ...{ global: null, zones: [], alone: [], ledger: [], markers: [], ends: [], checks: [] },
    };
  const ofHosts: Ending[] = [];
  let world: MultiZone | undefined;
  const [first] = standing.zones;
  if (first) {
    report.global = { address: first.global.url, version: null, product: null };
    let global: ControlPlane | undefined;
    try {
      global = await openControlPlane(globalAccess(standing, first), "the global control plane", patience);
      const info = await global.info();
      const { version, product } = info;
      report.global = { address: first.global.url, version, product };
      const openPort = await openKdsPortOf(global, first.kdsAddress);
      if (openPort !== undefined) found.warnings.push(openPort);
      found.take({ warnings: await refusedTokens(global, settings?.platform, first.givenTokens) });
      const atHand = readOnce(global);
      if (isWhole) await lookAcrossZones(atHand);
      await lookAtZones(global, atHand, info);
      if (world) {
        report.ends = await endsOf(standing, first, world, ofHosts);
        report.checks = checksOf({
          ...world,
          globalVersion: version,
          ends: report.ends,
          now: new Date().toISOString(),
        });
        found.take(told(report.checks));
      }
      if (standing.policies) {
        const written = await writtenStatus(global, standing.policies);
        counted.push(...written.counted);
        found.take(written);
      }
    } catch (error) {
      if (!isKumaError(error)) throw error;
      found.take({ problems: [error.message] });
    } finally {
      global?.close();
    }
  }
  const lone = standing.alone.map((each) => {
    const isWanted = wanted.some(({ name, federated }) => name === each.name && federated);
    return loneStatus(each, isWanted, patience);
  });
  const misnamed: string[] = [];
  for (const { report: state, calledThere, ...told } of await Promise.all(lone)) {
    if (calledThere === undefined) report.alone.push(state);
    else misnamed.push(state.name, calledThere);
    found.take(told);
  }
  found.take({ problems: notReached(standing, wanted, misnamed) });
  const isNone = standing.zones.length + standing.alone.length + wanted.length === 0;
  // the last one that died is gone as the stack's file says
  if (isNone && removed.length === 0) found.take({ problems: ["There is no zone to look at."] });
  const { problems, inconclusive, warnings } = found;
  const wrong = [...problems, ...inconclusive];
  const ok = wrong.length === 0;
  return {
    ...{ ok, outcome: ok ? "healthy" : problems.length > 0 ? "unhealthy" : "inconclusive" },
    ...{ ...report, ...acrossZones(world), resources: countResources(counted) },
    ...{ problems: wrong, warnings },
  };

  /** What cannot be read of it keeps nobody from looking at each zone. */
  async function lookAcrossZones(atHand: GlobalAtHand): Promise<void> {
    try {
      world = await readMultiZone(atHand.global, (await atHand.read()).resources);
      const disabled = world.zones.filter(({ enabled }) => !enabled).map(({ name }) => name);
      atHand.ingresses = world.ingresses.filter(({ zone }) => !disabled.includes(zone));
    } catch (error) {
      if (!isKumaError(error)) throw error;
      const told = `What the global knows of the mesh over its zones could not be read. ${error.message}`;
      found.take({ inconclusive: [told] });
    }
  }

  /** Side by side, as one that hangs takes its whole time; told in the order in which they have joined. */
  async function lookAtZones(
    global: ControlPlane,
    atHand: GlobalAtHand,
    info: ControlPlaneInfo,
  ): Promise<void> {
    const looks = await mapInParallel(standing.zones, ZONES_AT_ONCE, async (state) => {
      const { enabled } = wanted.find(({ name }) => name === state.zoneName) ?? {};
      return { state, status: await memberStatus(atHand, state, isAccepted, enabled, patience) };
    });
    for (const { state, status } of looks) {
      report.zones.push(zoneInStatus({ ...status.zone, proxies: status.proxies }, world, info));
      counted.push(...status.counted);
      report.ledger.push(...status.ledger);
      ofHosts.push(...status.ends);
      found.take(status);
      if (!marker) continue;
      const isClean = status.problems.length + status.inconclusive.length === 0;
      // one after the other: a marker on its way makes a difference of others
      const crossed = await tryMarkers(isClean, state, (work) => withMember(global, state, patience, work));
      report.markers.push(crossed);
      if (crossed.crossed === false) found.take({ problems: [crossed.told] });
    }
  }
}

/** What one look after the other tells. */
class Findings {
  readonly problems: string[] = [];
  readonly inconclusive: string[] = [];
  readonly warnings: string[] = [];

  take({ problems = [], inconclusive = [], warnings = [] }: Partial<Findings>): void {
    this.problems.push(...problems);
    this.inconclusive.push(...inconclusive);
    this.warnings.push(...warnings);
  }
}

/** Where what there is is not what the stack's file says. `misnamed` are told of: both names of one and the same zone. */
function notReached({ zones }: Standing, wanted: Wanted["zones"], misnamed: readonly string[]): string[] {
  return [
    ...wanted
      .filter(({ federated, name }) => federated && !zones.some(({ zoneName }) => zoneName === name))
      .filter(({ name }) => !misnamed.includes(name))
      .map(
        ({ name }) =>
          `Zone ${name} is not federated: no run has carried what it holds to the global. npm run up does that, or shows what blocks it.`,
      ),
    ...zones
      .filter(({ zoneName }) => !wanted.some(({ federated, name }) => federated && name === zoneName))
      .filter(({ zoneName }) => !misnamed.includes(zoneName))
      .map(
        ({ zoneName }) =>
          `Zone ${zoneName} is a member of the global, and by the stack file it is not to be. npm run up takes it off.`,
      ),
  ];
}

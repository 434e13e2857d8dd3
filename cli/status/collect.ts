import type { StackConfig } from "../../stack/config";
import { ControlPlane, CountedResource, countResources, isKumaError, openKdsPortOf } from "../../kuma";
import { mapInParallel } from "../../kuma/parallel";
import { HttpOptions } from "../../kuma/api/http/transport";
import { openControlPlane } from "../../platforms/openControlPlane";
import { Standing, globalAccess } from "../stack/standing";
import { loneStatus } from "./loneStatus";
import type { StatusReport } from "./report";
import { writtenStatus } from "./writtenStatus";
import { readOnce } from "./globalAtHand";
import { ZONES_AT_ONCE, memberStatus, withMember } from "./memberStatus";
import { tryMarkers } from "./zoneStatus";

export interface Collected extends StatusReport {
  /** There is a problem, and not only something that could not be checked. */
  unhealthy: boolean;
}

const EXIT_HEALTHY = 0;
const EXIT_UNHEALTHY = 1;
const EXIT_INCONCLUSIVE = 3;

/** Of the stack's settings those that say what is to be. */
type Wanted = Pick<StackConfig, "zones" | "acceptDifferences">;

export function exitStatus({ ok, unhealthy }: Collected): number {
  return ok ? EXIT_HEALTHY : unhealthy ? EXIT_UNHEALTHY : EXIT_INCONCLUSIVE;
}

/**
 * Reads both sides of every federated zone. What a zone should hold comes from the stack's state, as it is now. With
 * `marker` it also writes a policy on both sides for a moment, and only then.
 */
export async function collectStatus(
  standing: Standing,
  { zones: wanted, acceptDifferences }: Wanted,
  patience: HttpOptions = {},
  marker = false,
): Promise<Collected> {
  const found = new Findings();
  const counted: CountedResource[] = [];
  const isAccepted = (key: string) => acceptDifferences.includes(key);
  const report: Omit<StatusReport, "ok" | "problems" | "warnings" | "resources"> = {
    ...{ global: null, zones: [], alone: [], ledger: [], markers: [] },
  };
  const [first] = standing.zones;
  if (first) {
    report.global = { address: first.global.url, version: null, product: null };
    let global: ControlPlane | undefined;
    try {
      global = await openControlPlane(globalAccess(standing, first), "the global control plane", patience);
      const { version, product } = await global.info();
      report.global = { address: first.global.url, version, product };
      const openPort = await openKdsPortOf(global, first.kdsAddress);
      if (openPort !== undefined) found.warnings.push(openPort);
      await lookAtZones(global);
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
  for (const { report: state, ...told } of await Promise.all(lone)) {
    report.alone.push(state);
    found.take(told);
  }
  found.take({ problems: notReached(standing, wanted) });
  const { problems, inconclusive, warnings } = found;
  const { global, zones, alone, ledger, markers } = report;
  const told = [...problems, ...inconclusive];
  return {
    ok: told.length === 0,
    ...{ global, zones, alone, resources: countResources(counted), ledger, markers },
    ...{ problems: told, warnings, unhealthy: problems.length > 0 },
  };

  /** Side by side, as one that hangs takes its whole time; told in the order in which they have joined. */
  async function lookAtZones(global: ControlPlane): Promise<void> {
    const atHand = readOnce(global);
    const looks = await mapInParallel(standing.zones, ZONES_AT_ONCE, async (state) => {
      const { enabled } = wanted.find(({ name }) => name === state.zoneName) ?? {};
      return { state, status: await memberStatus(atHand, state, isAccepted, enabled, patience) };
    });
    for (const { state, status } of looks) {
      report.zones.push({ ...status.zone, proxies: status.proxies });
      counted.push(...status.counted);
      report.ledger.push(...status.ledger);
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

/** Where what there is is not what the stack's file says. */
function notReached({ zones, alone }: Standing, wanted: Wanted["zones"]): string[] {
  return [
    ...wanted
      .filter(({ federated, name }) => federated && !zones.some(({ zoneName }) => zoneName === name))
      .map(
        ({ name }) =>
          `Zone ${name} is not federated: no run has carried what it holds to the global. npm run up does that, or shows what blocks it.`,
      ),
    ...zones
      .filter(({ zoneName }) => !wanted.some(({ federated, name }) => federated && name === zoneName))
      .map(
        ({ zoneName }) =>
          `Zone ${zoneName} is a member of the global, and by the stack file it is not to be. npm run up takes it off.`,
      ),
    ...(zones.length + alone.length + wanted.length === 0 ? ["There is no zone to look at."] : []),
  ];
}

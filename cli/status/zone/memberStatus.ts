import { ControlPlane, Ending, Sides, isKumaError, zoneState } from "../../../kuma";
import type { HttpOptions } from "../../../kuma/api/http/transport";
import { openControlPlane } from "../../../platforms/openControlPlane";
import type { StandingZone } from "../../stack/standing/standing";
import type { GlobalAtHand } from "../globalAtHand";
import { LedgerReport, ledgerStatus } from "./ledgerStatus";
import { reachStatus } from "./reachStatus";
import { tokenStatus } from "./tokenStatus";
import { ZoneStatus, zoneStatus } from "./zoneStatus";

/** What is told of one zone that is a member of the global. */
export interface MemberStatus extends ZoneStatus {
  ledger: LedgerReport[];
  /** Of what only a look at the zone's hosts tells. */
  ends: Ending[];
}

/** Who looks wants an answer soon, also when a control plane is away. */
export const QUICK: HttpOptions = { attempts: 3, requestTimeoutMs: 10_000 };
/** How many zones are looked at at the same time. */
export const ZONES_AT_ONCE = 10;

/** Looks at one zone. One that cannot be reached keeps nobody from looking at the others. */
export async function memberStatus(
  atHand: GlobalAtHand,
  state: StandingZone,
  isAccepted: (key: string) => boolean,
  isToBeEnabled: boolean | undefined,
  patience: HttpOptions,
): Promise<MemberStatus> {
  try {
    return await withMember(atHand.global, state, patience, async (sides) => {
      const status = await zoneStatus(sides, state, isAccepted, atHand, isToBeEnabled);
      const { reports, ...told } = await ledgerStatus(sides.zone, state, isAccepted, status.zone.online);
      const tokens = await tokenStatus(sides.zone, state);
      const outOfReach = await reachStatus(sides.zone, state.zoneName, atHand.ingresses);
      return {
        ...status,
        ledger: reports,
        ends: tokens.ends,
        problems: [...status.problems, ...told.problems, ...tokens.problems],
        inconclusive: [...status.inconclusive, ...told.inconclusive],
        warnings: [...status.warnings, ...told.warnings, ...tokens.warnings, ...outOfReach],
      };
    });
  } catch (error) {
    if (!isKumaError(error)) throw error;
    return notReached(atHand.global, state, error.message);
  }
}

/** Opens a zone beside its global for the time of one look. */
export async function withMember<T>(
  global: ControlPlane,
  { zone: access, zoneName }: StandingZone,
  patience: HttpOptions,
  work: (sides: Sides) => Promise<T>,
): Promise<T> {
  const zone = await openControlPlane(access, `the control plane of zone ${zoneName}`, patience);
  try {
    return await work({ zone, global, zoneName });
  } finally {
    zone.close();
  }
}

/** What the global alone tells of a zone, as on a host that does not answer. */
async function notReached(
  global: ControlPlane,
  { zoneName: name }: StandingZone,
  why: string,
): Promise<MemberStatus> {
  const { online, version, disabled } = await zoneState(global, name);
  return {
    zone: { name, online, version, globalToZone: null, zoneToGlobal: null, ...(disabled && { disabled }) },
    ...{ counted: [], ledger: [], ends: [], proxies: null, warnings: [] },
    problems: online ? [] : [`Zone ${name} is offline.`],
    inconclusive: [`Zone ${name} could not be compared with the global. ${why}`],
  };
}

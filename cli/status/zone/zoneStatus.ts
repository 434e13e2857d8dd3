import { enabledStatus, leftOfDisabled } from "./enabledStatus";
import {
  ControlPlane,
  CountedResource,
  Manifest,
  Proxies,
  SYNC_LABEL,
  Verification,
  driftOf,
  enumerated,
  exchangeMarkers,
  hasMtls,
  isKumaError,
  keyOf,
  keysOf,
  knownTypes,
  parseKey,
  proxiesOf,
  readZone,
  readZonePolicies,
  userKey,
  verifyZone,
  withDigestKey,
  without,
  Sides,
  type Withheld,
} from "../../../kuma";
import type { GlobalAtHand } from "../globalAtHand";
import type { StandingZone } from "../../stack/standing/standing";
import { countedIn } from "./writtenStatus";

/** How many resources one sentence names. */
const MOST_NAMED = 10;

/** What is told of one zone. */
export interface ZoneStatus extends Verification {
  /** Its data plane proxies; null when they could not be read. */
  proxies: { registered: number; connected: number } | null;
  /** What is to be known, one sentence each; the two sides are equal nevertheless. */
  warnings: string[];
}

/**
 * Compares both sides of one zone, and looks at what goes with it. What the stack accepts as it is, is not looked for on
 * the global.
 */
export async function zoneStatus(
  { zone, global }: Pick<Sides, "zone" | "global">,
  federation: StandingZone,
  isAccepted: (key: string) => boolean,
  atHand: GlobalAtHand,
  isToBeEnabled: boolean | undefined,
): Promise<ZoneStatus> {
  const { zoneName, policies, mtlsEnded = [], local = [] } = federation;
  const verification = await withDigestKey(federation.digestKey, () =>
    verifyZone({ zone, global, zoneName }, without(federation.resources, isAccepted), atHand.read),
  );
  const counted = [...verification.counted];
  const problems = [...verification.problems];
  const inconclusive = [...verification.inconclusive];
  const warnings: string[] = [];
  const isDisabled = verification.zone.disabled === true;
  const withheld = isDisabled ? await withheldOn(atHand, zoneName) : undefined;
  const enabled = enabledStatus(zoneName, isDisabled, isToBeEnabled, withheld);
  problems.push(...enabled.problems);
  warnings.push(...enabled.warnings);
  warnings.push(...stuck(zoneName, verification.zone));
  let proxies: Proxies | undefined;
  try {
    proxies = await proxiesOf(zone);
    problems.push(...(await leftOfDisabled(zone, zoneName, (await atHand.disabled()).keys())));
    if (policies) {
      const handed = await withDigestKey(federation.policiesKey, () =>
        handedOver(global, zone, zoneName, without(policies, isAccepted)),
      );
      problems.push(...handed.problems);
      counted.push(...handed.counted);
    }
    warnings.push(...(await withoutMtls(global, mtlsEnded)));
    warnings.push(...(await withoutLocal(zone, zoneName, local)));
  } catch (error) {
    if (!isKumaError(error)) throw error;
    // who does not answer is told of already
    if (inconclusive.length === 0) inconclusive.push(error.message);
  }
  const { registered = [], connected = [] } = proxies ?? {};
  if (registered.length > 0 && connected.length === 0)
    warnings.push(
      `No data plane proxy of zone ${zoneName} is connected with its control plane, of ${registered.length}: what runs goes on with the configuration that it has, and gets no other.`,
    );
  return {
    ...verification,
    counted,
    problems,
    inconclusive,
    warnings,
    proxies: proxies ? { registered: registered.length, connected: connected.length } : null,
  };
}

/** For what a zone is disabled, where that is for a while, and the global shows it. */
async function withheldOn({ disabled }: GlobalAtHand, zoneName: string): Promise<Withheld | undefined> {
  try {
    return (await disabled()).get(zoneName);
  } catch (error) {
    if (!isKumaError(error)) throw error;
    return undefined;
  }
}

/** One of a zone's streams can have ended unnoticed: it looks online then, and gets nothing, or sends nothing (kumahq/kuma 16428). */
function stuck(zoneName: string, { online, globalToZone, zoneToGlobal }: Verification["zone"]): string[] {
  if (!online || (globalToZone !== false && zoneToGlobal !== false)) return [];
  const way =
    globalToZone !== false
      ? "from it to the global"
      : zoneToGlobal !== false
        ? "from the global to it"
        : "between it and the global";
  return [
    `Zone ${zoneName} is connected, and the two sides are not equal: not all that goes ${way} arrives. Look again in a minute; where it stays so and nothing is refused, ` +
      `start the zone's control plane anew, as a connection through a load balancer can have ended on one way unnoticed.`,
  ];
}

/** Whether changes travel between a zone and its global. */
export interface MarkerReport {
  zone: string;
  /** Null where it was not tried. */
  crossed: boolean | null;
  /** One sentence: what was seen, or why it was not tried. */
  told: string;
}

/** Has a policy cross from each side to the other. What does not even look right is not tried. */
export async function tryMarkers(
  isClean: boolean,
  { zoneName, resources }: StandingZone,
  withSides: <T>(work: (sides: Sides) => Promise<T>) => Promise<T>,
): Promise<MarkerReport> {
  const report = (crossed: boolean | null, told: string) => ({ zone: zoneName, crossed, told });
  if (!isClean) return report(null, `not tried with zone ${zoneName}, as it has problems without it`);
  try {
    const reason = await withSides((sides) => exchangeMarkers(sides, resources));
    return reason === undefined
      ? report(
          true,
          `a policy went from the global to zone ${zoneName} and one back, and both are removed again`,
        )
      : report(null, `not tried with zone ${zoneName}, as ${reason}`);
  } catch (error) {
    if (!isKumaError(error)) throw error;
    return report(false, error.message);
  }
}

/** Policies that were handed over: the global holds them, and the zone has none of them as its own. */
async function handedOver(
  global: ControlPlane,
  zone: ControlPlane,
  zoneName: string,
  policies: Manifest,
): Promise<{ problems: string[]; counted: CountedResource[] }> {
  const drift = await driftOf(global, policies);
  const missing = keysOf(drift, "missing");
  const { own } = await readZonePolicies(zone, zoneName);
  const back = own
    .map((policy) => keyOf(userKey(policy)))
    .filter((key) => key in policies && !missing.includes(key));
  const problems = [
    ...(missing.length > 0
      ? [
          `Handed over to the global by zone ${zoneName}, and missing there, so not in force in the zone: ${enumerated(missing, MOST_NAMED)}. ` +
            `npm run up puts them back, unless onDrift says otherwise.`,
        ]
      : []),
    ...(back.length > 0
      ? [
          `Handed over to the global, and zone ${zoneName} has its own of them again: ${enumerated(back, MOST_NAMED)}.`,
        ]
      : []),
  ];
  return { problems, counted: countedIn(policies, drift) };
}

/** What only the zone ever had: it is the zone's to delete, and goes with a store in memory as well. */
async function withoutLocal(
  zone: ControlPlane,
  zoneName: string,
  local: readonly string[],
): Promise<string[]> {
  if (local.length === 0) return [];
  const types = new Set(local.map((key) => parseKey(key).type));
  const { resources } = await readZone(zone, (type) => types.has(type));
  const there = new Set(resources.map(keyOf));
  const missing = local.filter((key) => !there.has(key));
  if (missing.length === 0) return [];
  return [
    `Of what zone ${zoneName} alone had when it was federated (${SYNC_LABEL}: disabled), this is missing: ${enumerated(missing, MOST_NAMED)}. ` +
      `If nobody deleted it, the zone's control plane lost its store: npm run up puts it back then.`,
  ];
}

/** Meshes whose mTLS has ended by a choice of the stack's, and that have none still. */
async function withoutMtls(global: ControlPlane, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const type = (await knownTypes(global)).get("Mesh");
  const meshes = type ? await global.list(type) : [];
  return meshes
    .filter((mesh) => names.includes(mesh.name) && !hasMtls(mesh))
    .map(
      ({ name }) =>
        `Mesh ${name} is without mTLS since it was federated, as endsMtls allowed: calls in it are not encrypted, and no permission holds.`,
    );
}

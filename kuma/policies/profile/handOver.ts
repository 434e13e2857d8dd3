import { applyPlan, settledReadBack } from "../../federation/apply";
import { ControlPlane } from "../../api/client";
import { OnConflict } from "../../federation/conflicts";
import { Drift, OnDrift, driftOf, toRepair, without } from "../../federation/drift";
import { KumaError } from "../../errors";
import { Manifest, manifestOf } from "../../federation/export";
import { knownTypes, typeOf } from "../../api/knownTypes";
import { enumerated } from "../../lists";
import { inParallel } from "../../parallel";
import type { Sides } from "../../federation/federation";
import { Plan, PlannedResource, planFederation, readGlobal, wantedOnGlobal } from "../../federation/plan";
import {
  Environment,
  ORIGIN_LABEL,
  Resource,
  keyOf,
  parseKey,
  sameContent,
  sanitize,
} from "../../resource/resource";
import { runsAlone } from "../../zone/zone";
import { assertNoConflict, byUserKey } from "./prospect";
import { namedFirst } from "./references";
import { asGlobals, readZonePolicies, userKey } from "./selection";
import { untilNone } from "../../until";

/** What is to be the global's. */
export interface HandOver {
  /** As the global is to own them. */
  policies: readonly Resource[];
  /** As the global held those that were handed over before, then: it may have changed them since, which is its right. */
  before: Manifest;
  onConflict: OnConflict;
  onDrift: OnDrift;
  /** Names what is wanted as it is on the global; nothing when left out. */
  isAccepted?: (key: string) => boolean;
}

/** What is left to do. */
export interface Remaining {
  /** Keys of policies that the zone has as its own. */
  toRetire: string[];
  /** What was handed over and is missing or changed on the global, and what of it is put back. */
  drift: Drift;
  repaired: string[];
}

/** Looks at both sides; writes nothing. */
export async function remaining(
  { zone, global, zoneName }: Sides,
  { policies, before, onDrift, isAccepted = () => false }: HandOver,
): Promise<Remaining> {
  const { own } = await readZonePolicies(zone, zoneName);
  const all = await driftOf(global, before);
  const drift = without(all, isAccepted);
  const repaired = toRepair(drift, onDrift, before, { originals: [...policies] });
  const lost = new Set(Object.keys(all).filter((key) => all[key] === "missing" && !repaired.includes(key)));
  const inZone = new Set(own.map((policy) => keyOf(userKey(policy))));
  const toRetire = policies.map(keyOf).filter((key) => inZone.has(key) && !lost.has(key));
  return { toRetire, drift, repaired };
}

/** How long KDS may take to bring copies to a zone, or to take them away; its own interval is 1 s. */
const KDS_WAIT: Wait = { deadlineMs: 60_000, intervalMs: 250 };

interface Wait {
  /** Milliseconds until it is given up. */
  deadlineMs: number;
  /** Milliseconds between two looks. */
  intervalMs: number;
}

/**
 * Makes policies of a zone the global's, so that at no moment the zone is without one of them: writes them to the global,
 * waits until KDS has brought all of them to the zone, and only then deletes the zone's own. Until that is done the zone
 * has both, which say the same. May be called again at any point. Gives what the global was handed, by digest.
 */
export async function handOver(sides: Sides, args: HandOver, wait = KDS_WAIT): Promise<Manifest> {
  const { zone, global, zoneName } = sides;
  const { toRetire, repaired } = await remaining(sides, args);
  const again = new Set(repaired);
  const concerned = args.policies.filter((policy) => {
    const key = keyOf(policy);
    return args.before[key] === undefined || again.has(key);
  });
  const written = await writeToGlobal(global, concerned, again, args.onConflict, zoneName);
  const handed = { ...args.before, ...manifestOf(written) };

  const retired = args.policies.filter((policy) => toRetire.includes(keyOf(policy)));
  if (retired.length === 0) return handed;
  const wanted = await onGlobal(global, retired);
  await untilInZone(sides, wanted, wait, "Nothing was deleted in the zone");
  await assertUnchanged(sides, retired);
  for (const group of namedFirst(retired)) await deleteAll(zone, group);
  await untilInZone(
    sides,
    wanted,
    { ...wait, deadlineMs: 0 },
    "The global had it when the zone's own was deleted, and the state keeps a copy",
  );
  return handed;
}

/** The zone's own are as they were recorded for the way back: what was changed meanwhile would be lost. */
async function assertUnchanged({ zone, zoneName }: Sides, retired: readonly Resource[]): Promise<void> {
  const { own } = await readZonePolicies(zone, zoneName);
  const today = new Map(own.map((policy) => [keyOf(userKey(policy)), asGlobals(policy)]));
  const changed = retired.filter((policy) => {
    const there = today.get(keyOf(policy));
    return there !== undefined && !sameContent(there, policy);
  });
  if (changed.length === 0) return;
  throw new KumaError(
    "gate",
    `Zone ${zoneName} keeps its policies, as these were changed in it while they were handed over: ${enumerated(changed.map(keyOf))}. ` +
      `Nothing was deleted. Run it again: it goes on with what is there then.`,
  );
}

async function writeToGlobal(
  global: ControlPlane,
  policies: readonly Resource[],
  again: ReadonlySet<string>,
  onConflict: OnConflict,
  zoneName: string,
): Promise<Resource[]> {
  const { existing, types } = await readGlobal(
    global,
    policies.map(({ type }) => type),
  );
  const { resources } = planFederation(policies, existing, { onConflict, zones: [zoneName] });
  const plan: Plan = {
    resources: resources.map((each): PlannedResource =>
      again.has(each.key) && each.existing ? { ...each, action: "overwrite" } : each,
    ),
  };
  assertNoConflict(plan.resources, zoneName);
  const wanted = wantedOnGlobal(plan);
  await applyPlan(plan, global, types, undefined, `zone ${zoneName} keeps its policies`);
  const check = await settledReadBack(wanted, global);
  if (check.missing.length + check.different.length === 0) return wanted;
  const wrong = enumerated([...check.missing, ...check.different]);
  throw new KumaError(
    "gate",
    `Zone ${zoneName} keeps its policies, as the global does not hold these as they were written: ${wrong}. ` +
      `Is someone else changing them? Run it again.`,
  );
}

/** As the global holds them now. One that it does not hold is not retired: the error says so. */
async function onGlobal(global: ControlPlane, policies: readonly Resource[]): Promise<Resource[]> {
  const { existing } = await readGlobal(
    global,
    policies.map(({ type }) => type),
  );
  const lost = policies.map(keyOf).filter((key) => !existing.has(key));
  if (lost.length === 0) return policies.map((policy) => existing.get(keyOf(policy)) ?? policy);
  throw new KumaError(
    "gate",
    `The global does not hold what is to be retired in the zone, so nothing was deleted there: ${enumerated(lost)}. ` +
      `Is someone deleting them? Run it again: it goes on from what is there.`,
  );
}

/** Waits until the zone holds the synced copy of each, equal by content. */
async function untilInZone(
  { zone, zoneName }: Sides,
  wanted: readonly Resource[],
  { deadlineMs, intervalMs }: Wait,
  consequence: string,
): Promise<void> {
  const missingCopies = async () => {
    const copies = byUserKey((await readZonePolicies(zone, zoneName)).copies);
    return wanted.filter((policy) => {
      const copy = copies.get(keyOf(policy));
      return !copy || !sameContent({ ...copy, name: policy.name }, policy);
    });
  };
  await untilNone(
    missingCopies,
    { deadlineMs, everyMs: intervalMs, signal: zone.address.signal },
    (missing) =>
      `Zone ${zoneName} does not hold the global's copy of ${enumerated(missing.map(keyOf))}${deadlineMs > 0 ? ` after ${deadlineMs / 1000} s` : ""}. ` +
      `${consequence}. Is the zone connected (kumactl inspect zones)? Run it again once it is: it goes on from what is there.`,
  );
}

async function deleteAll(controlPlane: ControlPlane, policies: readonly Resource[]): Promise<void> {
  const types = await knownTypes(controlPlane);
  await inParallel(policies, controlPlane.concurrency, (policy) =>
    controlPlane.delete(typeOf(policy, types, controlPlane), policy),
  );
}

/** What is to be the zone's again. */
export interface GiveBack {
  /** As the zone had them. */
  policies: readonly Resource[];
  /** Keys of those that were written to the global for this zone; others were there before and stay. */
  added: readonly string[];
  /** True where other zones rely on what is on the global: then all of it stays there. */
  leaveOnGlobal: boolean;
}

/**
 * The way back of `handOver`: puts the policies into the zone first, checks that they are there, and only then deletes
 * on the global what was added for this zone, each compared before: it is as it was written there, or as the zone has it
 * now, and is no zone's. What was changed on the global since comes back as it is now, so that the zone's proxies notice
 * nothing; `strange` is what stays there, as it is neither. May be called again at any point, and does nothing where nothing was handed over.
 */
export async function giveBack(
  { zone, global, zoneName }: Sides,
  { policies, added, leaveOnGlobal }: GiveBack,
  wait = KDS_WAIT,
): Promise<{ returned: string[]; changed: string[]; left: string[]; strange: string[] }> {
  const { own, copies } = await readZonePolicies(zone, zoneName);
  const there = new Set(own.map((policy) => keyOf(userKey(policy))));
  const today = byUserKey(copies);
  const returned = policies
    .filter((policy) => !there.has(keyOf(policy)))
    .map((policy) => {
      const copy = added.includes(keyOf(policy)) ? today.get(keyOf(policy)) : undefined;
      return copy && !sameContent({ ...copy, name: policy.name }, policy)
        ? { ...copy, name: policy.name }
        : policy;
    });
  const types = await knownTypes(zone);
  for (const group of namedFirst(returned).reverse()) {
    await inParallel(group, zone.concurrency, (policy) =>
      zone.put(typeOf(policy, types, zone), asZones(policy, zone.environment)),
    );
  }
  await untilOwn(zone, zoneName, returned, wait);

  const known = new Map(policies.map((policy) => [keyOf(policy), [policy]]));
  for (const policy of (await readZonePolicies(zone, zoneName)).own)
    known.get(keyOf(userKey(policy)))?.push(policy);
  const { removable, strange } = leaveOnGlobal
    ? { removable: [], strange: [] }
    : await compareOnGlobal(global, added, known);
  await deleteAll(global, removable);
  const removed = removable.map(keyOf);
  // a zone that runs alone by now gets no word of it; its way back takes the copies away
  if (removed.length > 0 && !(await runsAlone(zone))) await untilGone(zone, zoneName, new Set(removed), wait);
  const originals = new Set(policies);
  return {
    returned: returned.map(keyOf),
    changed: returned.filter((policy) => !originals.has(policy)).map(keyOf),
    left: leaveOnGlobal ? [...added] : [],
    strange,
  };
}

async function compareOnGlobal(
  global: ControlPlane,
  added: readonly string[],
  known: ReadonlyMap<string, readonly Resource[]>,
): Promise<{ removable: Resource[]; strange: string[] }> {
  const { existing } = await readGlobal(
    global,
    added.map((key) => parseKey(key).type),
  );
  const there = added.flatMap((key) => existing.get(key) ?? []);
  const isKnown = (found: Resource) =>
    found.labels?.[ORIGIN_LABEL] !== "zone" &&
    known.get(keyOf(found))?.some((policy) => sameContent({ ...policy, name: found.name }, found)) === true;
  return {
    removable: there.filter(isKnown),
    strange: there.filter((found) => !isKnown(found)).map(keyOf),
  };
}

function asZones(policy: Resource, environment: Environment): Resource {
  const { labels, ...fields } = sanitize(policy, environment);
  return { ...fields, labels: { ...labels, [ORIGIN_LABEL]: "zone" } } as Resource;
}

async function untilOwn(
  zone: ControlPlane,
  zoneName: string,
  policies: readonly Resource[],
  { deadlineMs, intervalMs }: Wait,
): Promise<void> {
  const notOwned = async () => {
    const own = new Set((await readZonePolicies(zone, zoneName)).own.map((policy) => keyOf(userKey(policy))));
    return policies.map(keyOf).filter((key) => !own.has(key));
  };
  await untilNone(
    notOwned,
    { deadlineMs, everyMs: intervalMs, signal: zone.address.signal },
    (missing) =>
      `Zone ${zoneName} does not hold what was given back to it: ${enumerated(missing)}. ` +
      `The global still has all of it, so nothing is lost. Run it again.`,
  );
}

async function untilGone(
  zone: ControlPlane,
  zoneName: string,
  keys: ReadonlySet<string>,
  { deadlineMs, intervalMs }: Wait,
): Promise<void> {
  const copiesLeft = async () => {
    const { copies } = await readZonePolicies(zone, zoneName);
    return copies.map((copy) => keyOf(userKey(copy))).filter((key) => keys.has(key));
  };
  await untilNone(
    copiesLeft,
    { deadlineMs, everyMs: intervalMs, signal: zone.address.signal },
    (left) =>
      `Zone ${zoneName} has its policies back, and the global's were deleted, but the zone still holds copies of ${enumerated(left)} after ${deadlineMs / 1000} s. ` +
      `They are identical to the zone's own. Is the zone connected (kumactl inspect zones)? Run it again once it is.`,
  );
}

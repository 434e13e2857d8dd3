import { KumaError } from "../errors";
import type { Sides } from "../federation/federation";
import { Manifest, isOwnedByZone, readZone } from "../federation/export";
import { KnownTypes } from "../api/knownTypes";
import { isAnyMarker } from "./marker";
import { enumerated } from "../lists";
import { isOf, originalKey } from "./ownership";
import {
  Resource,
  ResourceKey,
  cameFromGlobal,
  digest,
  SYNC_LABEL,
  isSecret,
  isSyncDisabled,
  keyOf,
  parseKey,
  sameContent,
} from "../resource/resource";
import { refusedTypes } from "./refusals";
import { ResourceType, isGenerated, isHeldBack, isOwnedByControlPlane } from "../api/resourceTypes";
import { ZoneState, zoneState } from "./zone";
import { until } from "../until";

/** One line of the table of what was federated. */
export interface ResourceCount {
  type: string;
  /** Absent for resources that belong to no mesh. */
  mesh?: string;
  /** How many the global should hold: those that were carried, and those that the zone owns. */
  expected: number;
  present: number;
  /** Present with other content than when they were carried, or than the zone has. */
  different: number;
}

export interface ZoneReport {
  name: string;
  online: boolean;
  /** What the global gives to its zones is in the zone; null when that could not be checked. */
  globalToZone: boolean | null;
  /** What the zone owns is on the global; null when that could not be checked. */
  zoneToGlobal: boolean | null;
  version?: string;
  /** The global gives other zones nothing of it. Absent when it does. */
  disabled?: true;
}

/** A resource that the global should hold, and what it has of it. */
export interface CountedResource extends ResourceKey {
  /** The zone that owns it, where the global has a copy only; zones may have others of the same name. */
  owner?: string;
  present: boolean;
  different: boolean;
}

export interface Verification {
  zone: ZoneReport;
  /** For the table, see `countResources`. */
  counted: CountedResource[];
  /** One sentence each. */
  problems: string[];
  /** Checks that could not run, one sentence each. A check that could not run is not a pass. */
  inconclusive: string[];
}

/** Proxies and services change by themselves all the time: they are looked for, not compared. */
const COMPARED_BY_NAME = new Set([
  "Dataplane",
  "MeshService",
  "Workload",
  "MeshZoneAddress",
  "ZoneIngress",
  "ZoneEgress",
]);

/** How many resources one problem names. */
const MOST_NAMED = 10;

/**
 * Compares both sides by content, and reads what the global says of the zone. Writes nothing. `readGlobal` reads what the
 * global has, for whoever looks at many zones of it.
 */
export async function verifyZone(
  { zone, global, zoneName: name }: Sides,
  manifest: Manifest,
  readGlobal = () => readZone(global),
): Promise<Verification> {
  const [state, onGlobal] = await Promise.all([zoneState(global, name), readGlobal()]);
  const counted: CountedResource[] = [];
  const problems = describeState(name, state);
  const inconclusive: string[] = [];

  const lost = checkCarried(manifest, onGlobal.resources, counted);
  if (lost.length > 0)
    problems.push(`Carried to the global and missing there: ${enumerated(lost, MOST_NAMED)}.`);

  const held = onGlobal.resources.filter((each) => keyOf(each) in manifest && isHeldBack(each)).map(keyOf);
  if (held.length > 0)
    problems.push(
      `Carried to the global, which does not send it to its zones because of its label ${SYNC_LABEL}: ${enumerated(held, MOST_NAMED)}.`,
    );

  let globalToZone: boolean | null = null;
  let zoneToGlobal: boolean | null = null;
  try {
    const inZone = (await readZone(zone)).resources;
    const notArrived = missingInZone(onGlobal, inZone);
    globalToZone = state.known && notArrived.length === 0;
    if (notArrived.length > 0)
      problems.push(
        `On the global, but missing or different in zone ${name}: ${enumerated(notArrived, MOST_NAMED)}.${keptSecrets(inZone, notArrived)}`,
      );
    const notSent = missingOnGlobal(name, inZone, onGlobal.resources.filter(isOf(name)), counted);
    zoneToGlobal = state.known && notSent.length === 0;
    if (notSent.length > 0)
      problems.push(
        `In zone ${name}, but missing or different on the global: ${enumerated(notSent, MOST_NAMED)}.`,
      );
  } catch (error) {
    if (!(error instanceof KumaError)) throw error;
    inconclusive.push(`Zone ${name} could not be compared with the global. ${error.message}`);
  }
  const { online, version, disabled } = state;
  return {
    zone: { name, online, globalToZone, zoneToGlobal, version, ...(disabled && { disabled }) },
    counted,
    problems,
    inconclusive,
  };
}

/** Milliseconds for two control planes that are connected to become equal. Kuma's own interval is 1 s. */
const EQUAL_DEADLINE_MS = 60_000;

/** Waits until both sides are equal, and fails with what is not when that takes too long. */
export async function untilVerified(sides: Sides, manifest: Manifest): Promise<void> {
  const differences = async () => {
    const { problems, inconclusive } = await verifyZone(sides, manifest);
    return [...problems, ...inconclusive];
  };
  await until(differences, {
    deadlineMs: EQUAL_DEADLINE_MS,
    everyMs: 1_000,
    signal: sides.global.address.signal,
    isThere: (wrong) => wrong.length === 0,
    onTimeout: (wrong) =>
      new KumaError(
        "gate",
        `Zone ${sides.zoneName} is connected, but after ${EQUAL_DEADLINE_MS / 1000} s the two sides are not equal yet. ${wrong.join(" ")} ` +
          `Nothing is lost: the state keeps a copy of what the zone held. The logs of both control planes tell why; run it again once that is fixed.`,
      ),
  });
}

function describeState(name: string, state: ZoneState): string[] {
  if (!state.known) return [`The global has no zone ${name}: it has never connected.`];
  const unexpected = refusedTypes(state);
  return [
    ...(state.online ? [] : [`Zone ${name} is offline.`]),
    ...(unexpected.length > 0
      ? [`Zone ${name} refuses what the global sends of ${unexpected.join(", ")}.`]
      : []),
  ];
}

/** Keys of the manifest that the global does not hold. */
function checkCarried(
  manifest: Manifest,
  onGlobal: readonly Resource[],
  counted: CountedResource[],
): string[] {
  const existing = new Map(onGlobal.map((resource) => [keyOf(resource), resource]));
  return Object.entries(manifest).flatMap(([key, expected]) => {
    const there = existing.get(key);
    const different = there !== undefined && digest(there) !== expected;
    counted.push({ ...parseKey(key), present: there !== undefined, different });
    return there ? [] : [key];
  });
}

/** Keys of what the zone owns and the global does not hold alike. */
function missingOnGlobal(
  owner: string,
  inZone: readonly Resource[],
  copies: readonly Resource[],
  counted: CountedResource[],
): string[] {
  const existing = new Map(copies.map((resource) => [keyOf(originalKey(resource)), resource]));
  const sent = inZone.filter(
    (resource) => isOwnedByZone(resource) && !isSyncDisabled(resource) && !isAnyMarker(resource),
  );
  return sent.flatMap((resource) => {
    const there = existing.get(keyOf(originalKey(resource))) ?? existing.get(keyOf(resource));
    const different = there !== undefined && !alike(resource, there);
    const { type, mesh, name } = resource;
    counted.push({ type, mesh, name, owner, present: there !== undefined, different });
    return there && !different ? [] : [keyOf(resource)];
  });
}

/** Keys of what the global gives to its zones and the zone does not hold alike. */
function missingInZone(
  { resources, types }: { resources: readonly Resource[]; types: KnownTypes },
  inZone: readonly Resource[],
): string[] {
  // a secret that the zone had before it was federated carries no origin, and serves as well
  const received = inZone.filter((resource) => cameFromGlobal(resource) || isSecret(resource));
  const existing = new Map(received.map((resource) => [keyOf(originalKey(resource)), resource]));
  return resources.flatMap((resource) => {
    if (!isSentToZones(resource, types.get(resource.type))) return [];
    const there = existing.get(keyOf(resource));
    return there && alike(resource, there) ? [] : [keyOf(resource)];
  });
}

/** A secret that is the zone's own is in the way of the global's, which comes as soon as it is gone (measured on Kuma 2.14.3). */
function keptSecrets(inZone: readonly Resource[], notArrived: readonly string[]): string {
  const kept = inZone.filter((each) => isSecret(each) && !cameFromGlobal(each)).map(keyOf);
  const inTheWay = notArrived.filter((key) => kept.includes(key));
  return inTheWay.length === 0
    ? ""
    : ` The zone had ${enumerated(inTheWay, MOST_NAMED)} before it joined and takes no other as long as it has that: deleted in the zone, the global's comes.`;
}

/** Zones get only the public part of signing keys. */
function isSentToZones(resource: Resource, type: ResourceType | undefined): boolean {
  return (
    type?.includeInFederation === true &&
    !isOwnedByAnyZone(resource) &&
    !isOwnedByControlPlane(resource) &&
    !isGenerated(resource) &&
    !isSyncDisabled(resource) &&
    !isAnyMarker(resource)
  );
}

function isOwnedByAnyZone(resource: Resource): boolean {
  return resource.labels?.["kuma.io/origin"] === "zone";
}

function alike(a: Resource, b: Resource): boolean {
  return COMPARED_BY_NAME.has(a.type) || sameContent({ ...a, name: "" }, { ...b, name: "" });
}

/** One row for each type and mesh. What several zones have carried is one resource of the global, and counts once. */
export function countResources(counted: readonly CountedResource[]): ResourceCount[] {
  const distinct = new Map<string, CountedResource>();
  for (const each of counted) {
    const key = `${each.owner ?? ""}\n${keyOf(each)}`;
    const former = distinct.get(key);
    distinct.set(key, { ...each, different: each.different || (former?.different ?? false) });
  }
  const rows = new Map<string, ResourceCount>();
  for (const { type, mesh, present, different } of distinct.values()) {
    const key = `${type}\n${mesh ?? ""}`;
    const row = rows.get(key) ?? { type, mesh, expected: 0, present: 0, different: 0 };
    row.expected++;
    row.present += present ? 1 : 0;
    row.different += different ? 1 : 0;
    rows.set(key, row);
  }
  return [...rows].sort(([a], [b]) => a.localeCompare(b)).map(([, row]) => row);
}

import { Resource, Snapshot, isSyncDisabled } from "../../../kuma";
import type { KeptFiles, RunSettings, ZoneRuntime } from "./zoneRuntime";

/** Holds the address of the API of the global that the zone was switched to. */
export const GLOBAL_API = "global-api";
/** Holds the token with which the zone connects with Konnect, or with a global of Kong Mesh that asks for one. */
export const ZONE_TOKEN = "cp-token";

/** That token is another one than its control plane was started with. */
export const TOKEN_WAITS = "cp-token-waits";

/**
 * What the zone owns, on disk beside its control plane from before a restart until it is back in the zone, so that a run that
 * is killed in between can go on. It holds policies and data plane proxies, no secrets: those are always the global's.
 */
const FOR_JOIN = "kept.json";
const FOR_RETURN = "kept-for-return.json";
/** Stands for what the snapshot holds, where nothing newer is known. */
const AS_IN_SNAPSHOT = "snapshot";
/** The global's copies, of a zone that lost its store: it has none of what KDS leaves in the zone alone. */
type Copies = { copies: Resource[] };
type ForJoin = Resource[] | Copies | typeof AS_IN_SNAPSHOT;

/** What a way back needs that was begun. */
export interface ForReturn<S extends RunSettings = RunSettings> {
  kept: Resource[];
  /** How the zone was run as long as it was federated. */
  federated: S;
}

export function keepForJoin(zone: KeptFiles, kept: ForJoin): Promise<void> {
  return zone.writeKept(FOR_JOIN, JSON.stringify(kept));
}

export async function hasKeptForJoin(zone: KeptFiles): Promise<boolean> {
  return (await zone.readKept(FOR_JOIN)) !== undefined;
}

export async function keptForJoin(zone: KeptFiles, snapshot: Snapshot): Promise<Resource[] | undefined> {
  const kept = await read<ForJoin>(zone, FOR_JOIN);
  if (kept === AS_IN_SNAPSHOT) return snapshot.kept;
  return kept && "copies" in kept ? [...kept.copies, ...snapshot.kept.filter(isSyncDisabled)] : kept;
}

/**
 * What of the snapshot was in the zone alone and is lost with its store, until it is put back: of everything else the
 * global has copies.
 */
export async function lostInZone(zone: ZoneRuntime, { kept }: Snapshot): Promise<Resource[]> {
  const forJoin = await read<ForJoin>(zone, FOR_JOIN);
  const isLost = forJoin === undefined ? await hasLostStore(zone) : !Array.isArray(forJoin);
  return isLost ? kept.filter(isSyncDisabled) : [];
}

async function hasLostStore(zone: ZoneRuntime): Promise<boolean> {
  const settings = await zone.settings();
  return settings !== undefined && zone.hasStoreInMemory(settings) && !(await zone.isRunning());
}

export function keepForReturn<S extends RunSettings>(
  zone: KeptFiles,
  kept: Resource[],
  federated: S,
): Promise<void> {
  const content: ForReturn<S> = { kept, federated };
  return zone.writeKept(FOR_RETURN, JSON.stringify(content));
}

export function keptForReturn<S extends RunSettings>(zone: KeptFiles): Promise<ForReturn<S> | undefined> {
  return read<ForReturn<S>>(zone, FOR_RETURN);
}

export function forgetKept(zone: KeptFiles): Promise<void> {
  return zone.forgetKept(FOR_RETURN, FOR_JOIN);
}

export function forgetReturn(zone: KeptFiles): Promise<void> {
  return zone.forgetKept(FOR_RETURN);
}

async function read<T>(zone: KeptFiles, name: string): Promise<T | undefined> {
  const text = await zone.readKept(name);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

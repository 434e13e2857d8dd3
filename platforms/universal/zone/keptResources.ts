import * as fs from "node:fs";
import { Resource, Snapshot, isSyncDisabled } from "../../../kuma";
import { ControlPlaneProcess, ProcessSettings } from "../controlPlaneProcess";
import { readIfThere } from "../files";

/**
 * What the zone owns, on disk beside its process from before a restart until it is back in the zone, so that a run that
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
export interface ForReturn {
  kept: Resource[];
  /** How the zone was run as long as it was federated. */
  federated: ProcessSettings;
}

export function keepForJoin(process: ControlPlaneProcess, kept: ForJoin): void {
  process.writeFile(FOR_JOIN, JSON.stringify(kept));
}

export function hasKeptForJoin(process: ControlPlaneProcess): boolean {
  return fs.existsSync(process.file(FOR_JOIN));
}

export function keptForJoin(process: ControlPlaneProcess, snapshot: Snapshot): Resource[] | undefined {
  const kept = read<ForJoin>(process, FOR_JOIN);
  if (kept === AS_IN_SNAPSHOT) return snapshot.kept;
  return kept && "copies" in kept ? [...kept.copies, ...snapshot.kept.filter(isSyncDisabled)] : kept;
}

/**
 * What of the snapshot was in the zone alone and is lost with its store, until it is put back: of everything else the
 * global has copies.
 */
export function lostInZone(process: ControlPlaneProcess, { kept }: Snapshot): Resource[] {
  const forJoin = read<ForJoin>(process, FOR_JOIN);
  const isLost = forJoin === undefined ? process.hasLostStore() : !Array.isArray(forJoin);
  return isLost ? kept.filter(isSyncDisabled) : [];
}

export function keepForReturn(
  process: ControlPlaneProcess,
  kept: Resource[],
  federated: ProcessSettings,
): void {
  const content: ForReturn = { kept, federated };
  process.writeFile(FOR_RETURN, JSON.stringify(content));
}

export function keptForReturn(process: ControlPlaneProcess): ForReturn | undefined {
  return read<ForReturn>(process, FOR_RETURN);
}

export function forgetKept(process: ControlPlaneProcess): void {
  forgetReturn(process);
  fs.rmSync(process.file(FOR_JOIN), { force: true });
}

export function forgetReturn(process: ControlPlaneProcess): void {
  fs.rmSync(process.file(FOR_RETURN), { force: true });
}

function read<T>(process: ControlPlaneProcess, name: string): T | undefined {
  const text = readIfThere(process.file(name));
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

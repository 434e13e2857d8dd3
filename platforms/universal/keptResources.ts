import * as fs from "node:fs";
import { Resource, Snapshot } from "../../kuma";
import { ControlPlaneProcess } from "./controlPlaneProcess";
import { readIfThere } from "./files";

/**
 * What the zone owns, on disk beside its process from before a restart until it is back in the zone, so that a run that
 * is killed in between can go on. It holds policies and data plane proxies, no secrets: those are always the global's.
 */
const FOR_JOIN = "kept.json";
const FOR_RETURN = "kept-for-return.json";
/** Stands for what the snapshot holds, where nothing newer is known. */
const AS_IN_SNAPSHOT = "snapshot";

export function keepForJoin(
  process: ControlPlaneProcess,
  kept: readonly Resource[] | typeof AS_IN_SNAPSHOT,
): void {
  process.writeFile(FOR_JOIN, JSON.stringify(kept));
}

export function hasKeptForJoin(process: ControlPlaneProcess): boolean {
  return fs.existsSync(process.file(FOR_JOIN));
}

export function keptForJoin(process: ControlPlaneProcess, snapshot: Snapshot): Resource[] | undefined {
  const kept = read(process, FOR_JOIN);
  return kept === AS_IN_SNAPSHOT ? snapshot.kept : kept;
}

export function keepForReturn(process: ControlPlaneProcess, kept: readonly Resource[]): void {
  process.writeFile(FOR_RETURN, JSON.stringify(kept));
}

export function keptForReturn(process: ControlPlaneProcess): Resource[] | undefined {
  return read(process, FOR_RETURN) as Resource[] | undefined;
}

export function forgetKept(process: ControlPlaneProcess): void {
  for (const name of [FOR_JOIN, FOR_RETURN]) fs.rmSync(process.file(name), { force: true });
}

function read(process: ControlPlaneProcess, name: string): Resource[] | typeof AS_IN_SNAPSHOT | undefined {
  const text = readIfThere(process.file(name));
  return text === undefined ? undefined : (JSON.parse(text) as Resource[] | typeof AS_IN_SNAPSHOT);
}

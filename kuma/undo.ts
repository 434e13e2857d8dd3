import { ControlPlane } from "./client";
import { KumaError, isKumaError } from "./errors";
import { Manifest } from "./export";
import { KnownTypes, typeOf } from "./knownTypes";
import { otherZones } from "./konnect/admission";
import { readAll } from "./konnect/recipient";
import { enumerated } from "./lists";
import { isOf } from "./ownership";
import { inParallel } from "./parallel";
import { Plan, readGlobal } from "./plan";
import { Resource, ResourceKey, digest, isSecret, keyOf, parseKey, sameContent } from "./resource";
import { ResourceType, isGenerated } from "./resourceTypes";
import { zoneNames } from "./zone";

/**
 * What becomes of what a zone has handed over when it leaves its global:
 * - `keepOnGlobal` (default): all of it stays, as others may use it by now;
 * - `removeFromGlobal`: what the global did not have before goes again, unless others may use it.
 */
export type OnUndo = "keepOnGlobal" | "removeFromGlobal";
export const ON_UNDO: readonly OnUndo[] = ["keepOnGlobal", "removeFromGlobal"];

/** What a plan brings to a global that does not have it, with the digest of its content. */
export function addedBy({ resources }: Plan): Manifest {
  return Object.fromEntries(
    resources.flatMap(({ key, action, resource }) => (action === "create" ? [[key, digest(resource)]] : [])),
  );
}

/** What a zone brought. */
export interface Brought {
  zoneName: string;
  /** What the global did not have before, see `addedBy`. */
  added: Manifest;
  /** Zones that had joined before this one, and did without it. */
  joinedBefore: readonly string[];
}

export interface Removal {
  removed: string[];
  /** What stays, with the reason. */
  left: { keys: string[]; reason: string }[];
}

/** Milliseconds for copies of what the zone owned, and for what is deleted, to be gone; a cluster does that in its own time. */
const GONE_DEADLINE_MS = 60_000;
const GONE_EVERY_MS = 500;

/**
 * Takes off a global what a zone, which has left it, had brought. Nothing is removed that
 * - another zone may use: as long as one is there that joined after this one, everything stays;
 * - was changed since, or was there before;
 * - is in a mesh that this zone brought and in which there is something else by now: then the whole mesh stays;
 * - the global checks its own tokens with.
 *
 * May be called again at any point.
 */
export async function removeFromGlobal(
  global: ControlPlane,
  { zoneName, added, joinedBefore }: Brought,
  deadlineMs = GONE_DEADLINE_MS,
): Promise<Removal> {
  const keys = Object.keys(added);
  const later = (await zonesBeside(global, zoneName)).filter((name) => !joinedBefore.includes(name));
  if (later.length > 0) {
    return { removed: [], left: [{ keys, reason: `zone ${enumerated(later)} may use it` }] };
  }
  const { resources, types } = await withoutCopiesOf(zoneName, global, deadlineMs);
  const { removable, left } = sort(added, resources);
  const { removed, left: refused } = await removeAll(global, removable, types);
  await untilGone(global, removed, zoneName, deadlineMs);
  return { removed, left: [...left, ...refused] };
}

async function zonesBeside(global: ControlPlane, zoneName: string): Promise<string[]> {
  if (global.hosted) return otherZones(global, zoneName);
  return (await zoneNames(global)).filter((name) => name !== zoneName);
}

/** What the global holds, once the copies of what the zone owned have gone with the zone, or when that takes too long. */
async function withoutCopiesOf(zoneName: string, global: ControlPlane, deadlineMs: number) {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const found = await readAll(global);
    if (!found.resources.some(isOf(zoneName)) || Date.now() > deadline) return found;
    await pause();
  }
}

/** What of it may go, and what stays. */
function sort(
  added: Manifest,
  resources: readonly Resource[],
): { removable: Resource[]; left: Removal["left"] } {
  const isAsBrought = (resource: Resource) =>
    added[keyOf(resource)] === digest(resource) ||
    // by a removal that was cut short
    (resource.type === "Mesh" && keyOf(resource) in added && sameContent(resource, emptied(resource)));
  /** By mesh that was brought: what is in it and was not brought, or not so. */
  const foreign = new Map<string, string[]>();
  for (const resource of resources) {
    const mesh = meshOf(resource);
    if (mesh === undefined || !(keyOf({ type: "Mesh", name: mesh }) in added) || isAsBrought(resource))
      continue;
    foreign.set(mesh, [...(foreign.get(mesh) ?? []), keyOf(resource)]);
  }
  const reasonToStay = (resource: Resource): string | undefined => {
    const mesh = meshOf(resource);
    const others = mesh === undefined ? undefined : foreign.get(mesh);
    if (others) return `mesh ${mesh} is not as it was brought, by ${enumerated(others, 5)}`;
    if (isGenerated(resource)) return "the global checks its tokens with it";
    return isAsBrought(resource) ? undefined : "it was changed on the global";
  };
  const removable: Resource[] = [];
  const left = new Map<string, string[]>();
  for (const resource of resources.filter((each) => keyOf(each) in added)) {
    const reason = reasonToStay(resource);
    if (reason === undefined) removable.push(resource);
    else left.set(reason, [...(left.get(reason) ?? []), keyOf(resource)]);
  }
  return { removable, left: [...left].map(([reason, keys]) => ({ keys, reason })) };
}

function meshOf({ type, mesh, name }: Resource): string | undefined {
  return type === "Mesh" ? name : mesh;
}

/**
 * In the reverse order of writing. Where a secret is only served as long as its mesh is there, it goes before the mesh,
 * and so that no authority of the mesh holds it, the mesh is emptied before: nobody is in it any more.
 */
async function removeAll(
  global: ControlPlane,
  removable: readonly Resource[],
  types: KnownTypes,
): Promise<Removal> {
  const removed: string[] = [];
  const left: Removal["left"] = [];
  const unlessRefused = async (resource: Resource, change: (type: ResourceType) => Promise<void>) => {
    try {
      await change(typeOf(resource, types, global));
      return true;
    } catch (error) {
      if (!isKumaError(error, "refused")) throw error;
      left.push({ keys: [keyOf(resource)], reason: error.message });
      return false;
    }
  };
  const apart = new Set<string | undefined>();
  for (const mesh of removable.filter((each) => holdsSecrets(each, removable, global))) {
    const done = await unlessRefused(mesh, (type) => global.put(type, emptied(mesh), { overwrite: true }));
    if (!done) apart.add(mesh.name);
  }
  const rest = removable.filter((resource) => !apart.has(meshOf(resource)));
  for (const stage of new Set(rest.map((each) => global.stageOf(each)).sort((a, b) => b - a))) {
    const group = rest.filter((resource) => global.stageOf(resource) === stage);
    await inParallel(group, global.concurrency, async (resource) => {
      if (await unlessRefused(resource, (type) => global.delete(type, resource)))
        removed.push(keyOf(resource));
    });
  }
  return { removed, left };
}

/** Whether it is a mesh with an authority, whose secrets go before it. */
function holdsSecrets(mesh: Resource, removable: readonly Resource[], global: ControlPlane): boolean {
  return (
    mesh.type === "Mesh" &&
    mesh.mtls !== undefined &&
    removable.some(
      (each) => isSecret(each) && each.mesh === mesh.name && global.stageOf(each) > global.stageOf(mesh),
    )
  );
}

/** A mesh without anything that a user may have written. */
function emptied({ name }: ResourceKey): Resource {
  return { type: "Mesh", name, skipCreatingInitialPolicies: ["*"] };
}

async function untilGone(
  global: ControlPlane,
  keys: readonly string[],
  zoneName: string,
  deadlineMs: number,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const { existing } = await readGlobal(
      global,
      keys.map((key) => parseKey(key).type),
    );
    const there = keys.filter((key) => existing.has(key));
    if (there.length === 0) return;
    if (Date.now() > deadline) {
      throw new KumaError(
        "gate",
        `What zone ${zoneName} had brought was deleted on the global, but ${enumerated(there)} is still there after ${deadlineMs / 1000} s. ` +
          `The zone runs alone and needs nothing of it. Does someone write it again? Run it again.`,
      );
    }
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, GONE_EVERY_MS));
}

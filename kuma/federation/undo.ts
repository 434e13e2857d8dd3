import { ControlPlane } from "../api/client";
import { isKumaError } from "../errors";
import { Manifest } from "./export";
import { KnownTypes, typeOf } from "../api/knownTypes";
import { otherZones } from "../konnect/admission";
import { readAll } from "../konnect/recipient";
import { enumerated } from "../lists";
import { isOf } from "../zone/ownership";
import { inParallel } from "../parallel";
import { Plan, readGlobal } from "./plan";
import {
  Resource,
  ResourceKey,
  digest,
  isSecret,
  keyOf,
  parseKey,
  sameContent,
  sanitize,
} from "../resource/resource";
import { ResourceType, isGenerated, isGeneratedWithMesh } from "../api/resourceTypes";
import { zoneState, zonesOn } from "../zone/zone";
import { until, untilNone } from "../until";

/**
 * What becomes of what a zone has handed over when it leaves its global:
 * - `keepOnGlobal` (default): all of it stays, as others may use it by now;
 * - `removeFromGlobal`: what the global did not have before goes again, unless others may use it.
 */
export type OnUndo = "keepOnGlobal" | "removeFromGlobal";
export const ON_UNDO: readonly OnUndo[] = ["keepOnGlobal", "removeFromGlobal"];

/**
 * The record of what a zone brings to a global, made before anything is written there and kept as it was made: what comes to
 * the global later is not this zone's.
 */
export interface Brought {
  /** What the global did not have, with the digest of its content. */
  added: Manifest;
  /** The zones that the global had, with the moment at which each came. They did without what this zone brings. */
  zonesBefore: Record<string, string>;
}

/** In place of the moment of a zone that was carried before, and is switched side by side: the global does not know it yet. */
const AT_ANY_TIME = "any";

/** The record, with what a plan is about to bring. */
export async function recordOf(
  { resources }: Plan,
  global: ControlPlane | undefined,
  zoneName: string,
  before: Brought | undefined,
  switchedWith: readonly string[] = [],
): Promise<Brought> {
  const added: Manifest = { ...before?.added };
  for (const { key, action, resource, existing } of resources) {
    // what an earlier run that was cut short had written, and the zone has with other content by now
    const isOwn = action === "overwrite" && existing !== undefined && added[key] === digest(existing);
    if (action === "create" || isOwn) added[key] = digest(resource);
  }
  const beside = Object.fromEntries(switchedWith.map((name) => [name, AT_ANY_TIME]));
  const zonesBefore = before?.zonesBefore ?? {
    ...beside,
    ...(global ? await zonesBeside(global, zoneName) : {}),
  };
  return { added, zonesBefore };
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
 * Takes off a global what a zone, which has left it, had brought. Nothing is removed
 * - while the zone is there still, or another one that came after it and may use it;
 * - that was changed since, or was there before;
 * - that something names which stays: a secret;
 * - from a mesh that this zone brought and in which there is something else by now: the whole mesh stays;
 * - that the global checks its own tokens with.
 *
 * May be called again at any point.
 */
export async function removeFromGlobal(
  global: ControlPlane,
  zoneName: string,
  brought: Brought,
  deadlineMs = GONE_DEADLINE_MS,
): Promise<Removal> {
  const reason = await reasonToLeaveAll(global, zoneName, brought);
  if (reason !== undefined) return { removed: [], left: [{ keys: Object.keys(brought.added), reason }] };
  const found = await withoutCopiesOf(zoneName, global, deadlineMs);
  const removal = await new Remover(global, zoneName, brought, found.types).removeFrom(found.resources);
  await untilGone(global, removal.removed, deadlineMs);
  return removal;
}

async function reasonToLeaveAll(
  global: ControlPlane,
  zoneName: string,
  { zonesBefore }: Brought,
): Promise<string | undefined> {
  const { known, online } = await zoneState(global, zoneName);
  // a zone that cannot be deleted in Konnect stays in its list, offline
  if (online || (known && !global.hosted)) return `zone ${zoneName} has not left`;
  const zones = Object.entries(await zonesBeside(global, zoneName));
  const later = zones
    .filter(([name, since]) => ![since, AT_ANY_TIME].includes(zonesBefore[name]))
    .map(([name]) => name);
  return later.length > 0 ? `zone ${enumerated(later)} came later and may use it` : undefined;
}

/** The other zones of a global, with the moment at which each came, as far as that is told. */
async function zonesBeside(global: ControlPlane, zoneName: string): Promise<Record<string, string>> {
  const since = await zonesOn(global);
  const names = global.hosted ? await otherZones(global, zoneName) : Object.keys(since);
  return Object.fromEntries(
    names.filter((name) => name !== zoneName).map((name) => [name, since[name] ?? ""]),
  );
}

/** What the global holds, once the copies of what the zone owned have gone with the zone, or when that takes too long. */
async function withoutCopiesOf(zoneName: string, global: ControlPlane, deadlineMs: number) {
  return until(() => readAll(global), {
    deadlineMs,
    everyMs: GONE_EVERY_MS,
    signal: global.address.signal,
    isThere: ({ resources }) => !resources.some(isOf(zoneName)),
  });
}

function meshOf({ type, mesh, name }: ResourceKey): string | undefined {
  return type === "Mesh" ? name : mesh;
}

/** A mesh without anything that a user may have written. */
function emptied({ name }: ResourceKey): Resource {
  return { type: "Mesh", name, skipCreatingInitialPolicies: ["*"] };
}

/** One removal. */
class Remover {
  private readonly removed: string[] = [];
  private readonly left = new Map<string, string[]>();
  private meshesThere: ReadonlySet<string> = new Set();

  constructor(
    private readonly global: ControlPlane,
    private readonly zoneName: string,
    private readonly brought: Brought,
    private readonly types: KnownTypes,
  ) {}

  async removeFrom(resources: readonly Resource[]): Promise<Removal> {
    const { added } = this.brought;
    this.meshesThere = meshesOf(resources);
    const meshes = [...new Set(resources.flatMap((each) => meshOf(each) ?? []))].filter(
      (mesh) => keyOf({ type: "Mesh", name: mesh }) in added,
    );
    const apart = resources.filter((each) => !meshes.includes(meshOf(each) ?? ""));
    await this.removeApart(apart);
    for (const mesh of meshes) await this.removeMesh(mesh);
    return { removed: this.removed, left: [...this.left].map(([reason, keys]) => ({ keys, reason })) };
  }

  /** What is in no mesh, or in one that was there before. */
  private async removeApart(resources: readonly Resource[]): Promise<void> {
    const removable = resources.filter((resource) => {
      if (!(keyOf(resource) in this.brought.added)) return false;
      const reason = this.reasonToStay(resource);
      if (reason !== undefined) this.leave(resource, reason);
      return reason === undefined;
    });
    const going = new Set(removable);
    const staying = resources.filter((resource) => !going.has(resource));
    const free = removable.filter((resource) => {
      const user = isSecret(resource) ? staying.find((each) => names(each, resource)) : undefined;
      if (user) this.leave(resource, `${keyOf(user)} names it`);
      return user === undefined;
    });
    await this.deleteInStages(free);
  }

  private reasonToStay(resource: Resource): string | undefined {
    if (isGenerated(resource)) return "the global checks its tokens with it";
    if (this.isUnserved(resource))
      return `mesh ${resource.mesh} is gone, and the global deletes nothing of it`;
    return this.isAsBrought(resource) ? undefined : "it was changed on the global";
  }

  /** Secrets outlive their mesh, and a control plane on Universal does not serve their deletion then (Kuma v2.14.3). */
  private isUnserved(resource: Resource): boolean {
    const { mesh } = resource;
    return mesh !== undefined && !this.meshesThere.has(mesh) && this.goesBeforeItsMesh(resource);
  }

  private goesBeforeItsMesh(resource: Resource): boolean {
    const mesh = { type: "Mesh", name: resource.mesh ?? "" };
    return isSecret(resource) && this.global.stageOf(resource) > this.global.stageOf(mesh);
  }

  private isAsBrought(resource: Resource): boolean {
    const expected = this.brought.added[keyOf(resource)];
    if (expected === undefined) return false;
    if (expected === digest(resource)) return true;
    // by a removal that was cut short
    if (resource.type === "Mesh") return sameContent(resource, emptied(resource));
    // by the global, when a federation was cut short between a mesh and its keys
    return isGeneratedWithMesh(resource) && resource.modificationTime === resource.creationTime;
  }

  /** A mesh with all that is in it, or nothing of it. It is looked at once more, as what came before took its time. */
  private async removeMesh(mesh: string): Promise<void> {
    const { resources } = await readAll(this.global);
    this.meshesThere = meshesOf(resources);
    const inside = resources.filter((each) => meshOf(each) === mesh);
    const brought = inside.filter((each) => keyOf(each) in this.brought.added);
    const others = inside.filter((each) => !this.isAsBrought(each)).map(keyOf);
    const changed = others.length > 0 && `mesh ${mesh} is not as it was brought, by ${enumerated(others, 5)}`;
    const reason = (await reasonToLeaveAll(this.global, this.zoneName, this.brought)) ?? changed;
    if (reason !== false) {
      for (const resource of brought) this.leave(resource, reason);
      return;
    }
    const itself = brought.find(({ type }) => type === "Mesh");
    if (itself && !(await this.emptyWhereNeeded(itself, brought))) return;
    await this.deleteInStages(brought.filter((each) => !this.leaveUnserved(each)));
    if (itself && !this.removed.includes(keyOf(itself))) await this.putBack(itself, brought);
  }

  private leaveUnserved(resource: Resource): boolean {
    const reason = this.isUnserved(resource) ? this.reasonToStay(resource) : undefined;
    if (reason !== undefined) this.leave(resource, reason);
    return reason !== undefined;
  }

  /**
   * Where a secret is only served as long as its mesh is there, it goes before the mesh; and so that no authority of the
   * mesh holds it, the mesh is emptied before: nobody is in it any more.
   */
  private async emptyWhereNeeded(mesh: Resource, brought: readonly Resource[]): Promise<boolean> {
    const { global } = this;
    if (mesh.mtls === undefined || !brought.some((each) => this.goesBeforeItsMesh(each))) return true;
    return this.unlessRefused(mesh, (type) => global.put(type, emptied(mesh), { overwrite: true }));
  }

  /** What was deleted of a mesh that the global refuses to give up. */
  private async putBack(mesh: Resource, brought: readonly Resource[]): Promise<void> {
    const gone = brought.filter((each) => this.removed.includes(keyOf(each)));
    const order = [...gone, mesh].sort((a, b) => this.global.stageOf(a) - this.global.stageOf(b));
    // a mesh names its secrets
    for (const each of [...order.filter(isSecret), ...order.filter((one) => !isSecret(one))]) {
      await this.global.put(typeOf(each, this.types, this.global), sanitize(each, this.global.environment), {
        overwrite: true,
      });
      const at = this.removed.indexOf(keyOf(each));
      if (at >= 0) this.removed.splice(at, 1);
    }
    for (const each of gone) this.leave(each, `mesh ${mesh.name} stays, and it was written back`);
  }

  /** In the reverse order of writing. */
  private async deleteInStages(resources: readonly Resource[]): Promise<void> {
    const { global } = this;
    const stages = new Set(resources.map((each) => global.stageOf(each)).sort((a, b) => b - a));
    for (const stage of stages) {
      const group = resources.filter((resource) => global.stageOf(resource) === stage);
      await inParallel(group, global.concurrency, async (resource) => {
        if (await this.unlessRefused(resource, (type) => global.delete(type, resource)))
          this.removed.push(keyOf(resource));
      });
      // secrets of a mesh that stays
      if (group.some((each) => each.type === "Mesh" && !this.removed.includes(keyOf(each)))) return;
    }
  }

  private async unlessRefused(
    resource: Resource,
    change: (type: ResourceType) => Promise<void>,
  ): Promise<boolean> {
    try {
      await change(typeOf(resource, this.types, this.global));
      return true;
    } catch (error) {
      if (!isKumaError(error, "refused")) throw error;
      this.leave(resource, error.message);
      return false;
    }
  }

  private leave(resource: Resource, reason: string): void {
    this.left.set(reason, [...(this.left.get(reason) ?? []), keyOf(resource)]);
  }
}

function meshesOf(resources: readonly Resource[]): ReadonlySet<string> {
  return new Set(resources.filter(({ type }) => type === "Mesh").map(({ name }) => name));
}

/** Whether a resource holds the name of a secret anywhere: meshes, policies and gateways name secrets of their mesh. */
function names(resource: Resource, secret: Resource): boolean {
  const holds = (value: unknown): boolean =>
    value === secret.name ||
    (value !== null && typeof value === "object" && Object.values(value).some(holds));
  const { name: _, ...content } = resource;
  return !isSecret(resource) && meshOf(resource) === secret.mesh && holds(content);
}

async function untilGone(global: ControlPlane, keys: readonly string[], deadlineMs: number): Promise<void> {
  const types = keys.map((key) => parseKey(key).type);
  const stillThere = async () => {
    const { existing } = await readGlobal(global, types);
    return keys.filter((key) => existing.has(key));
  };
  await untilNone(
    stillThere,
    { deadlineMs, everyMs: GONE_EVERY_MS, signal: global.address.signal },
    (there) =>
      `${enumerated(there)} was deleted on the global and is still there after ${deadlineMs / 1000} s. Does someone write it again?`,
  );
}

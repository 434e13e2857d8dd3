import { keyOf, type Resource, type ResourceKey, type ResourceRef } from "./model";

export class AlreadyExistsError extends Error {
  constructor(ref: ResourceRef) {
    super(`resource already exists: type="${ref.type}" name="${ref.name}" mesh="${ref.mesh}"`);
  }
}

export interface StoreChange {
  readonly kind: "put" | "delete";
  readonly resource: Resource;
}

export type StoreListener = (change: StoreChange) => void;

/** Everything that a control plane knows, by type and key, in memory. */
export class Store {
  private readonly byType = new Map<string, Map<string, Resource>>();
  /** Lists are asked for far more often than they change: each type keeps its sorted form until the next write. */
  private readonly sorted = new Map<string, readonly Resource[]>();
  private readonly owned = new Map<string, Set<Resource>>();
  private readonly listeners = new Set<StoreListener>();

  onChange(listener: StoreListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get(type: string, key: ResourceKey): Resource | undefined {
    return this.byType.get(type)?.get(keyOf(key));
  }

  /** All resources of a type, by mesh and then by name, as the real control plane lists them. */
  list(type: string, mesh?: string): readonly Resource[] {
    let all = this.sorted.get(type);
    if (!all) {
      all = [...(this.byType.get(type)?.values() ?? [])].sort(byMeshAndName);
      this.sorted.set(type, all);
    }
    return mesh === undefined ? all : all.filter((resource) => resource.mesh === mesh);
  }

  create(resource: Resource): void {
    if (this.get(resource.type, resource)) {
      throw new AlreadyExistsError(resource);
    }
    this.put(resource);
  }

  put(resource: Resource): void {
    let resources = this.byType.get(resource.type);
    if (!resources) {
      resources = new Map();
      this.byType.set(resource.type, resources);
    }
    const previous = resources.get(keyOf(resource));
    if (previous) {
      this.disown(previous);
    }
    resources.set(keyOf(resource), resource);
    this.own(resource);
    this.changed({ kind: "put", resource });
  }

  /** Deletes a resource and, after it, all that it owns. */
  delete(ref: ResourceRef): boolean {
    const resource = this.get(ref.type, ref);
    if (!resource) {
      return false;
    }
    this.byType.get(ref.type)!.delete(keyOf(ref));
    this.disown(resource);
    this.changed({ kind: "delete", resource });
    for (const child of [...(this.owned.get(refKey(ref)) ?? [])]) {
      this.delete(child);
    }
    return true;
  }

  private own(resource: Resource): void {
    if (resource.owner) {
      const owner = refKey(resource.owner);
      this.owned.set(owner, (this.owned.get(owner) ?? new Set()).add(resource));
    }
  }

  private disown(resource: Resource): void {
    if (resource.owner) {
      this.owned.get(refKey(resource.owner))?.delete(resource);
    }
  }

  private changed(change: StoreChange): void {
    this.sorted.delete(change.resource.type);
    for (const listener of this.listeners) {
      listener(change);
    }
  }
}

function refKey(ref: ResourceRef): string {
  return `${ref.type}/${keyOf(ref)}`;
}

/** By code point and not by locale. Source: Kuma v2.14.3 pkg/core/resources/model/resource.go, ByMeta. */
function byMeshAndName(a: Resource, b: Resource): number {
  if (a.mesh !== b.mesh) {
    return a.mesh < b.mesh ? -1 : 1;
  }
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

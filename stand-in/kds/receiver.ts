import { isDeepStrictEqual } from "node:util";

import { isLocal, keyOf, LABEL, type Resource, type ResourceRef } from "../resources/model";
import { AlreadyExistsError, type Store } from "../resources/store";
import { resourceType } from "../resources/types";
import { changedResource, newResource } from "../resources/writer";
import type { ResourcesMessage, WireResource } from "./protocol";

export interface ReceiveOptions {
  /** Of the resources that are here: those that the other side decides on. */
  concerns: (resource: { name: string; labels: Readonly<Record<string, string>> }) => boolean;
  /** Whether a resource that exists here already is reported, and not a reason to give the connection up. */
  skipConflicts: boolean;
  /** Whether the status that a resource has here stays. */
  keepStatus: boolean;
  owner?: ResourceRef;
}

/**
 * Makes the store what a message of the other side says. What concerns the other side and is missing in its first
 * message is deleted. Returns the conflicts.
 * Source: Kuma v2.14.3 pkg/kds/v2/store/sync.go.
 */
export function receive(store: Store, message: ResourcesMessage, options: ReceiveOptions): string[] {
  const { type } = message;
  const added = message.added.filter(options.concerns);
  const here = (key: { mesh: string; name: string }): Resource | undefined => {
    const resource = store.get(type, key);
    return resource && options.concerns(resource) ? resource : undefined;
  };
  const conflicts: string[] = [];
  for (const resource of added.filter((candidate) => !here(candidate))) {
    try {
      store.create(created(type, resource, options.owner));
    } catch (error) {
      if (!(error instanceof AlreadyExistsError) || !options.skipConflicts) {
        throw error;
      }
      conflicts.push(error.message);
    }
  }
  for (const resource of deletions(store, message, added, options)) {
    store.delete(resource);
  }
  for (const resource of added) {
    const current = here(resource);
    if (current) {
      update(store, current, resource, options.keepStatus);
    }
  }
  return conflicts;
}

function created(type: string, resource: WireResource, owner: ResourceRef | undefined): Resource {
  return newResource({ type, ...resource, body: { ...resource.body }, ...(owner ? { owner } : {}) });
}

function deletions(
  store: Store,
  message: ResourcesMessage,
  added: readonly WireResource[],
  options: ReceiveOptions,
): Resource[] {
  const kept = new Set(added.map(keyOf));
  const candidates = message.initial
    ? store.list(message.type)
    : message.removed.flatMap((key) => store.get(message.type, key) ?? []);
  return candidates.filter((resource) => options.concerns(resource) && !kept.has(keyOf(resource)));
}

function update(store: Store, current: Resource, resource: WireResource, keepStatus: boolean): void {
  const body =
    keepStatus && "status" in resource.body
      ? { ...resource.body, status: current.body.status ?? {} }
      : resource.body;
  if (!isDeepStrictEqual(current.body, body) || !isDeepStrictEqual(current.labels, resource.labels)) {
    store.put(changedResource(current, { labels: resource.labels, body }));
  }
}

/**
 * How a zone takes what comes from the global control plane: what only a global one provides is overridden and
 * deleted even when the zone made it; of the rest, what the zone made is left alone.
 * Source: Kuma v2.14.3 pkg/kds/v2/store/sync.go, ZoneSyncCallback.
 */
export function zoneReceiveOptions(typeName: string): ReceiveOptions {
  const type = resourceType(typeName);
  return {
    concerns: (resource) => !type.sync.providedByZone || !isLocal("zone", resource.labels),
    skipConflicts: type.keepsName,
    keepStatus: true,
  };
}

/**
 * How a global control plane takes what comes from a zone: whatever carries the zone's label is the zone's, also
 * when someone wrote it to the global one. Source: Kuma v2.14.3 pkg/kds/v2/store/sync.go, GlobalSyncCallback.
 */
export function globalReceiveOptions(zone: string): ReceiveOptions {
  return {
    concerns: ({ name, labels }) => labels[LABEL.zone] === zone || name.startsWith(`${zone}.`),
    skipConflicts: false,
    keepStatus: false,
    owner: { type: "Zone", mesh: "", name: zone },
  };
}

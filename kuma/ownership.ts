import { ControlPlane } from "./client";
import { KumaError } from "./errors";
import { KnownTypes } from "./knownTypes";
import {
  DISPLAY_NAME_LABEL,
  NAMESPACE_LABEL,
  ORIGIN_LABEL,
  Resource,
  ResourceKey,
  ZONE_LABEL,
  keyOf,
  sanitize,
} from "./resource";

/**
 * The name under which it was created: KDS adds a hash to the name of what it copies and keeps the first one in a
 * label. Two namespaces of a zone on Kubernetes may each have a policy of one name, so there the namespace is part of it;
 * a global takes them from its system namespace alone.
 */
export function originalKey({ type, mesh, name, labels = {} }: Resource): ResourceKey {
  const displayName = labels[DISPLAY_NAME_LABEL] ?? name;
  const namespace = labels[ORIGIN_LABEL] === "zone" ? labels[NAMESPACE_LABEL] : undefined;
  return { type, mesh, name: namespace === undefined ? displayName : `${displayName}.${namespace}` };
}

export function cameFromGlobal(resource: Resource): boolean {
  return resource.labels?.[ORIGIN_LABEL] === "global";
}

export function isOf(zoneName: string): (resource: Resource) => boolean {
  return (resource) => resource.labels?.[ORIGIN_LABEL] === "zone" && resource.labels[ZONE_LABEL] === zoneName;
}

/** Milliseconds to wait for the meshes to arrive from the global. */
const MESHES_DEADLINE_MS = 60_000;

/**
 * Puts back what a zone owns and does not have any more, under its old names. A zone whose store does not outlive a
 * restart (store type memory) has lost its policies and data plane proxies then. Returns the keys that were written.
 */
export async function putBack(
  zone: ControlPlane,
  kept: readonly Resource[],
  types: KnownTypes,
): Promise<string[]> {
  const typeNames = new Set(kept.map(({ type }) => type));
  const read = [...types.values()].filter(({ name }) => typeNames.has(name));
  const lists = await Promise.all(read.map((type) => zone.list(type)));
  const present = new Set(lists.flat().map((resource) => keyOf(originalKey(resource))));
  const missing = kept.filter((resource) => !present.has(keyOf(resource)));
  if (missing.length === 0) return [];
  await meshesArrived(zone, types, new Set(missing.flatMap(({ mesh }) => mesh ?? [])));
  await Promise.all(
    missing.map((resource) => {
      const type = types.get(resource.type);
      const clean = sanitize(resource);
      return type && zone.put(type, { ...clean, labels: { ...clean.labels, [ORIGIN_LABEL]: "zone" } });
    }),
  );
  return missing.map(keyOf);
}

async function meshesArrived(
  zone: ControlPlane,
  types: KnownTypes,
  names: ReadonlySet<string>,
): Promise<void> {
  const type = types.get("Mesh");
  if (!type || names.size === 0) return;
  const deadline = Date.now() + MESHES_DEADLINE_MS;
  for (;;) {
    const there = new Set((await zone.list(type)).map(({ name }) => name));
    const missing = [...names].filter((name) => !there.has(name));
    if (missing.length === 0) return;
    if (Date.now() > deadline) {
      throw new KumaError(
        "gate",
        `${zone.title} is connected, but mesh ${missing.join(", ")} did not arrive from the global within ${MESHES_DEADLINE_MS / 1000} s. ` +
          `What the zone owns is kept and will be put back at the next run.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

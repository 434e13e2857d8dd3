import { ControlPlane } from "./client";
import { knownTypes, typeOf } from "./knownTypes";
import { inParallel } from "./parallel";
import { Resource, ResourceKey, digest, keyOf, parseKey, sanitize } from "./resource";
import { writeSteps } from "./writeSteps";

/** key → digest, as the control plane stores it: it may write a duration in another way than it was given. */
export type StoredDigests = Record<string, string>;

/**
 * Writes resources, meshes first and those of one stage at once. One that the control plane refuses stops it. What a
 * control plane computes is left out, unless they are to be written as they are.
 */
export async function writeResources(
  controlPlane: ControlPlane,
  resources: readonly Resource[],
  { asTheyAre = false } = {},
): Promise<StoredDigests> {
  const types = await knownTypes(controlPlane);
  // as with kumactl, what names no mesh belongs to the default one
  const complete = resources.map((resource) =>
    typeOf(resource, types, controlPlane).scope === "Mesh"
      ? { ...resource, mesh: resource.mesh ?? "default" }
      : resource,
  );
  const stageOf = (key: ResourceKey) => controlPlane.stageOf(key);
  const steps = complete
    .map((resource) => (asTheyAre ? resource : sanitize(resource, controlPlane.environment)))
    .flatMap((resource) => writeSteps(resource, stageOf));
  for (const wanted of [...new Set(steps.map(({ stage }) => stage))].sort((a, b) => a - b)) {
    const writes = steps.filter(({ stage }) => stage === wanted);
    await inParallel(writes, controlPlane.concurrency, ({ resource }) =>
      controlPlane.put(typeOf(resource, types, controlPlane), resource),
    );
  }
  return readDigests(controlPlane, complete);
}

export async function readDigests(
  controlPlane: ControlPlane,
  keys: readonly ResourceKey[],
): Promise<StoredDigests> {
  const types = await knownTypes(controlPlane);
  const found = await Promise.all(keys.map((key) => controlPlane.get(typeOf(key, types, controlPlane), key)));
  return Object.fromEntries(
    found.flatMap((resource) => (resource ? [[keyOf(resource), digest(resource)]] : [])),
  );
}

/** Deletes what is as it was stored. Returns the keys of what was changed since, which stays. */
export async function deleteResources(controlPlane: ControlPlane, stored: StoredDigests): Promise<string[]> {
  const types = await knownTypes(controlPlane);
  const changed: string[] = [];
  await inParallel(Object.entries(stored), controlPlane.concurrency, async ([key, expected]) => {
    const type = typeOf(parseKey(key), types, controlPlane);
    const found = await controlPlane.get(type, parseKey(key));
    if (found && digest(found) !== expected) changed.push(key);
    else if (found) await controlPlane.delete(type, found);
  });
  return changed.sort();
}

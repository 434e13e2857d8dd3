import { ControlPlane } from "../api/client";
import { KumaError } from "../errors";
import { isOwnedByZone, readZone } from "../federation/export";
import { KnownTypes } from "../api/knownTypes";
import { inParallel } from "../parallel";
import {
  NAMESPACE_LABEL,
  ORIGIN_LABEL,
  Resource,
  ResourceKey,
  ZONE_LABEL,
  cameFromGlobal,
  isMadeOfProxies,
  isRestorable,
  keyOf,
  sameContent,
  sanitize,
  displayName,
} from "../resource/resource";
import { keepsName } from "../api/resourceTypes";
import { until } from "../until";

/**
 * The name under which it was created: KDS adds a hash to the name of what it copies and keeps the first one in a
 * label. Two namespaces of a zone on Kubernetes may each have a policy of one name, so there the namespace is part of it;
 * a global takes them from its system namespace alone.
 */
export function originalKey(resource: Resource): ResourceKey {
  const { type, mesh, name, labels = {} } = resource;
  if (keepsName({ type })) return { type, mesh, name };
  const called = displayName(resource);
  const namespace = labels[ORIGIN_LABEL] === "zone" ? labels[NAMESPACE_LABEL] : undefined;
  return { type, mesh, name: namespace === undefined ? called : `${called}.${namespace}` };
}

/** As it is known in a zone on Universal: what the zone made has its own name there, whatever its labels say. */
function keyInZone(resource: Resource): ResourceKey {
  return cameFromGlobal(resource) ? originalKey(resource) : resource;
}

export function isOf(zoneName: string): (resource: Resource) => boolean {
  return (resource) => resource.labels?.[ORIGIN_LABEL] === "zone" && resource.labels[ZONE_LABEL] === zoneName;
}

/** Milliseconds to wait for the meshes to arrive from the global. */
const MESHES_DEADLINE_MS = 60_000;

/**
 * Puts back what a zone owns and does not have any more, under its old names. A zone whose store does not outlive a
 * restart (store type memory) has lost its policies and data plane proxies then. What a former global had left there comes from the
 * one that it has now. Returns the keys that were written.
 */
export async function putBack(
  zone: ControlPlane,
  kept: readonly Resource[],
  types: KnownTypes,
): Promise<string[]> {
  const typeNames = new Set(kept.map(({ type }) => type));
  const read = [...types.values()].filter(({ name }) => typeNames.has(name));
  const lists = await Promise.all(read.map((type) => zone.list(type)));
  const present = new Set(lists.flat().map((resource) => keyOf(keyInZone(resource))));
  const missing = kept.filter(
    (resource) => !cameFromGlobal(resource) && !present.has(keyOf(resource)) && isRestorable(resource),
  );
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

/**
 * Has a zone own exactly this: writes what is missing or differs, and deletes what the zone owns beyond it. For a store
 * that may hold what the zone owned in an earlier life: it is on a database that the stack gives to this program alone,
 * and is asked while no proxy meets it, so that what is beyond is of that life, and deleted in the zone since. What the
 * control plane makes of its proxies is left to it where it is there. When something is refused, what was written and
 * deleted before is taken back.
 */
export async function ownExactly(
  zone: ControlPlane,
  all: readonly Resource[],
  life: "federated" | "alone",
): Promise<void> {
  // what a former global had left there is not the zone's
  const kept = all.filter((each) => !cameFromGlobal(each));
  const { resources, types } = await readZone(zone);
  const present = new Map(resources.filter(isOwnedByZone).map((each) => [keyOf(each), each]));
  const wanted = new Set(kept.map(keyOf));
  if (life === "federated") {
    await meshesArrived(zone, types, new Set(kept.flatMap(({ mesh }) => mesh ?? [])));
  }
  const beyond = [...present.values()].filter((each) => !wanted.has(keyOf(each)) && !isMadeOfProxies(each));
  const changed = kept.filter((each) => {
    const there = present.get(keyOf(each));
    return there ? !isMadeOfProxies(there) && !sameContent(each, there) : isRestorable(each);
  });
  const put = async (each: Resource) => {
    const type = types.get(each.type);
    const clean = sanitize(each);
    // only a federated zone wants to be told
    const labels = { ...clean.labels, [ORIGIN_LABEL]: "zone" };
    if (type) await zone.put(type, life === "federated" ? { ...clean, labels } : clean);
  };
  const remove = async (each: Resource) => {
    const type = types.get(each.type);
    if (type) await zone.delete(type, each);
  };
  const done: Resource[] = [];
  let failure: unknown;
  const attempt = (change: (each: Resource) => Promise<void>) => async (each: Resource) => {
    try {
      await change(each);
      done.push(each);
    } catch (error) {
      failure ??= error;
    }
  };
  const isOver = () => failure !== undefined;
  await inParallel(beyond, zone.concurrency, attempt(remove), isOver);
  await inParallel(changed, zone.concurrency, attempt(put), isOver);
  if (failure === undefined) return;
  const takeBack = async (each: Resource) => {
    const before = present.get(keyOf(each));
    await (before ? put(before) : remove(each));
  };
  const results = await Promise.allSettled(done.map(takeBack));
  const left = results.filter(({ status }) => status === "rejected").length;
  if (!(failure instanceof KumaError)) throw failure;
  throw new KumaError(
    failure.code,
    `${failure.message} ` +
      (left === 0
        ? `The ${done.length} changes made before were taken back.`
        : `Of the ${done.length} changes made before, ${left} could not be taken back.`),
    failure.status,
  );
}

async function meshesArrived(
  zone: ControlPlane,
  types: KnownTypes,
  names: ReadonlySet<string>,
): Promise<void> {
  const type = types.get("Mesh");
  if (!type || names.size === 0) return;
  const missingMeshes = async () => {
    const there = new Set((await zone.list(type)).map(({ name }) => name));
    return [...names].filter((name) => !there.has(name));
  };
  await until(missingMeshes, {
    deadlineMs: MESHES_DEADLINE_MS,
    everyMs: 250,
    signal: zone.address.signal,
    isThere: (missing) => missing.length === 0,
    onTimeout: (missing) =>
      new KumaError(
        "gate",
        `${zone.title} is connected, but mesh ${missing.join(", ")} did not arrive from the global within ${MESHES_DEADLINE_MS / 1000} s. ` +
          `What the zone owns is kept and will be put back at the next run.`,
      ),
  });
}

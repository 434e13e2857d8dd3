import { ControlPlane } from "../api/client";
import { KumaError, isKumaError } from "../errors";
import { FoundResource } from "./files";
import { KnownTypes, knownTypes, typeOf } from "../api/knownTypes";
import { shortened } from "../lists";
import { inParallel } from "../parallel";
import { Resource, ResourceKey, digest, keyOf, parseKey, sanitize } from "../resource/resource";
import { writeSteps } from "../federation/writeSteps";

/** key → digest, as the control plane stores it: it may write a duration in another way than it was given. */
export type StoredDigests = Record<string, string>;

/** How resources are written. */
export interface WrittenForm {
  /** As they stand, where a control plane's computed fields and labels are left out otherwise. */
  asTheyAre?: boolean;
}

function formOf(resource: Resource, { environment }: ControlPlane, { asTheyAre }: WrittenForm): Resource {
  return asTheyAre ? resource : sanitize(resource, environment);
}

/** As with kumactl, what names no mesh belongs to the default one. */
function withMesh<T extends FoundResource>(found: T, types: KnownTypes): T {
  const { resource } = found;
  if (types.get(resource.type)?.scope !== "Mesh" || resource.mesh !== undefined) return found;
  return { ...found, resource: { ...resource, mesh: "default" } };
}

/**
 * What of resources from files a control plane cannot take: types that it does not know, meshes that it will not have.
 * One sentence each, which begins with file and document. `meshes` are those that it has by then, but for those of the
 * files.
 */
export function faultsOf(
  found: readonly FoundResource[],
  types: KnownTypes,
  meshes: Iterable<string>,
  title: string,
): string[] {
  const own = found.filter(({ resource }) => resource.type === "Mesh").map(({ resource }) => resource.name);
  const known = new Set([...meshes, ...own]);
  // on Kubernetes it is so for every type: what is written there goes through the cluster's API
  const tellsWhatCanBeWritten = [...types.values()].some(({ readOnly }) => !readOnly);
  return found.flatMap((each) => {
    const { resource, place } = withMesh(each, types);
    const named = `${place}: ${keyOf(resource)}`;
    const type = types.get(resource.type);
    if (!type) return [`${named}: ${title} does not know the type ${resource.type}.`];
    if (type.readOnly && tellsWhatCanBeWritten)
      return [`${named}: ${title} lets nobody write resources of the type ${resource.type}.`];
    if (type.scope === "Global" || known.has(resource.mesh ?? "")) return [];
    return [
      `${named}: there is no mesh ${resource.mesh}; ${title} has ${[...known].sort().join(", ") || "none"}.`,
    ];
  });
}

/** Names of the meshes that a control plane has. */
export async function meshesOf(controlPlane: ControlPlane): Promise<string[]> {
  const type = (await knownTypes(controlPlane)).get("Mesh");
  return type ? (await controlPlane.list(type)).map(({ name }) => name) : [];
}

const MOST_FAULTS = 20;

/** Fails with all faults of files. Nothing of theirs has been written at that point. */
export function assertNoFault(faults: readonly string[], what: string): void {
  if (faults.length === 0) return;
  const lines = shortened(faults, MOST_FAULTS).map((line) => `    ${line}`);
  throw new KumaError(
    "invalid",
    [
      `${what} cannot be written as they are, and nothing was written:`,
      ...lines,
      "    Change the files and run it again.",
    ].join("\n"),
  );
}

/**
 * What of resources from files a control plane would refuse, by its own words. It is asked without anything being
 * written, see `ControlPlane.refusalOf`. What it cannot say for now is no fault.
 */
export async function refusalsOf(
  found: readonly FoundResource[],
  controlPlane: ControlPlane,
  form: WrittenForm = {},
): Promise<string[]> {
  const types = await knownTypes(controlPlane);
  const meshes = await meshesOf(controlPlane);
  const refusals: string[] = [];
  await inParallel(found, controlPlane.concurrency, async (each) => {
    const { resource, place } = withMesh(each, types);
    const type = types.get(resource.type);
    const written = formOf(resource, controlPlane, form);
    const refusal = type && (await controlPlane.refusalOf(type, written, meshes));
    if (refusal !== undefined) refusals.push(`${place}: ${refusal}`);
  });
  return refusals.sort();
}

/** Writes resources, meshes first and those of one stage at once. One that the control plane refuses stops it. */
export async function writeResources(
  controlPlane: ControlPlane,
  resources: readonly Resource[],
  form: WrittenForm = {},
): Promise<StoredDigests> {
  return writeFound(
    controlPlane,
    resources.map((resource) => ({ resource })),
    form,
  );
}

/** As `writeResources`; an error also tells where the resource stands. */
export async function writeFound(
  controlPlane: ControlPlane,
  found: readonly (Pick<FoundResource, "resource"> & Partial<FoundResource>)[],
  form: WrittenForm = {},
): Promise<StoredDigests> {
  const types = await knownTypes(controlPlane);
  const complete = found.map(({ resource, place }) => {
    // fails for a type that is not known
    typeOf(resource, types, controlPlane);
    return withMesh({ resource, place: place ?? "" }, types);
  });
  const stageOf = (key: ResourceKey) => controlPlane.stageOf(key);
  const steps = complete.flatMap(({ resource, place }) =>
    writeSteps(formOf(resource, controlPlane, form), stageOf).map((step) => ({ ...step, place })),
  );
  for (const wanted of [...new Set(steps.map(({ stage }) => stage))].sort((a, b) => a - b)) {
    const writes = steps.filter(({ stage }) => stage === wanted);
    await inParallel(writes, controlPlane.concurrency, ({ resource, place }) =>
      controlPlane
        .put(typeOf(resource, types, controlPlane), resource)
        .catch((error: unknown) => Promise.reject(placed(error, place))),
    );
  }
  return readDigests(
    controlPlane,
    complete.map(({ resource }) => resource),
  );
}

function placed(error: unknown, place: string): Error {
  if (place === "" || !isKumaError(error)) return error as Error;
  return new KumaError(error.code, `${place}: ${error.message}`, error.status);
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

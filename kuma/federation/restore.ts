import { ControlPlane } from "../api/client";
import { forGlobal } from "./export";
import { KnownTypes, knownTypes } from "../api/knownTypes";
import { beforeItsSecrets } from "../resource/mesh";
import { Resource, isRestorable, sanitize } from "../resource/resource";
import { writeStage } from "../api/resourceTypes";

/**
 * Fills a zone that runs alone, on an empty store, with what it had before it was federated.
 *
 * A mesh is first written as one with a provided authority, and turned back into a `builtin` one when its secrets are
 * there: a control plane that meets a `builtin` backend without secrets makes a new authority, and every workload
 * would lose its trust. One that was provided is at first written so that its secrets are not looked at.
 */
export async function restoreZone(
  zone: ControlPlane,
  originals: readonly Resource[],
  kept: readonly Resource[],
): Promise<void> {
  const types = await knownTypes(zone);
  const put = (resources: readonly Resource[]) =>
    Promise.all(resources.map((resource) => putKnown(zone, types, resource)));
  const stage = (wanted: number) => originals.filter((resource) => writeStage(resource) === wanted);
  const meshes = stage(0);

  await put(meshes.map(forGlobal).map((mesh) => beforeItsSecrets(mesh) ?? mesh));
  await put(stage(1));
  await put(meshes);
  await put(stage(2));
  await put(kept.filter(isRestorable).map((each) => sanitize(each)));
  await put(stage(3));
  await put(stage(4));
}

async function putKnown(zone: ControlPlane, types: KnownTypes, resource: Resource): Promise<void> {
  const type = types.get(resource.type);
  if (type) await zone.put(type, resource);
}

import { beforeItsSecrets } from "../resource/mesh";
import { Resource, ResourceKey } from "../resource/resource";

/** One write of a resource, and when it is made: lower stages first. */
export interface WriteStep {
  resource: Resource;
  stage: number;
}

/**
 * How a resource is written. Most take one write; a mesh whose authority is in secrets takes two, as the secrets of a mesh
 * are taken only once it is there, and a mesh that names secrets only once these are: first one whose secrets are not
 * looked at, and when they are there the mesh as it is to be.
 */
export function writeSteps(resource: Resource, stageOf: (key: ResourceKey) => number): WriteStep[] {
  const stage = stageOf(resource);
  const first = beforeItsSecrets(resource);
  if (first === undefined) return [{ resource, stage }];
  const secrets = stageOf({ type: "Secret", mesh: resource.name, name: "" });
  return [
    { resource: first, stage },
    { resource, stage: Math.max(stage, secrets) + 0.5 },
  ];
}

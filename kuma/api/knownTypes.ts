import { ControlPlane } from "./client";
import { KumaError } from "../errors";
import { ResourceKey, keyOf } from "../resource/resource";
import { ResourceType } from "./resourceTypes";

/** Resource types by name. */
export type KnownTypes = ReadonlyMap<string, ResourceType>;

/** The types that a control plane knows. */
export async function knownTypes(controlPlane: ControlPlane): Promise<KnownTypes> {
  return new Map((await controlPlane.resourceTypes()).map((type) => [type.name, type]));
}

/** The type of a resource that is to be read from or written to a control plane; fails where it does not know it. */
export function typeOf(key: ResourceKey, types: KnownTypes, controlPlane: ControlPlane): ResourceType {
  const type = types.get(key.type);
  if (type) return type;
  throw new KumaError(
    "refused",
    `${keyOf(key)}: ${controlPlane.title} does not know the type ${key.type}. Is it older than the other side, or another product?`,
  );
}

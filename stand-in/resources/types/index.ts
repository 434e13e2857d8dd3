import type { ResourceType } from "./shape";
import { RESOURCE_TYPES } from "./table";

export type { InsightTraits, PolicyTraits, ResourceType, SyncFlags } from "./shape";
export { RESOURCE_TYPES } from "./table";

const BY_NAME = new Map(RESOURCE_TYPES.map((type) => [type.name, type]));

export function resourceType(name: string): ResourceType {
  const type = BY_NAME.get(name);
  if (!type) {
    throw new Error(`unknown resource type ${name}`);
  }
  return type;
}

/** Source: Kuma v2.14.3 pkg/api-server/mappers/resource_type_description.go. */
export function includedInFederation(type: ResourceType): boolean {
  return type.sync.globalToZones && !type.readOnly;
}

/**
 * Whether the REST API of this kind of control plane refuses to write the type (405).
 * Source: Kuma v2.14.3 pkg/core/resources/model/resource.go, IsReadOnly.
 */
export function refusesWrites(type: ResourceType, isGlobal: boolean, isFederatedZone: boolean): boolean {
  return (
    type.readOnly ||
    (isGlobal && !type.sync.providedByGlobal) ||
    (isFederatedZone && !type.sync.providedByZone)
  );
}

/** What a global control plane sends to its zones. */
export function sentToZones(type: ResourceType): boolean {
  return type.sync.globalToZones || type.sync.acrossZones;
}

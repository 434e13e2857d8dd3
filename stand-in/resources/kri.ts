import { displayName, LABEL, type Resource } from "./model";
import type { ResourceType } from "./types";

/**
 * The identifier that stays the same wherever a copy of the resource is; types without a short name have none.
 * Source: Kuma v2.14.3 pkg/core/kri/kri.go.
 */
export function kriOf(type: ResourceType, resource: Resource): string | undefined {
  if (type.shortName === "") {
    return undefined;
  }
  const zone = resource.labels[LABEL.zone] ?? "";
  const namespace = resource.labels[LABEL.namespace] ?? "";
  return `kri_${type.shortName}_${resource.mesh}_${zone}_${namespace}_${displayName(resource)}_`;
}

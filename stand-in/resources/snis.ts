import { displayName, LABEL, type Resource } from "./model";
import type { ResourceType } from "./types";

interface Port {
  port: number;
  name?: string;
}

const DESTINATIONS = new Set(["MeshService", "MeshExternalService", "MeshMultiZoneService"]);

/**
 * The server names that a destination goes by between zones. The API shows them beside the spec, so that a client
 * that compares documents has to know them as the control plane's own.
 * Source: Kuma v2.14.3 pkg/core/resources/model/rest/v1alpha1/resource.go and pkg/core/resources/sni.
 */
export function snisOf(type: ResourceType, resource: Resource): { port: number; sni: string }[] | undefined {
  if (!DESTINATIONS.has(type.name)) {
    return undefined;
  }
  const spec = (resource.body.spec ?? {}) as { ports?: Port[]; match?: Port };
  const ports = type.name === "MeshExternalService" ? (spec.match ? [spec.match] : []) : (spec.ports ?? []);
  const zone = resource.labels[LABEL.zone];
  const namespace = resource.labels[LABEL.namespace];
  const origin = zone ? [zone, ...(namespace ? [namespace] : [])] : [];
  const prefix = ["sni", type.shortName, resource.mesh, ...origin, displayName(resource)].join(".");
  const snis = ports.map(({ port, name }) => ({ port, sni: `${prefix}.${name || port}` }));
  return snis.length > 0 ? snis.sort((a, b) => a.port - b.port) : undefined;
}

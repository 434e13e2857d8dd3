import { createHmac } from "node:crypto";
import { digestKey } from "./digestKey";

/**
 * A resource in Kuma's universal form: `spec` holds the body of the newer types, the older ones keep their fields at
 * the top (https://kuma.io/docs/latest/reference/http-api).
 */
export interface Resource {
  type: string;
  name: string;
  /** Absent on resources that belong to no mesh. */
  mesh?: string;
  labels?: Record<string, string>;
  [field: string]: unknown;
}

export interface ResourceKey {
  type: string;
  mesh?: string;
  name: string;
}

/** `MeshTimeout default/all` or `Mesh default`: how a resource is named towards people and in the state. */
export function keyOf({ type, mesh, name }: ResourceKey): string {
  return mesh === undefined ? `${type} ${name}` : `${type} ${mesh}/${name}`;
}

export function sameKey(a: ResourceKey, b: ResourceKey): boolean {
  return a.type === b.type && a.mesh === b.mesh && a.name === b.name;
}

/** The inverse of `keyOf`. Neither types nor mesh names hold a space or a slash. */
export function parseKey(key: string): ResourceKey {
  const space = key.indexOf(" ");
  const type = key.slice(0, space);
  const rest = key.slice(space + 1);
  const slash = rest.indexOf("/");
  return slash < 0 ? { type, name: rest } : { type, mesh: rest.slice(0, slash), name: rest.slice(slash + 1) };
}

export function isSecret({ type }: ResourceKey): boolean {
  return type === "Secret" || type === "GlobalSecret";
}

export const ORIGIN_LABEL = "kuma.io/origin";
export const ZONE_LABEL = "kuma.io/zone";
export const DISPLAY_NAME_LABEL = "kuma.io/display-name";
/** The namespace of the cluster in which a resource was written, on zones on Kubernetes and on copies of theirs. */
export const NAMESPACE_LABEL = "k8s.kuma.io/namespace";
/** Where Kuma's and Kong Mesh's charts put a control plane. */
export const SYSTEM_NAMESPACES: readonly string[] = ["kuma-system", "kong-mesh-system"];

/**
 * Labels that a control plane computes (Kuma v2.14.3, pkg/core/resources/labels/registry.go, and the label of
 * resources that came by KDS). A global that gets `kuma.io/zone` deletes the resource at that zone's first sync.
 */
const SERVER_LABELS = new Set([
  ORIGIN_LABEL,
  ZONE_LABEL,
  DISPLAY_NAME_LABEL,
  "kuma.io/mesh",
  "kuma.io/env",
  "kuma.io/policy-role",
  "kuma.io/proxy-type",
  "kuma.io/workload",
  "kuma.io/listener-zoneingress",
  "kuma.io/listener-zoneegress",
  "kuma.io/deletion-grace-period-started-at",
]);
const SERVER_LABEL_PREFIXES = ["k8s.kuma.io/"];

/** Fields that a control plane computes; `snis` stands beside the `spec` of services (Kuma 2.14). */
const SERVER_FIELDS = new Set(["creationTime", "modificationTime", "kri", "status", "snis"]);

/** The resource as a user would write it: without labels and fields that a control plane computes. */
export function sanitize(resource: Resource): Resource {
  const clean: Resource = { type: resource.type, name: resource.name };
  for (const [field, value] of Object.entries(resource)) {
    if (SERVER_FIELDS.has(field) || field === "labels" || value === undefined) continue;
    clean[field] = value;
  }
  const labels = Object.entries(resource.labels ?? {}).filter(
    ([label]) =>
      !SERVER_LABELS.has(label) && !SERVER_LABEL_PREFIXES.some((prefix) => label.startsWith(prefix)),
  );
  if (labels.length > 0) clean.labels = Object.fromEntries(labels);
  return clean;
}

/** JSON with sorted keys, so that equal content is equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}

/** Equal by what a user wrote, whatever the control plane added. */
export function sameContent(a: Resource, b: Resource): boolean {
  return canonicalJson(sanitize(a)) === canonicalJson(sanitize(b));
}

/**
 * What stands for a resource's content in state, previews and logs: 64 bits of HMAC-SHA-256 over its canonical JSON. Two
 * can only be compared where both were made with one key.
 */
export function digest(resource: Resource): string {
  const hash = createHmac("sha256", digestKey()).update(canonicalJson(sanitize(resource)));
  return `hmac:${hash.digest("hex").slice(0, 16)}`;
}

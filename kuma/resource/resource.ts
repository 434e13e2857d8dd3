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

export function isSecret({ type }: Pick<ResourceKey, "type">): boolean {
  return type === "Secret" || type === "GlobalSecret";
}

/** What a secret holds; empty where nothing is to be seen of it. */
export function secretText({ data }: Resource): string {
  return typeof data === "string" ? Buffer.from(data, "base64").toString("utf8") : "";
}

export const ORIGIN_LABEL = "kuma.io/origin";
export const ZONE_LABEL = "kuma.io/zone";
export const DISPLAY_NAME_LABEL = "kuma.io/display-name";
/** The namespace of the cluster in which a resource was written, on zones on Kubernetes and on copies of theirs. */
export const NAMESPACE_LABEL = "k8s.kuma.io/namespace";
/** How people call it: a copy has a name of its own. */
export function displayName({ name, labels }: Resource): string {
  return labels?.[DISPLAY_NAME_LABEL] ?? name;
}

export function cameFromGlobal({ labels }: Resource): boolean {
  return labels?.[ORIGIN_LABEL] === "global";
}

/** A copy of KDS as it was called where it was written. */
export function underFirstName(copy: Resource): Resource {
  return { ...copy, name: displayName(copy) };
}

/** The zone that it is of: what a zone tells without that label is its own. */
export function zoneOf({ labels }: Resource, asked: string): string {
  return labels?.[ZONE_LABEL] ?? asked;
}

/** Where Kuma's and Kong Mesh's charts put a control plane. */
export const SYSTEM_NAMESPACES: readonly string[] = ["kuma-system", "kong-mesh-system"];

/** Where a control plane runs. One on Kubernetes computes labels that are the user's on Universal. */
export type Environment = "universal" | "kubernetes";

const ENV_LABEL = "kuma.io/env";
const POLICY_ROLE_LABEL = "kuma.io/policy-role";
export const SYNC_LABEL = "kuma.io/kds-sync";
const MANAGED_BY_LABEL = "kuma.io/managed-by";

/** Computed on every write (Kuma v2.14.3, pkg/core/resources/labels/compute.go), or by the generator of MeshServices. */
const COMPUTED_LABELS = new Set([
  ORIGIN_LABEL,
  // a global that gets it deletes the resource at that zone's first sync
  ZONE_LABEL,
  "kuma.io/mesh",
  "kuma.io/deletion-grace-period-started-at",
]);

const PROXY_TYPES = new Set(["Dataplane", "ZoneIngress", "ZoneEgress"]);
/** Computed for proxies; elsewhere they are the user's. */
const PROXY_LABELS = new Set([
  "kuma.io/proxy-type",
  "kuma.io/listener-zoneingress",
  "kuma.io/listener-zoneegress",
]);

/** What only a control plane on Kubernetes computes, from namespaces, pods and services. */
function isOfKubernetes(label: string): boolean {
  return label === POLICY_ROLE_LABEL || label === "kuma.io/workload" || label.startsWith("k8s.kuma.io/");
}

/** Fields that a control plane computes; `snis` stands beside the `spec` of services (Kuma 2.14). */
const SERVER_FIELDS = new Set(["creationTime", "modificationTime", "kri", "status", "snis"]);

/** The resource as a user would write it: without what the control plane that it was read from computes. */
export function sanitize(resource: Resource, environment: Environment = "universal"): Resource {
  const origin = resource.labels?.[ORIGIN_LABEL];
  return without(resource, (label, value) => {
    // set together with the origin, where a user has not set it
    if (label === ENV_LABEL) return origin !== undefined && value === environment;
    // KDS gives it to what it copies
    if (label === DISPLAY_NAME_LABEL) return environment === "kubernetes" || origin === "global";
    return environment === "kubernetes" && isOfKubernetes(label);
  });
}

/**
 * What is compared between an original and its copy, on whatever kinds of control plane these are: without labels that
 * the one may have and the other not, though they say the same.
 */
export function contentOf(resource: Resource): Resource {
  const ignored = [ENV_LABEL, DISPLAY_NAME_LABEL, POLICY_ROLE_LABEL, NAMESPACE_LABEL];
  return without(resource, (label) => ignored.includes(label));
}

function without(resource: Resource, isComputed: (label: string, value: string) => boolean): Resource {
  const clean: Resource = { type: resource.type, name: resource.name };
  // not as entries: a run does this with every resource, more than once
  for (const field of Object.keys(resource)) {
    const value = resource[field];
    if (SERVER_FIELDS.has(field) || field === "labels" || value === undefined) continue;
    clean[field] = value;
  }
  if (resource.labels === undefined) return clean;
  const isProxy = PROXY_TYPES.has(resource.type);
  const labels = Object.entries(resource.labels ?? {}).filter(
    ([label, value]) =>
      !COMPUTED_LABELS.has(label) && !(isProxy && PROXY_LABELS.has(label)) && !isComputed(label, value),
  );
  if (labels.length > 0) clean.labels = Object.fromEntries(labels);
  return clean;
}

/** KDS leaves it where it is (Kuma v2.14.3, pkg/core/resources/model/resource.go, HasKDSDisabled). */
export function isSyncDisabled({ labels }: Resource): boolean {
  return labels?.[SYNC_LABEL] === "disabled";
}

/**
 * A control plane makes it of the data plane proxies that it has, and keeps it in line with them (Kuma v2.14.3,
 * meshservice/generate and workload/generate below pkg/core/resources/apis, and the controllers on Kubernetes).
 */
export function isMadeOfProxies({ labels }: Resource): boolean {
  const manager = labels?.[MANAGED_BY_LABEL] ?? "";
  return ["meshservice-generator", "workload-generator", "k8s-controller"].includes(manager);
}

/** What can be written to a zone as its control plane made it; of a Workload, which has no origin, it would get one. */
export function isRestorable(resource: Resource): boolean {
  return !isMadeOfProxies(resource) || resource.labels?.[ORIGIN_LABEL] !== undefined;
}

/** JSON with sorted keys, so that equal content is equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Equal by what a user wrote, whatever the control plane added. */
export function sameContent(a: Resource, b: Resource): boolean {
  const [one, other] = [contentOf(a), contentOf(b)];
  return isAlike(one, other) || canonicalJson(one) === canonicalJson(other);
}

/** True for what is the same JSON, without writing it; whatever is no plain JSON is left to `canonicalJson`. */
function isAlike(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((each, index) => isAlike(each, b[index]));
  }
  if ("toJSON" in a || "toJSON" in b) return false;
  const fields = Object.keys(a);
  if (fields.length !== Object.keys(b).length) return false;
  return fields.every(
    (field) =>
      Object.hasOwn(b, field) &&
      isAlike((a as Record<string, unknown>)[field], (b as Record<string, unknown>)[field]),
  );
}

/**
 * What stands for a resource's content in state, previews and logs: 64 bits of HMAC-SHA-256 over its canonical JSON. Two
 * can only be compared where both were made with one key.
 */
export function digest(resource: Resource): string {
  const hash = createHmac("sha256", digestKey()).update(canonicalJson(contentOf(resource)));
  return `hmac:${hash.digest("hex").slice(0, 16)}`;
}

/** How many resources of each type a manifest holds. */
export function countByType(keys: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) {
    const { type } = parseKey(key);
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a.localeCompare(b)));
}

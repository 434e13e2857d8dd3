/** A resource as the store keeps it. Never changed in place: an update replaces the object. */
export interface Resource {
  readonly type: string;
  /** Empty for resources that belong to no mesh. */
  readonly mesh: string;
  readonly name: string;
  readonly creationTime: string;
  readonly modificationTime: string;
  readonly labels: Readonly<Record<string, string>>;
  /** When the owner is deleted, what it owns goes with it. */
  readonly owner?: ResourceRef;
  /** The document without its metadata: `spec` (and `status`) for newer types, the flat fields for older ones. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ResourceKey {
  readonly mesh: string;
  readonly name: string;
}

export interface ResourceRef extends ResourceKey {
  readonly type: string;
}

export type Labels = Record<string, string>;

/** Kuma's own labels. Source: Kuma v2.14.3 api/mesh/v1alpha1/metadata.go and pkg/plugins/runtime/k8s/metadata. */
export const LABEL = {
  mesh: "kuma.io/mesh",
  origin: "kuma.io/origin",
  zone: "kuma.io/zone",
  env: "kuma.io/env",
  displayName: "kuma.io/display-name",
  namespace: "k8s.kuma.io/namespace",
  policyRole: "kuma.io/policy-role",
  proxyType: "kuma.io/proxy-type",
  kdsSync: "kuma.io/kds-sync",
} as const;

export function keyOf(key: ResourceKey): string {
  return `${key.mesh}/${key.name}`;
}

export function displayName(resource: { name: string; labels: Readonly<Record<string, string>> }): string {
  return resource.labels[LABEL.displayName] || resource.name;
}

/** A resource without an origin label counts as made where it is. */
export function isLocal(mode: "zone" | "global", labels: Readonly<Record<string, string>>): boolean {
  const origin = labels[LABEL.origin];
  return origin === undefined || origin === "" || origin === mode;
}

export function sortedLabels(labels: Readonly<Record<string, string>>): Labels {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

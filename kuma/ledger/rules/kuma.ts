import type { Resource } from "../../resource/resource";
import { Difference, writtenName } from "../changes";
import type { ZoneRecord } from "../record";

/** Kuma's own labels (Kuma v2.14.3, api/mesh/v1alpha1/metadata.go). */
export const LABEL = {
  origin: "kuma.io/origin",
  zone: "kuma.io/zone",
  env: "kuma.io/env",
  mesh: "kuma.io/mesh",
  displayName: "kuma.io/display-name",
  namespace: "k8s.kuma.io/namespace",
  policyRole: "kuma.io/policy-role",
} as const;

export function originOf({ labels }: Resource): string | undefined {
  return labels?.[LABEL.origin];
}

export function isSecret({ type }: Resource): boolean {
  return type === "Secret" || type === "GlobalSecret";
}

export type Changed = Extract<Difference, { kind: "changed" }>;

/** The difference, where it is one of this label. */
export function ofLabel(difference: Difference, label: string): Changed | undefined {
  if (difference.kind !== "changed" || difference.path.length !== 2) return undefined;
  const [field, name] = difference.path;
  return field === "labels" && name === label ? difference : undefined;
}

/** The difference, where it is one of one of these labels. */
export function ofOneOf(difference: Difference, labels: readonly string[]): Changed | undefined {
  return labels.map((label) => ofLabel(difference, label)).find((change) => change !== undefined);
}

/** The difference, where it is one of a field of this type, at a path such as `mtls.skipValidation`. */
export function ofField(difference: Difference, type: string, path: RegExp): Changed | undefined {
  if (difference.kind !== "changed" || difference.before.type !== type) return undefined;
  return path.test(difference.path.join(".")) ? difference : undefined;
}

/** Sixteen letters and digits that make no words. Source: k8s.io/apimachinery pkg/util/rand, SafeEncodeString. */
const HASH = /^-[bcdfghjklmnpqrstvwxz2456789]{16}$/;
/** Where a name is cut to make place for the hash. Source: Kuma v2.14.3 pkg/kds/hash/hash.go. */
const LONGEST_BEFORE_HASH = 253 - 17;

/** Whether it is a copy that came by the global's sync, named after what it was called when it was written. */
export function isHashedCopy(resource: Resource): boolean {
  const name = writtenName(resource).slice(0, LONGEST_BEFORE_HASH);
  const [own] = resource.name.startsWith(name) ? resource.name.slice(name.length).split(".") : [""];
  return originOf(resource) === "global" && HASH.test(own);
}

/** What a control plane of this kind writes into `kuma.io/env` by itself. */
export function ownEnvironment({ environment }: ZoneRecord): string {
  return environment === "kubernetes" ? "kubernetes" : "universal";
}

import { objectIn, objectsIn, valueAt } from "../../kuma/api/json";
import { urlPath } from "../../kuma/resource/names";
import type { KubernetesCluster, KubernetesObject } from "./cluster";

/** An object that a stack makes in a cluster, or that the chart makes for it, with what it says of its fields. */
export interface StackObject {
  kind: keyof typeof KINDS;
  /** For kinds that stand in one. */
  namespace?: string;
  name: string;
  /** Fields whose values are the stack's, as in the object. */
  fields?: Record<string, unknown>;
  /** One that others have made serves as well, and stays when the stack goes. */
  isShareable?: boolean;
}

/** Where a kind is found: group and version, and plural. */
const KINDS = {
  Namespace: ["/api/v1", "namespaces"],
  Secret: ["/api/v1", "secrets"],
  Service: ["/api/v1", "services"],
  ClusterRole: ["/apis/rbac.authorization.k8s.io/v1", "clusterroles"],
  MutatingWebhookConfiguration: ["/apis/admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations"],
} as const;

/** `Service kuma-system/kuma-global-zone-sync`. */
export function nameOf({ kind, namespace, name }: StackObject): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

export function readObject(
  cluster: KubernetesCluster,
  { kind, namespace, name }: StackObject,
): Promise<KubernetesObject | undefined> {
  const [group, plural] = KINDS[kind];
  const scope = namespace === undefined ? "" : urlPath`/namespaces/${namespace}`;
  return cluster.get(group + scope + urlPath`/${plural}/${name}`);
}

/**
 * Whether Pulumi has made an object, by the managers of its fields (pulumi-kubernetes v4.32.0, await.go: `pulumi-kubernetes`
 * for what it creates, `pulumi-kubernetes-<hash>` for what it applies).
 */
export function isPulumis({ metadata }: KubernetesObject): boolean {
  const managers = objectsIn(metadata.managedFields).map(({ manager }) => manager);
  return managers.some((manager) => typeof manager === "string" && /^pulumi-kubernetes(-|$)/.test(manager));
}

/** Whether an object belongs to this release of Helm, which takes such objects over (Helm v3, pkg/action/validate.go). */
export function isOfRelease(
  { metadata: { annotations } }: KubernetesObject,
  release: { namespace: string; name: string },
): boolean {
  return (
    annotations?.["meta.helm.sh/release-name"] === release.name &&
    annotations["meta.helm.sh/release-namespace"] === release.namespace
  );
}

/** Paths of the fields of which the live object says something else than the stack; what the stack leaves open is not looked at. */
export function changedFields({ fields = {} }: StackObject, live: KubernetesObject): string[] {
  return differences(fields, live, []);
}

function differences(wanted: unknown, live: unknown, path: readonly string[]): string[] {
  if (Array.isArray(wanted)) {
    const items: unknown[] = Array.isArray(live) ? live : [];
    const isSame =
      items.length === wanted.length &&
      wanted.every((each, at) => differences(each, items[at], []).length === 0);
    return isSame ? [] : [path.join(".")];
  }
  const inner = objectIn(wanted);
  if (!inner) return wanted === live ? [] : [path.join(".")];
  return Object.entries(inner).flatMap(([key, value]) =>
    value === undefined ? [] : differences(value, valueAt(live, key), [...path, key]),
  );
}

/**
 * Whether the API server refuses to make the live object what the stack wants, so that it has to be another one
 * (Kubernetes 1.36, pkg/apis/core/validation: loadBalancerClass "may not change once set" while the type stays). A class
 * that a cluster's own webhook has put there, where the stack names none, is no reason. `before` is what the stack wanted
 * the last time.
 */
export function mustBeAnother(before: StackObject, wanted: StackObject, live: KubernetesObject): boolean {
  const type = (object: unknown) => valueAt(object, "spec", "type");
  if (type(wanted.fields) !== "LoadBalancer" || type(live) !== "LoadBalancer") return false;
  const [old, next, now] = [before.fields, wanted.fields, live].map((object) =>
    valueAt(object, "spec", "loadBalancerClass"),
  );
  return next !== now && (next !== undefined || old === now);
}

import { Resource, isSecret } from "../../kuma";
import type { KubernetesObject } from "./cluster";

/** Types of the Secrets that are Kuma's. */
export const SECRET_TYPES: Record<string, string> = {
  Secret: "system.kuma.io/secret",
  GlobalSecret: "system.kuma.io/global-secret",
};

/**
 * A resource in the form in which Kubernetes keeps it (Kuma v2.14.3, pkg/plugins/resources/k8s and
 * pkg/plugins/secrets/k8s; the same as `GET …?format=kubernetes`):
 * - secrets are Secrets of a type of their own in the system namespace;
 * - types whose universal form has a `spec` keep it, and name their mesh in a label;
 * - the older ones keep all their fields in `spec`, and name their mesh beside it.
 *
 * `namespaced` tells whether objects of this kind live in a namespace.
 */
export function toKubernetes(
  resource: Resource,
  { systemNamespace, namespaced }: { systemNamespace: string; namespaced: boolean },
): KubernetesObject {
  const { type, name, mesh, labels, ...fields } = resource;
  const metadata = (more: Record<string, string> = {}): KubernetesObject["metadata"] => {
    const all = { ...labels, ...more };
    return {
      name,
      ...(namespaced ? { namespace: systemNamespace } : {}),
      ...(Object.keys(all).length > 0 ? { labels: all } : {}),
    };
  };
  const ofMesh: Record<string, string> = mesh === undefined ? {} : { "kuma.io/mesh": mesh };
  if (isSecret(resource)) {
    return {
      apiVersion: "v1",
      kind: "Secret",
      type: SECRET_TYPES[type],
      metadata: metadata(ofMesh),
      data: { value: fields.data },
    };
  }
  const kind = { apiVersion: "kuma.io/v1alpha1", kind: type };
  if ("spec" in fields) return { ...kind, metadata: metadata(ofMesh), spec: fields.spec };
  return { ...kind, ...(mesh === undefined ? {} : { mesh }), metadata: metadata(), spec: fields };
}

import {
  ApiextensionsV1Api,
  ApiException,
  CustomObjectsApi,
  type KubeConfig,
  type V1CustomResourceDefinition,
  type V1JSONSchemaProps,
} from "@kubernetes/client-node";
import { until } from "../until";

/** One of Kuma's kinds, by the names that the chart of Kuma 2.14 gives it. */
export interface KumaKind {
  readonly kind: string;
  readonly plural: string;
  readonly scope: "Cluster" | "Namespaced";
  /** Fields beside `metadata`; what is in them is not checked. `mesh` is text. */
  readonly fields: readonly ("mesh" | "spec" | "status")[];
}

/**
 * The kinds that tests write, not all of Kuma's: the mesh, older policies (of the whole cluster, with their mesh beside
 * `spec`), newer ones (of a namespace), and what else only a global or only a zone owns.
 */
export const KUMA_KINDS: readonly KumaKind[] = [
  clusterWide("Mesh", "meshes"),
  clusterWide("Zone", "zones"),
  clusterWide("Timeout", "timeouts"),
  clusterWide("Retry", "retries"),
  clusterWide("HealthCheck", "healthchecks"),
  namespaced("HostnameGenerator", "hostnamegenerators"),
  namespaced("MeshTimeout", "meshtimeouts"),
  namespaced("MeshTrafficPermission", "meshtrafficpermissions"),
  namespaced("MeshCircuitBreaker", "meshcircuitbreakers"),
  namespaced("MeshMultiZoneService", "meshmultizoneservices", "status"),
];

function clusterWide(kind: string, plural: string): KumaKind {
  return { kind, plural, scope: "Cluster", fields: ["mesh", "spec"] };
}

function namespaced(kind: string, plural: string, ...more: "status"[]): KumaKind {
  return { kind, plural, scope: "Namespaced", fields: ["spec", ...more] };
}

export const KUMA_GROUP = "kuma.io";
export const KUMA_VERSION = "v1alpha1";

/** The definition of a kind, enough for an API server: it knows the fields and looks into none of them. */
export function kumaCrd({ kind, plural, scope, fields }: KumaKind): V1CustomResourceDefinition {
  // in the client's spelling, with underscores; it leaves out what it does not know
  const anything: V1JSONSchemaProps = { type: "object", x_kubernetes_preserve_unknown_fields: true };
  const properties = Object.fromEntries(
    fields.map((field) => [field, field === "mesh" ? { type: "string" } : anything]),
  );
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${KUMA_GROUP}` },
    spec: {
      group: KUMA_GROUP,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: KUMA_VERSION,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", properties } },
        },
      ],
    },
  };
}

/** Has the API server know these kinds (all of them unless told which), and waits until it serves them. */
export async function installKumaCrds(config: KubeConfig, ...kinds: string[]): Promise<void> {
  const api = config.makeApiClient(ApiextensionsV1Api);
  const wanted = KUMA_KINDS.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind)).map(kumaCrd);
  await Promise.all(wanted.map((body) => api.createCustomResourceDefinition({ body })));
  await until("the kinds of Kuma to be established", async () => {
    const { items } = await api.listCustomResourceDefinition();
    return wanted.every(({ metadata }) =>
      items
        .find((item) => item.metadata?.name === metadata?.name)
        ?.status?.conditions?.some(({ type, status }) => type === "Established" && status === "True"),
    );
  });
  // established is what is to be served; the server tells clients of it a moment later
  const served = config.makeApiClient(CustomObjectsApi);
  await until("the kinds of Kuma to be served", async () => {
    const { resources } = await served
      .getAPIResources({ group: KUMA_GROUP, version: KUMA_VERSION })
      .catch((error: unknown) => {
        if (error instanceof ApiException && error.code === 404) return { resources: [] };
        throw error;
      });
    return wanted.every(({ spec }) => resources.some(({ kind }) => kind === spec.names.kind));
  });
}

/**
 * Takes all of Kuma's kinds away again, with every object of theirs, and waits until they are gone: an API server ends a
 * kind that was made a moment ago only after it has begun to serve it.
 */
export async function removeKumaCrds(config: KubeConfig): Promise<void> {
  const api = config.makeApiClient(ApiextensionsV1Api);
  const ours = async () => {
    const { items } = await api.listCustomResourceDefinition();
    return items.flatMap(({ metadata, spec }) =>
      spec.group === KUMA_GROUP && metadata?.name ? [metadata.name] : [],
    );
  };
  await Promise.all((await ours()).map((name) => api.deleteCustomResourceDefinition({ name })));
  await until("the end of Kuma's kinds", async () => (await ours()).length === 0);
}

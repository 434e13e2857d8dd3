import type { Resource } from "../resources/model";
import type { Store } from "../resources/store";
import { RESOURCE_TYPES } from "../resources/types";

type Totals = Record<string, { total: number }>;

/** How many resources of each type there are, of those that satisfy the condition; types without any are left out. */
function totals(
  store: Store,
  mesh: string | undefined,
  includes: (type: (typeof RESOURCE_TYPES)[number]) => boolean,
): Totals {
  const counts: Totals = {};
  for (const type of RESOURCE_TYPES.filter(includes)) {
    const total = store.list(type.name, mesh).length;
    if (total > 0) {
      counts[type.name] = { total };
    }
  }
  return counts;
}

/** Computed when asked for; the real control plane stores it. Of its fields: the counts of resources. */
export function meshInsight(store: Store, mesh: Resource): Resource {
  return {
    ...mesh,
    type: "MeshInsight",
    labels: {},
    body: {
      dataplanes: {},
      policies: totals(store, mesh.name, (type) => type.scope === "Mesh" && type.policy !== undefined),
      dpVersions: {},
      mTLS: {},
      services: {},
      dataplanesByType: { standard: {}, gateway: {}, gatewayBuiltin: {}, gatewayDelegated: {} },
      resources: totals(store, mesh.name, (type) => type.scope === "Mesh" && !type.readOnly),
    },
  };
}

/** Source: Kuma v2.14.3 pkg/api-server/global_insight_endpoint.go. Services and proxies are not looked at. */
export function globalInsight(store: Store): Record<string, unknown> {
  const status = { online: 0, offline: 0, partiallyDegraded: 0, total: 0 };
  const policies = Object.values(totals(store, undefined, (type) => type.policy !== undefined));
  const online = store.list("Zone").length;
  return {
    createdAt: new Date().toISOString(),
    dataplanes: { gatewayBuiltin: status, gatewayDelegated: status, standard: status },
    meshes: { total: store.list("Mesh").length },
    policies: { total: policies.reduce((sum, { total }) => sum + total, 0) },
    resources: totals(store, undefined, (type) => !type.readOnly && !type.internal && type.name !== "Mesh"),
    services: {
      external: { total: 0 },
      gatewayBuiltin: status,
      gatewayDelegated: status,
      internal: status,
    },
    zones: { controlPlanes: { online, total: online } },
  };
}

import type { Resource } from "../resources/model";

interface Inbound {
  port: number;
  name?: string;
  tags?: Record<string, string>;
  state?: string;
}

interface ServiceSpec {
  selector?: {
    dataplaneRef?: { name?: string };
    dataplaneTags?: Record<string, string>;
    dataplaneLabels?: { matchLabels?: Record<string, string> };
  };
  ports?: { port: number; targetPort?: number | string; name?: string }[];
  [field: string]: unknown;
}

/**
 * The spec of a MeshService with what a control plane writes into it of its data plane proxies: whether one of them serves
 * all its ports, and the values of `kuma.io/service` by which they are known. Not the SPIFFE ids of MeshIdentities.
 * Source: Kuma v2.14.3 pkg/core/resources/apis/meshservice/status/updater.go and match.go.
 */
export function specWithState(service: Resource, dataplanes: readonly Resource[]): ServiceSpec {
  const spec = service.body.spec as ServiceSpec;
  const proxies = dataplanes.filter((each) => each.mesh === service.mesh && isSelected(spec, each));
  const tags = proxies.flatMap((each) =>
    inboundsOf(each).map((inbound) => inbound.tags?.["kuma.io/service"]),
  );
  const values = [...new Set(tags.flatMap((tag) => tag ?? []))].sort();
  const { identities: _, ...rest } = spec;
  return {
    ...rest,
    ...(values.length > 0 && { identities: values.map((value) => ({ type: "ServiceTag", value })) }),
    state: proxies.some((each) => servesAll(spec, each)) ? "Available" : "Unavailable",
  };
}

export function inboundsOf({ body }: Resource): Inbound[] {
  const { inbound } = (body.networking ?? {}) as { inbound?: Inbound[] };
  return Array.isArray(inbound) ? inbound : [];
}

function isSelected({ selector = {} }: ServiceSpec, dataplane: Resource): boolean {
  const { dataplaneRef, dataplaneTags, dataplaneLabels } = selector;
  const inbounds = inboundsOf(dataplane);
  if (inbounds.length === 0) return false;
  if (dataplaneRef) return dataplaneRef.name === dataplane.name;
  if (dataplaneTags) return inbounds.some(({ tags = {} }) => holds(tags, dataplaneTags));
  return dataplaneLabels !== undefined && holds(dataplane.labels, dataplaneLabels.matchLabels ?? {});
}

function holds(all: Readonly<Record<string, string>>, wanted: Record<string, string>): boolean {
  return Object.entries(wanted).every(([key, value]) => all[key] === value);
}

function servesAll({ ports = [] }: ServiceSpec, dataplane: Resource): boolean {
  const ready = inboundsOf(dataplane).filter(({ state = "Ready" }) => state === "Ready");
  return ports.every(({ port, targetPort = port }) =>
    ready.some((inbound) => inbound.port === targetPort || inbound.name === targetPort),
  );
}

import { gunzipSync } from "node:zlib";
import { KumaError } from "../../kuma";
import type { KubernetesCluster } from "./cluster";

export type Values = { [key: string]: unknown };

/** A release that Helm installed. */
export interface HelmRelease {
  revision: number;
  status: string;
  chartName: string;
  chartVersion: string;
  /** What the user gave, without the chart's defaults. May hold secrets. */
  values: Values;
}

interface StoredRelease {
  info: { status: string };
  version: number;
  chart: { metadata: { name: string; version: string } };
  config?: Values;
}

/**
 * The latest revision of a release, or undefined when there is none. Helm keeps each in a Secret (Helm v3,
 * pkg/storage/driver/secrets.go: base64 of a gzipped JSON).
 */
export async function readRelease(
  cluster: KubernetesCluster,
  namespace: string,
  name: string,
): Promise<HelmRelease | undefined> {
  const query = new URLSearchParams({ labelSelector: `owner=helm,name=${name}` });
  const response = await cluster.request("GET", `/api/v1/namespaces/${namespace}/secrets?${query}`);
  const { items } = cluster.parsed<{
    items: { metadata: { labels?: Record<string, string> }; data?: { release?: string } }[];
  }>(response, `the Helm releases of namespace ${namespace}`);
  const revisionOf = (item: (typeof items)[number]) => Number(item.metadata.labels?.version ?? 0);
  const latest = items.sort((a, b) => revisionOf(b) - revisionOf(a)).at(0)?.data?.release;
  if (latest === undefined) return undefined;
  const stored = decode(latest);
  return {
    revision: stored.version,
    status: stored.info.status,
    chartName: stored.chart.metadata.name,
    chartVersion: stored.chart.metadata.version,
    values: stored.config ?? {},
  };
}

function decode(data: string): StoredRelease {
  const text = Buffer.from(data, "base64").toString("utf8");
  return JSON.parse(gunzipSync(Buffer.from(text, "base64")).toString("utf8")) as StoredRelease;
}

/** A release that can be upgraded: an operation that was cut short blocks every later one. */
export function assertUpgradable(release: HelmRelease, name: string, namespace: string): void {
  if (!release.status.startsWith("pending-")) return;
  throw new KumaError(
    "refused",
    `Release ${name} in namespace ${namespace} is in state ${release.status}: another Helm operation is under way or was cut short. Nothing was changed. ` +
      `If none is running, take it back with "helm rollback ${name} -n ${namespace}" and try again.`,
  );
}

/** What a zone needs to be told to join a global. */
export interface ZoneSettings {
  zone: string;
  kdsAddress: string;
  /** PEM; empty where the system's authorities serve. */
  kdsCa: string;
  ingress?: boolean;
  egress?: boolean;
}

/** Values of Kuma's chart that the federation sets, and that the way back takes back. */
const FEDERATION_PATHS = [
  "controlPlane.mode",
  "controlPlane.zone",
  "controlPlane.kdsGlobalAddress",
  "controlPlane.tls.kdsZoneClient",
  "controlPlane.konnect",
  "controlPlane.secrets",
  "ingress.enabled",
  "egress.enabled",
].map((path) => path.split("."));

/** The values with which the zone joins its global; everything else that was set stays as it is. */
export function federatedValues(
  values: Values,
  valuesKey: string | undefined,
  settings: ZoneSettings,
): Values {
  const { zone, kdsAddress, kdsCa, ingress, egress } = settings;
  return within(values, valuesKey, (own) => {
    const base = merge(own, {
      controlPlane: { mode: "zone", zone, kdsGlobalAddress: kdsAddress },
      ...(ingress === undefined ? {} : { ingress: { enabled: ingress } }),
      ...(egress === undefined ? {} : { egress: { enabled: egress } }),
    });
    const client = kdsCa === "" ? { skipVerify: false } : { create: true, cert: kdsCa, skipVerify: false };
    return setAt(base, ["controlPlane", "tls", "kdsZoneClient"], client);
  });
}

/** The live values with those of the federation as they were before: what else was changed meanwhile is kept. */
export function standaloneValues(live: Values, before: Values, valuesKey: string | undefined): Values {
  const former = (valuesKey === undefined ? before : (before[valuesKey] as Values | undefined)) ?? {};
  return within(live, valuesKey, (own) =>
    FEDERATION_PATHS.reduce((result, path) => setAt(result, path, valueAt(former, path)), own),
  );
}

/** Whether these values make a zone dial a global. */
export function isFederatedRelease({ values }: HelmRelease, valuesKey: string | undefined): boolean {
  const own = valuesKey === undefined ? values : values[valuesKey];
  const address = valueAt(own as Values | undefined, ["controlPlane", "kdsGlobalAddress"]);
  return typeof address === "string" && address !== "";
}

function within(values: Values, key: string | undefined, change: (own: Values) => Values): Values {
  if (key === undefined) return change(values);
  return { ...values, [key]: change((values[key] as Values | undefined) ?? {}) };
}

export function isObject(value: unknown): value is Values {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** `b` over `a`, objects merged, as Helm merges values. */
export function merge(a: Values, b: Values): Values {
  const result = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const there = result[key];
    result[key] = isObject(there) && isObject(value) ? merge(there, value) : value;
  }
  return result;
}

function valueAt(values: Values | undefined, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), values);
}

/** A copy with another value at the path; undefined removes it, and the objects that become empty by that. */
function setAt(values: Values, [key, ...rest]: readonly string[], value: unknown): Values {
  const { [key]: there, ...others } = values;
  if (rest.length === 0) return value === undefined ? others : { ...values, [key]: value };
  if (value === undefined && !isObject(there)) return values;
  const inner = setAt(isObject(there) ? there : {}, rest, value);
  return Object.keys(inner).length === 0 && value === undefined ? others : { ...values, [key]: inner };
}

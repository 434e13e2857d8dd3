import { gunzipSync, gzipSync } from "node:zlib";
import { KumaError, canonicalJson } from "../../../kuma";
import { objectIn, parseJson, valueAt as fieldAt } from "../../../kuma/api/json";
import { urlPath } from "../../../kuma/resource/names";
import { oneLine } from "../../../kuma/printable";
import { type KubernetesCluster, type KubernetesObject, MERGE_PATCH } from "../cluster";
import { kdsAddressOf, proxyPathsIn, standaloneValues } from "./federationValues";
import type { Values } from "./values";

/** A revision of a release that Helm installed. */
export interface HelmRelease {
  revision: number;
  status: string;
  chartName: string;
  chartVersion: string;
  /** What the user gave, without the chart's defaults. May hold secrets. */
  values: Values;
  /** Where the latest operation has not ended: the revision that was there before. */
  former?: HelmRelease;
}

/** What Helm knows of a revision, as far as it matters here. */
export interface StoredRelease {
  info: { status: string; description?: string; [field: string]: unknown };
  version: number;
  chart: { metadata: { name: string; version: string } };
  config?: Values;
  /** The objects of the chart, as YAML. May hold secrets. */
  manifest?: string;
}

/** The Secret in which Helm keeps a revision (Helm v3, pkg/storage/driver/secrets.go: base64 of a gzipped JSON). */
export interface ReleaseSecret extends KubernetesObject {
  data?: { release?: string };
}

/** The latest revision of a release, or undefined when there is none. */
export async function readRelease(
  cluster: KubernetesCluster,
  namespace: string,
  name: string,
): Promise<HelmRelease | undefined> {
  const revisions = await revisionsOf(cluster, namespace, name);
  const [latest, ...others] = revisions.map(({ data }) => released(decode(data?.release)));
  if (latest === undefined || !isPending(latest)) return latest;
  const former = others.find(({ status }) => status === "deployed");
  return { ...latest, ...(former && { former }) };
}

/** Latest first. */
export async function revisionsOf(
  cluster: KubernetesCluster,
  namespace: string,
  name: string,
): Promise<ReleaseSecret[]> {
  const items = await cluster.list<ReleaseSecret>(
    urlPath`/api/v1/namespaces/${namespace}/secrets`,
    `the Helm releases of namespace ${namespace}`,
    { labelSelector: `owner=helm,name=${name}` },
  );
  const revisionOf = ({ metadata }: ReleaseSecret) => Number(metadata.labels?.version ?? 0);
  return items
    .filter(({ data }) => data?.release !== undefined)
    .sort((a, b) => revisionOf(b) - revisionOf(a));
}

function released({ info, version, chart, config }: StoredRelease): HelmRelease {
  return {
    revision: version,
    status: info.status,
    chartName: chart.metadata.name,
    chartVersion: chart.metadata.version,
    values: config ?? {},
  };
}

/** A Secret holds 1 MiB; what unpacks to more than this is no release. */
const LARGEST_RELEASE = 64 * 1024 * 1024;

export function decode(data: unknown): StoredRelease {
  const stored = typeof data === "string" ? unpacked(data) : undefined;
  const word = (...fields: string[]) => {
    const value = fieldAt(stored, ...fields);
    return typeof value === "string" && oneLine(value) === value;
  };
  const isRelease =
    word("info", "status") &&
    word("chart", "metadata", "name") &&
    word("chart", "metadata", "version") &&
    Number.isInteger(fieldAt(stored, "version")) &&
    objectIn(fieldAt(stored, "config") ?? {}) !== undefined;
  if (isRelease) return stored as StoredRelease;
  throw new KumaError(
    "invalid",
    "A Secret with the labels of a Helm release holds none. Nothing was changed. Look at it with helm history.",
  );
}

function unpacked(data: string): unknown {
  const text = Buffer.from(data, "base64").toString("utf8");
  try {
    const options = { maxOutputLength: LARGEST_RELEASE };
    return parseJson(gunzipSync(Buffer.from(text, "base64"), options).toString("utf8"));
  } catch {
    return undefined;
  }
}

export function encode(stored: StoredRelease): string {
  return Buffer.from(gzipSync(JSON.stringify(stored)).toString("base64")).toString("base64");
}

/** Whether an operation of Helm's is under way, or was cut short. */
export function isPending({ status }: HelmRelease): boolean {
  return status.startsWith("pending-");
}

/**
 * Whether the latest operation is one of this program that was cut short: an upgrade that changes what a federation sets
 * and nothing else. No other run of the stack can be under way, as the engine locks the stack.
 */
export function isCutShort(
  release: HelmRelease,
  { valuesKey, isChartChosen }: { valuesKey?: string; isChartChosen: boolean },
): boolean {
  const { former } = release;
  if (release.status !== "pending-upgrade" || former?.chartName !== release.chartName) return false;
  if (former.chartVersion !== release.chartVersion && !isChartChosen) return false;
  const proxies = [release, former].flatMap(({ values }) => proxyPathsIn(values, valuesKey));
  const rest = ({ values }: HelmRelease) => canonicalJson(standaloneValues(values, {}, valuesKey, proxies));
  return rest(release) === rest(former) && canonicalJson(release.values) !== canonicalJson(former.values);
}

/** A release that can be upgraded: an operation of somebody else that has not ended blocks every later one. */
export function assertUpgradable(release: HelmRelease, name: string, namespace: string): void {
  if (!isPending(release)) return;
  throw new KumaError(
    "refused",
    `Release ${name} in namespace ${namespace} is in state ${release.status}: another Helm operation is under way or was cut short. Nothing was changed. ` +
      `If none is running, take it back with "helm rollback ${name} -n ${namespace}" and try again.`,
  );
}

/**
 * Ends an operation that was cut short: notes that its revision has failed, so that Helm makes another one (as
 * helm-controller of Flux does), or takes away the record of a first installation, which Helm makes again with the objects
 * that are there. Another state than a pending one is left alone.
 */
export async function endOperation(
  cluster: KubernetesCluster,
  namespace: string,
  name: string,
  revision: number,
): Promise<void> {
  const secrets = await revisionsOf(cluster, namespace, name);
  const secret = secrets.find(({ metadata }) => metadata.labels?.version === String(revision));
  const stored = secret && decode(secret.data?.release);
  if (!secret || !stored || !isPending(released(stored))) return;
  const { name: secretName, resourceVersion } = secret.metadata;
  const path = urlPath`/api/v1/namespaces/${namespace}/secrets/${secretName}`;
  // both carry the version of what was read, so that nothing else is changed or deleted
  const info = { ...stored.info, status: "failed", description: "Cut short, and noted by kuma-federation" };
  const failed = {
    metadata: { resourceVersion, labels: { status: "failed" } },
    data: { release: encode({ ...stored, info }) },
  };
  const response =
    stored.info.status === "pending-install"
      ? await cluster.request("DELETE", path, { preconditions: { resourceVersion } })
      : await cluster.request("PATCH", path, failed, MERGE_PATCH);
  if (response.status < 300) return;
  throw cluster.failure(response, `Revision ${revision} of release ${name}`, { withMessage: false });
}

/** Whether these values make a zone dial a global. */
export function isFederatedRelease({ values, former }: HelmRelease, valuesKey: string | undefined): boolean {
  // a switch in either direction that was cut short
  if (former && isFederatedRelease(former, valuesKey)) return true;
  return kdsAddressOf(values, valuesKey) !== undefined;
}

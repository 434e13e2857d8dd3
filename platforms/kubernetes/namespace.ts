import { KumaError } from "../../kuma";
import { objectsIn, valueAt } from "../../kuma/api/json";
import { urlPath } from "../../kuma/resource/names";
import { until } from "../../kuma/until";
import { type KubernetesCluster, type KubernetesObject, MERGE_PATCH } from "./cluster";

/** The field manager of a namespace that this program has made. */
const MAKER = "kuma-federation";
/** Of the label in a namespace that others have made: it must not look as if this program had made it. */
const USER = "kuma-federation-label";

/** With it Kuma knows the namespace of its control plane (Kuma v2.14.3, charts/kuma/templates/pre-install). */
const LABELS = { "kuma.io/system-namespace": "true" };

/** Milliseconds for all that is in a namespace to go. */
const GONE_DEADLINE_MS = 600_000;

/** Whether a namespace is there, as a control plane's is to be. */
export async function isReady(cluster: KubernetesCluster, name: string): Promise<boolean> {
  const live = await read(cluster, name);
  return live !== undefined && hasLabels(live);
}

/** Makes the namespace of a control plane, or uses the one that is there. Returns whether it was made. */
export async function ensureNamespace(cluster: KubernetesCluster, name: string): Promise<boolean> {
  const live = await read(cluster, name);
  if (live === undefined) {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: LABELS } };
    const response = await cluster.request("POST", `/api/v1/namespaces?fieldManager=${MAKER}`, namespace);
    // somebody else was quicker
    if (response.status === 409) return ensureNamespace(cluster, name);
    cluster.parsed(response, `Namespace ${name}`);
    return true;
  }
  if (!hasLabels(live)) {
    const path = urlPath`/api/v1/namespaces/${name}` + `?fieldManager=${USER}`;
    const response = await cluster.request("PATCH", path, { metadata: { labels: LABELS } }, MERGE_PATCH);
    cluster.parsed(response, `Namespace ${name}`);
  }
  return false;
}

/** Whether this program has made a namespace, in this run or in one that was killed before it could note it. */
export function isOwn({ metadata }: KubernetesObject): boolean {
  return objectsIn(metadata.managedFields).some(({ manager }) => manager === MAKER);
}

/** Deletes a namespace, and waits until all that is in it has gone. */
export async function deleteNamespace(cluster: KubernetesCluster, name: string): Promise<void> {
  const response = await cluster.request("DELETE", urlPath`/api/v1/namespaces/${name}`);
  if (response.status === 404) return;
  if (response.status !== 409) cluster.parsed(response, `Namespace ${name}`);
  await until(() => read(cluster, name), {
    deadlineMs: GONE_DEADLINE_MS,
    everyMs: 1_000,
    isThere: (live) => live === undefined,
    onTimeout: (live) => stays(cluster, name, live as KubernetesObject),
  });
}

function read(cluster: KubernetesCluster, name: string): Promise<KubernetesObject | undefined> {
  return cluster.get(urlPath`/api/v1/namespaces/${name}`);
}

function hasLabels({ metadata: { labels = {} } }: KubernetesObject): boolean {
  return Object.entries(LABELS).every(([label, value]) => labels[label] === value);
}

/** The namespace controller says what it waits for in the conditions of the namespace's status. */
function stays(cluster: KubernetesCluster, name: string, live: KubernetesObject): KumaError {
  const conditions = valueAt(live, "status", "conditions");
  const open = (Array.isArray(conditions) ? conditions : [])
    .filter((each) => valueAt(each, "status") === "True")
    .map((each) => String(valueAt(each, "message") ?? ""));
  return new KumaError(
    "refused",
    `Namespace ${name} in the cluster of context ${cluster.context} is being deleted for ${GONE_DEADLINE_MS / 60_000} minutes and is still there` +
      `${open.length > 0 ? `: ${open.join(" ")}` : "."} Nothing else was changed. Next: remove what keeps it, and run destroy again.`,
  );
}

import { KumaError, isKumaError } from "../../kuma";
import { objectIn, objectsIn, valueAt } from "../../kuma/api/json";
import { urlPath } from "../../kuma/resource/names";
import { errorsOf } from "../errorLines";
import { type KubernetesCluster, type KubernetesObject, MERGE_PATCH } from "./cluster";
import type { ControlPlaneLocation } from "./location";
import { until, untilNone } from "../../kuma/until";

/** The most of a log that is looked at. */
const MOST_BYTES = 1024 * 1024;
const CONTAINER = "control-plane";
/** Has a Deployment make new pods, as "kubectl rollout restart" does. */
const RESTARTED = "kubectl.kubernetes.io/restartedAt";
const ROLLOUT_DEADLINE_MS = 180_000;

/** The errors that the youngest pod of a control plane has logged; none where its log cannot be read. */
export async function errorsInLog(
  cluster: KubernetesCluster,
  location: ControlPlaneLocation,
): Promise<string[]> {
  try {
    const [pod] = await podsOf(cluster, location);
    if (!pod) return [];
    const query = new URLSearchParams({
      container: CONTAINER,
      tailLines: "10000",
      limitBytes: `${MOST_BYTES}`,
    });
    const path = urlPath`/api/v1/namespaces/${location.namespace}/pods/${pod.metadata.name}/log`;
    const response = await cluster.request("GET", `${path}?${query}`);
    return response.status === 200 ? errorsOf(response.body) : [];
  } catch (error) {
    // what failed is told without them
    if (isKumaError(error)) return [];
    throw error;
  }
}

/** Whether no pod of a control plane serves; false where the cluster does not tell. */
export async function isDown(cluster: KubernetesCluster, location: ControlPlaneLocation): Promise<boolean> {
  try {
    return !(await podsOf(cluster, location)).some(isReady);
  } catch (error) {
    if (isKumaError(error)) return false;
    throw error;
  }
}

/** Starts a control plane anew and waits until only its new pods serve. The former ones serve until then. */
export async function restartControlPlane(
  cluster: KubernetesCluster,
  location: ControlPlaneLocation,
): Promise<void> {
  const { path } = await deploymentOf(cluster, location);
  const annotations = { [RESTARTED]: new Date().toISOString() };
  const patch = { spec: { template: { metadata: { annotations } } } };
  const response = await cluster.request("PATCH", path, patch, MERGE_PATCH);
  if (response.status >= 300) throw cluster.failure(response, nameOf(location));
  await untilRolledOut(cluster, location);
}

/** Waits until every pod of a control plane is of its Deployment's latest form and serves, and no other one is left. */
export async function untilRolledOut(
  cluster: KubernetesCluster,
  location: ControlPlaneLocation,
  { deadlineMs = ROLLOUT_DEADLINE_MS, intervalMs = 1_000 } = {},
): Promise<void> {
  await until(() => deploymentOf(cluster, location), {
    deadlineMs,
    everyMs: intervalMs,
    isThere: ({ deployment }) => isRolledOut(deployment),
    onTimeout: () =>
      new KumaError(
        "gate",
        `${nameOf(location)} in the cluster of context ${cluster.context} was changed, and its new pods do not serve after ${Math.round(deadlineMs / 1000)} s. ` +
          `"kubectl --context ${cluster.context} -n ${location.namespace} get pods" tells why.`,
      ),
  });
}

/** How many pods the Deployment of a control plane asks for. */
export async function replicasOf(
  cluster: KubernetesCluster,
  location: ControlPlaneLocation,
): Promise<number> {
  const { deployment } = await deploymentOf(cluster, location);
  return Number(valueAt(deployment, "spec", "replicas") ?? 1);
}

/** Has it ask for so many, and waits until just these serve: for 0 until no pod is left, also none that is ending. */
export async function scale(
  cluster: KubernetesCluster,
  location: ControlPlaneLocation,
  replicas: number,
): Promise<void> {
  const { path } = await deploymentOf(cluster, location);
  const response = await cluster.request("PATCH", `${path}/scale`, { spec: { replicas } }, MERGE_PATCH);
  if (response.status >= 300) throw cluster.failure(response, nameOf(location));
  if (replicas > 0) return untilRolledOut(cluster, location);
  await untilNone(
    () => podsOf(cluster, location),
    { deadlineMs: ROLLOUT_DEADLINE_MS, everyMs: 500 },
    (left) =>
      `${nameOf(location)} in the cluster of context ${cluster.context} was scaled to 0, and ${left.length} of its pods are still there after ${ROLLOUT_DEADLINE_MS / 1000} s.`,
  );
}

/** Environment variable of the container of a control plane, as its Deployment gives it. */
export async function variableOf(
  cluster: KubernetesCluster,
  location: ControlPlaneLocation,
  variable: string,
): Promise<string | undefined> {
  const { deployment } = await deploymentOf(cluster, location);
  const containers = objectsIn(valueAt(deployment, "spec", "template", "spec", "containers"));
  const { env } = containers.find(({ name }) => name === CONTAINER) ?? {};
  const value = objectsIn(env).find(({ name }) => name === variable)?.value;
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isRolledOut(deployment: KubernetesObject): boolean {
  const status = (field: string) => Number(valueAt(deployment, "status", field) ?? 0);
  const wanted = Number(valueAt(deployment, "spec", "replicas") ?? 1);
  return (
    status("observedGeneration") >= Number(deployment.metadata.generation ?? 0) &&
    ["updatedReplicas", "availableReplicas", "replicas"].every((field) => status(field) === wanted)
  );
}

function nameOf({ namespace, service }: ControlPlaneLocation): string {
  return `The Deployment of Service ${namespace}/${service}`;
}

/** The one whose pods the Service of the control plane leads to. */
async function deploymentOf(cluster: KubernetesCluster, location: ControlPlaneLocation) {
  const selector = await selectorOf(cluster, location);
  const all = urlPath`/apis/apps/v1/namespaces/${location.namespace}/deployments`;
  const deployments = await cluster.list(all, `the Deployments of namespace ${location.namespace}`);
  const deployment = deployments.find((each) => {
    const labels = objectIn(valueAt(each, "spec", "template", "metadata", "labels")) ?? {};
    return Object.entries(selector).every(([label, value]) => labels[label] === value);
  });
  if (deployment) return { deployment, path: all + urlPath`/${deployment.metadata.name}` };
  throw new KumaError(
    "notFound",
    `${nameOf(location)} is not there in the cluster of context ${cluster.context}. Nothing was changed.`,
  );
}

/** Youngest first. */
export async function podsOf(
  cluster: KubernetesCluster,
  location: ControlPlaneLocation,
): Promise<KubernetesObject[]> {
  const selector = Object.entries(await selectorOf(cluster, location));
  const pods = await cluster.list(
    urlPath`/api/v1/namespaces/${location.namespace}/pods`,
    `the pods of Service ${location.namespace}/${location.service}`,
    { labelSelector: selector.map(([label, value]) => `${label}=${String(value)}`).join(",") },
  );
  const madeAt = ({ metadata }: KubernetesObject) => String(metadata.creationTimestamp ?? "");
  return pods.sort((a, b) => (madeAt(a) < madeAt(b) ? 1 : -1));
}

async function selectorOf(
  cluster: KubernetesCluster,
  { namespace, service }: ControlPlaneLocation,
): Promise<Record<string, unknown>> {
  const found = await cluster.get(urlPath`/api/v1/namespaces/${namespace}/services/${service}`);
  const selector = objectIn(valueAt(found, "spec", "selector"));
  // without one it would be about every pod of the namespace
  if (selector && Object.keys(selector).length > 0) return selector;
  throw new KumaError(
    "notFound",
    `Service ${namespace}/${service} is not there in the cluster of context ${cluster.context}, or leads to no pods. Nothing was changed.`,
  );
}

export function isReady(pod: KubernetesObject): boolean {
  const conditions = objectsIn(valueAt(pod, "status", "conditions"));
  const ready = conditions.some(({ type, status }) => type === "Ready" && status === "True");
  return ready && pod.metadata.deletionTimestamp === undefined;
}

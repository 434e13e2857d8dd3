import { KumaError, printable } from "../../kuma";
import { objectsIn, valueAt } from "../../kuma/api/json";
import { type Rule, rulesAround } from "../../platforms/universal/cut";
import type { KubernetesCluster, KubernetesObject } from "../../platforms/kubernetes/cluster";
import { podsOf, replicasOf, scale, variableOf } from "../../platforms/kubernetes/controlPlanePods";
import { type ControlPlaneLocation, parseLocation } from "../../platforms/kubernetes/location";
import {
  POD_MENDS_S,
  type PodCut,
  cutPods,
  mendPods,
  podContainer,
  whyNoPodCut,
} from "../../platforms/kubernetes/podCut";
import { withCluster } from "../../platforms/kubernetes/withCluster";
import type { ControlPlaneAccess } from "../../platforms/openControlPlane";

/** Of the container of a control plane: the image with which its sidecars get their rules (Kuma's chart 2.14.3). */
const IMAGE = "KUMA_INJECTOR_INIT_CONTAINER_IMAGE";

/** What a drill breaks in a cluster. */
export type ClusterFailure = { kind: "scaled"; replicas: number } | ({ kind: "cutPods" } & PodCut);

export async function makeInCluster(failure: ClusterFailure, access: ControlPlaneAccess): Promise<void> {
  await inCluster(access, (cluster, location) =>
    failure.kind === "scaled" ? scale(cluster, location, 0) : cutPods(cluster, failure),
  );
}

export async function putBackInCluster(failure: ClusterFailure, access: ControlPlaneAccess): Promise<void> {
  await inCluster(access, async (cluster, location) => {
    if (failure.kind === "cutPods") return mendPods(cluster, failure);
    // somebody may have done so since
    if ((await replicasOf(cluster, location)) === 0) await scale(cluster, location, failure.replicas);
  });
}

/** How a control plane is stopped, or why it is not. */
export async function stopInCluster(
  access: ControlPlaneAccess,
): Promise<{ failure: ClusterFailure } | { refused: string }> {
  return inCluster(access, async (cluster, location) => {
    const replicas = await replicasOf(cluster, location);
    if (replicas === 0) return { refused: "Its Deployment asks for no pods already." };
    return { failure: { kind: "scaled" as const, replicas } };
  });
}

/** How what the pods of a zone's control plane send to the global is dropped, or why it is not. */
export async function cutControlPlane(access: ControlPlaneAccess, rules: Rule[]) {
  return inCluster(access, async (cluster, location) => {
    const pods = (await podsOf(cluster, location)).map(({ metadata }) => metadata.name);
    return cutOf(cluster, location, { namespace: location.namespace, pods, rules });
  });
}

/** The same of what reaches zone ingresses, each of which is a pod and has its name. */
export async function cutIngresses(
  access: ControlPlaneAccess,
  ingresses: readonly { name: string; port: number }[],
  comment: string,
) {
  return inCluster(access, async (cluster, location) => {
    const all = await cluster.list("/api/v1/pods", "the pods");
    const found = ingresses.flatMap(({ name, port }) =>
      all
        .filter(({ metadata }) => [metadata.name, `${metadata.name}.${metadata.namespace}`].includes(name))
        .map((pod) => ({ pod, port })),
    );
    const [{ pod = undefined } = {}] = found;
    if (!pod) return { refused: "The pods of the zone's ingress are not found in its cluster." };
    const rules = rulesAround([...new Set(found.map(({ port }) => port))], comment, programsFor(pod));
    const pods = found.map((each) => each.pod.metadata.name);
    return cutOf(cluster, location, { namespace: pod.metadata.namespace as string, pods, rules });
  });
}

/** A pod without an address of IPv6 may be on a node whose kernel has no ip6tables. */
function programsFor(pod: KubernetesObject): string[] {
  const ips = objectsIn(valueAt(pod, "status", "podIPs")).map(({ ip }) => String(ip));
  return ips.some((ip) => ip.includes(":")) ? ["iptables", "ip6tables"] : ["iptables"];
}

async function cutOf(
  cluster: KubernetesCluster,
  location: ControlPlaneLocation,
  wanted: Pick<PodCut, "namespace" | "pods" | "rules">,
): Promise<{ failure: ClusterFailure } | { refused: string }> {
  const image = await variableOf(cluster, location, IMAGE);
  if (image === undefined)
    return { refused: `Its Deployment names no image with iptables (variable ${IMAGE}).` };
  const cut: PodCut = { ...wanted, image, container: podContainer() };
  const why = await whyNoPodCut(cluster, cut);
  if (why === undefined) return { failure: { kind: "cutPods", ...cut } };
  return {
    refused: `Links are cut with iptables in an ephemeral container of a pod, and here none may be added. ${printable(why)}`,
  };
}

/** Told with what is broken. */
export const MENDS_ITSELF = `an ephemeral container there mends it in any case, after ${POD_MENDS_S / 60} minutes`;

async function inCluster<T>(
  { url, kubeconfig }: ControlPlaneAccess,
  work: (cluster: KubernetesCluster, location: ControlPlaneLocation) => Promise<T>,
): Promise<T> {
  const location = parseLocation(url);
  if (!location) throw new KumaError("invalid", `${url} is in no cluster, so nothing could be done there.`);
  return withCluster({ context: location.context, kubeconfig }, (cluster) => work(cluster, location));
}

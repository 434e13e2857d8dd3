import { KumaError } from "../../kuma";
import { valueAt } from "../../kuma/api/json";
import { urlPath } from "../../kuma/resource/names";
import { until } from "../../kuma/until";
import type { ClusterReference, KubernetesCluster } from "./cluster";
import { withCluster } from "./withCluster";

export interface ServiceReference extends ClusterReference {
  namespace: string;
  service: string;
}

const LOOK_EVERY_MS = 1_000;

/** The address that a Service's load balancer has: an IP address, or a host name as on AWS. Undefined without one. */
export async function loadBalancerHost(reference: ServiceReference): Promise<string | undefined> {
  return withCluster(reference, (cluster) => hostOf(cluster, reference));
}

/** Waits for the address, `timeout` seconds at the most. */
export async function untilLoadBalancerHost(reference: ServiceReference, timeout: number): Promise<string> {
  const host = await withCluster(reference, (cluster) =>
    until(() => hostOf(cluster, reference), {
      deadlineMs: timeout * 1000,
      everyMs: LOOK_EVERY_MS,
      isThere: (found) => found !== undefined,
    }),
  );
  if (host === undefined) throw neverCame(reference, timeout);
  return host;
}

async function hostOf(
  cluster: KubernetesCluster,
  { namespace, service }: ServiceReference,
): Promise<string | undefined> {
  const found = await cluster.get(urlPath`/api/v1/namespaces/${namespace}/services/${service}`);
  const ingress = valueAt(found, "status", "loadBalancer", "ingress");
  const [first] = Array.isArray(ingress) ? (ingress as unknown[]) : [];
  const host = [valueAt(first, "hostname"), valueAt(first, "ip")].find(
    (each) => each !== "" && each !== undefined,
  );
  if (host === undefined || (typeof host === "string" && /^[0-9A-Za-z.:-]{1,253}$/.test(host))) return host;
  throw new KumaError(
    "invalid",
    `The load balancer of Service ${namespace}/${service} in the cluster of context ${cluster.context} has an address that is none. Nothing was changed.`,
  );
}

function neverCame({ context, namespace, service }: ServiceReference, timeout: number): KumaError {
  return new KumaError(
    "unreachable",
    `Service ${namespace}/${service} in the cluster of context ${context} got no load balancer address within ${timeout} s, so zones have nothing to dial. ` +
      `The Service was made, no control plane was installed and no zone was changed. ` +
      `On kind, run cloud-provider-kind or MetalLB; on minikube, run "minikube tunnel" and set kds.host of the global to host.minikube.internal; ` +
      `in a cloud, "kubectl --context ${context} -n ${namespace} describe service ${service}" tells what its controller lacks. ` +
      `Or set kds.type of the global to NodePort, with kds.host. Then run it again.`,
  );
}

import { randomBytes } from "node:crypto";
import { KumaError } from "../../kuma";
import { objectIn, objectsIn, valueAt } from "../../kuma/api/json";
import { urlPath } from "../../kuma/resource/names";
import { until } from "../../kuma/until";
import { type Rule, mendingText, ruleText } from "../universal/cut";
import type { KubernetesCluster, KubernetesObject } from "./cluster";

/** Pods whose network drops something for a while. */
export interface PodCut {
  namespace: string;
  pods: string[];
  rules: Rule[];
  /** Of the ephemeral container that sets the rules, and takes them away by itself. */
  container: string;
  /** Has `sh` and `iptables`: the one with which Kuma's sidecars get theirs (kuma-init). */
  image: string;
}

/** Seconds after which a pod mends by itself what nobody else has mended. */
export const POD_MENDS_S = 600;
const SET = "kuma-federation: rules are set";
const STRATEGIC = "application/strategic-merge-patch+json";
/** An image may have to be pulled. */
const START = { deadlineMs: 120_000, everyMs: 500 };

/** Why rules cannot be set in the network of pods; undefined where the API server says they can. Changes nothing. */
export async function whyNoPodCut(cluster: KubernetesCluster, cut: PodCut): Promise<string | undefined> {
  for (const pod of cut.pods) {
    const response = await add(cluster, cut, pod, cut.container, "true", "?dryRun=All");
    if (response.status >= 300) return cluster.failure(response, titleOf(cut, pod)).message;
  }
  return undefined;
}

/** Fails where they cannot be set in each pod: they are to be mended then. */
export async function cutPods(cluster: KubernetesCluster, cut: PodCut): Promise<void> {
  const [first] = cut.rules;
  const set = `{ ${cut.rules.map((rule) => ruleText(rule, "-I")).join(" && ")}; } || { ${mendingText(cut.rules)}; exit 1; }`;
  // ends as soon as somebody has mended it, so that it takes away no rules of a later drill
  const wait = `n=0; while [ $n -lt ${POD_MENDS_S} ] && ${ruleText(first, "-C")} 2>/dev/null; do sleep 1; n=$((n+1)); done`;
  const script = `${set}; echo '${SET}'; ${wait}; ${mendingText(cut.rules)}`;
  for (const pod of cut.pods) {
    await started(cluster, cut, pod, cut.container, script);
    const { isSet } = await untilSet(cluster, cut, pod);
    if (!isSet)
      throw new KumaError(
        "refused",
        `${titleOf(cut, pod)} could not set the rules of the drill with iptables. ` +
          `"kubectl --context ${cluster.context} -n ${cut.namespace} logs ${pod} -c ${cut.container}" tells why.`,
      );
  }
}

/** Takes the rules away in each pod that is still there and still has them. */
export async function mendPods(cluster: KubernetesCluster, cut: PodCut): Promise<void> {
  for (const pod of cut.pods) {
    const found = await cluster.get(pathOf(cut, pod));
    if (!found || stateOf(found, cut.container) === undefined) continue;
    const { isOver } = await untilSet(cluster, cut, pod);
    if (isOver) continue;
    const container = podContainer();
    await started(cluster, cut, pod, container, mendingText(cut.rules));
    await until(() => cluster.get(pathOf(cut, pod)), {
      ...START,
      isThere: (now) => now === undefined || valueAt(stateOf(now, container), "terminated", "exitCode") === 0,
      onTimeout: () =>
        new KumaError(
          "gate",
          `The rules of the drill could not be taken away in pod ${cut.namespace}/${pod} of context ${cluster.context}. ` +
            `The pod takes them away by itself ${POD_MENDS_S / 60} minutes after they were set; a new pod has none.`,
        ),
    });
  }
}

/** A name for an ephemeral container: a pod keeps those that have ended, and takes each name once. */
export function podContainer(): string {
  return `kuma-federation-drill-${randomBytes(4).toString("hex")}`;
}

async function started(
  cluster: KubernetesCluster,
  cut: PodCut,
  pod: string,
  container: string,
  script: string,
): Promise<void> {
  const response = await add(cluster, cut, pod, container, script);
  if (response.status >= 300) throw cluster.failure(response, titleOf(cut, pod));
}

/** In the network of a pod, as root of it, which a control plane's own containers are not. */
function add(cluster: KubernetesCluster, cut: PodCut, pod: string, name: string, script: string, query = "") {
  const capabilities = { drop: ["ALL"], add: ["NET_ADMIN", "NET_RAW"] };
  const root = { runAsUser: 0, runAsGroup: 0, runAsNonRoot: false };
  const securityContext = { ...root, allowPrivilegeEscalation: false, capabilities };
  const container = { name, image: cut.image, command: ["sh", "-c", script], securityContext };
  const path = `${pathOf(cut, pod)}/ephemeralcontainers${query}`;
  return cluster.request("PATCH", path, { spec: { ephemeralContainers: [container] } }, STRATEGIC);
}

/** Waits until rules are set in a pod, or its container has ended. */
async function untilSet(
  cluster: KubernetesCluster,
  cut: PodCut,
  pod: string,
): Promise<{ isSet: boolean; isOver: boolean }> {
  const look = async () => {
    const found = await cluster.get(pathOf(cut, pod));
    const state = found && stateOf(found, cut.container);
    if (!found || objectIn(valueAt(state, "terminated"))) return { isSet: false, isOver: true };
    if (!objectIn(valueAt(state, "running"))) return { isSet: false, isOver: false };
    const query = new URLSearchParams({ container: cut.container });
    const log = await cluster.request("GET", `${pathOf(cut, pod)}/log?${query}`);
    return { isSet: log.status === 200 && log.body.includes(SET), isOver: false };
  };
  return until(look, {
    ...START,
    isThere: ({ isSet, isOver }) => isSet || isOver,
    onTimeout: () =>
      new KumaError(
        "gate",
        `${titleOf(cut, pod)} does not start. ` +
          `"kubectl --context ${cluster.context} -n ${cut.namespace} describe pod ${pod}" tells why; it may be the image ${cut.image}.`,
      ),
  });
}

function stateOf(pod: KubernetesObject, container: string): unknown {
  const statuses = objectsIn(valueAt(pod, "status", "ephemeralContainerStatuses"));
  const isAdded = objectsIn(valueAt(pod, "spec", "ephemeralContainers")).some(
    ({ name }) => name === container,
  );
  return statuses.find(({ name }) => name === container)?.state ?? (isAdded ? {} : undefined);
}

function pathOf({ namespace }: PodCut, pod: string): string {
  return urlPath`/api/v1/namespaces/${namespace}/pods/${pod}`;
}

function titleOf({ namespace }: PodCut, pod: string): string {
  return `The ephemeral container of a drill in pod ${namespace}/${pod}`;
}

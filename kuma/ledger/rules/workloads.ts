import type { Resource } from "../../resource/resource";
import { PROXIES, writtenName } from "../changes";
import type { Comparison, Rule } from "../rule";
import { LABEL, ofField } from "./kuma";

const MANAGED_BY = "kuma.io/managed-by";
const WORKLOAD = "kuma.io/workload";
const HEADLESS = "k8s.kuma.io/is-headless-service";

/** What goes and changes with workloads. Pods end and come while a zone is switched, and what their control plane makes of them. */
export const WORKLOADS: readonly Rule[] = [
  {
    code: "pod-ended",
    occasions: ["joined", "handedOver", "back"],
    effect: "gone",
    reason: "In a cluster a proxy goes with its pod, which has ended: the cluster was asked.",
    source: "pkg/plugins/runtime/k8s/controllers/pod_controller.go",
    explains: ({ kind, key, before }, { after }) =>
      kind === "gone" && PROXIES.has(before?.type ?? "") && (after.ended ?? []).includes(key),
  },
  {
    code: "headless-pod-ended",
    occasions: ["joined", "handedOver", "back"],
    effect: "gone",
    reason: "A headless Service has a MeshService for each of its pods, which goes with the pod.",
    source: "pkg/plugins/runtime/k8s/controllers/meshservice_controller.go",
    explains: ({ kind, before }, comparison) =>
      kind === "gone" && before.labels?.[HEADLESS] === "true" && isOfEndedPod(before, comparison),
  },
  {
    code: "workload-ended",
    occasions: ["joined", "handedOver", "back"],
    effect: "gone",
    reason: "The control plane deletes a Workload as soon as it has no data plane proxy any more.",
    source:
      "pkg/core/resources/apis/workload/generate/generator.go, pkg/plugins/runtime/k8s/controllers/workload_controller.go",
    explains: ({ kind, before }, { after }) =>
      kind === "gone" &&
      before.type === "Workload" &&
      before.labels?.[MANAGED_BY] !== undefined &&
      !after.resources.some((each) => isProxyOf(before, each)),
  },
  {
    code: "health-noted",
    occasions: ["joined", "handedOver", "back"],
    effect: "changed",
    reason: "The control plane notes in a Dataplane whether what is behind each inbound is ready.",
    source: "pkg/plugins/runtime/k8s/controllers/inbound_converter.go, pkg/hds/tracker/callbacks.go",
    explains: (difference) =>
      ofField(difference, "Dataplane", /^networking\.inbound\.\d+\.(health(\.ready)?|state)$/) !== undefined,
  },
  {
    code: "another-pod",
    occasions: ["joined", "handedOver", "back"],
    effect: "changed",
    reason:
      "A pod of a StatefulSet was replaced by one of the same name: it has another address, and may be of another revision and on another node.",
    source: "pkg/plugins/runtime/k8s/controllers/pod_converter.go",
    explains: (difference, { after }) => {
      const ofPod = ofField(difference, "Dataplane", OF_POD);
      return (
        after.environment === "kubernetes" &&
        ofPod !== undefined &&
        addressOf(ofPod.before) !== addressOf(ofPod.after)
      );
    },
  },
  {
    code: "ingress-noted",
    occasions: ["joined", "handedOver", "back"],
    effect: "changed",
    reason:
      "The control plane notes in a ZoneIngress which services it lets in to; in a cluster also the address of its Service.",
    source: "pkg/xds/ingress/dataplane.go, pkg/plugins/runtime/k8s/controllers/ingress_converter.go",
    explains: (difference, { after }) =>
      ofField(difference, "ZoneIngress", /^availableServices(\.|$)/) !== undefined ||
      (after.environment === "kubernetes" &&
        ofField(difference, "ZoneIngress", /^networking\.advertised(Address|Port)$/) !== undefined),
  },
];

/** Labels that say of which revision a pod is, and where it runs: as labels, and as tags of its inbounds. */
const PODS_LABEL =
  "(pod-template-hash|controller-revision-hash|kubernetes\\.io/hostname|topology\\.kubernetes\\.io/[a-z]+)";
const OF_POD = new RegExp(
  `^(networking\\.address|labels\\.${PODS_LABEL}|networking\\.inbound\\.\\d+\\.tags\\.${PODS_LABEL})$`,
);

function isProxyOf(workload: Resource, { type, mesh, labels }: Resource): boolean {
  return (
    type === "Dataplane" &&
    mesh === workload.mesh &&
    labels?.[LABEL.namespace] === workload.labels?.[LABEL.namespace] &&
    labels?.[WORKLOAD] === writtenName(workload)
  );
}

function addressOf({ networking }: Resource): unknown {
  return (networking as { address?: unknown } | undefined)?.address;
}

function isOfEndedPod({ mesh, spec, labels }: Resource, { beforeByKey, after }: Comparison): boolean {
  const { selector } = (spec ?? {}) as { selector?: { dataplaneRef?: { name?: string } } };
  const name = selector?.dataplaneRef?.name;
  return (after.ended ?? []).some((key) => {
    const proxy = beforeByKey.get(key);
    const isInNamespace = proxy?.labels?.[LABEL.namespace] === labels?.[LABEL.namespace];
    return proxy?.type === "Dataplane" && proxy.mesh === mesh && proxy.name === name && isInNamespace;
  });
}

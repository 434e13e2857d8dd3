import type { Resource } from "../../resource/resource";
import { PROXIES, writtenName } from "../changes";
import type { Rule } from "../rule";
import { LABEL, ofField, originOf } from "./kuma";

/** What control planes compute, and what comes and goes with workloads. */
export const COMPUTED: readonly Rule[] = [
  {
    code: "computed-identifier",
    occasions: ["joined", "handedOver", "back"],
    effect: "changed",
    reason: "kri is put together from the mesh, the labels of zone and namespace and the first name.",
    source: "pkg/core/kri/kri.go",
    explains: (difference) =>
      difference.kind === "changed" &&
      difference.path.join(".") === "kri" &&
      isItsIdentifier(difference.after, difference.is),
  },
  {
    code: "computed-of-services",
    occasions: ["joined", "handedOver", "back"],
    effect: "changed",
    reason:
      "The control plane writes into a MeshService whether it has proxies and by which identities these are known, some time after they are there.",
    source: "pkg/core/resources/apis/meshservice/status/updater.go",
    explains: (difference) =>
      ofField(difference, "MeshService", /^spec\.(state|identities)(\.|$)/) !== undefined,
  },
  {
    code: "outbounds-noted",
    occasions: ["joined", "handedOver", "back"],
    effect: "changed",
    reason:
      "For a data plane proxy with transparent proxying the control plane computes the outbounds, and notes them in the Dataplane that its API shows; they are in no store.",
    source: "pkg/xds/sync/dataplane_proxy_builder.go",
    explains: (difference) => {
      const ofOutbounds = ofField(difference, "Dataplane", /^networking\.outbound(\.|$)/);
      return (
        ofOutbounds !== undefined && isTransparent(ofOutbounds.before) && isTransparent(ofOutbounds.after)
      );
    },
  },
  {
    code: "proxy-registered",
    occasions: ["joined", "handedOver", "back"],
    effect: "new",
    reason: "A data plane proxy or zone proxy that has started since.",
    source: "pkg/xds/server/callbacks/dataplane_lifecycle.go",
    explains: ({ kind, after }) => kind === "new" && PROXIES.has(after?.type ?? "") && isOfThisZone(after),
  },
  {
    code: "generated-from-proxies",
    occasions: ["joined", "handedOver", "back"],
    effect: "new",
    reason:
      "The control plane makes MeshServices and Workloads of its data plane proxies, some time after these are there; in a cluster it makes MeshServices of Services.",
    source:
      "pkg/core/resources/apis/meshservice/generate/generator.go, pkg/core/resources/apis/workload/generate/generator.go, pkg/plugins/runtime/k8s/controllers/meshservice_controller.go",
    explains: ({ kind, after }) =>
      kind === "new" && GENERATORS.has(after?.labels?.["kuma.io/managed-by"] ?? "") && isOfThisZone(after),
  },
];

const GENERATORS = new Set(["meshservice-generator", "workload-generator", "k8s-controller"]);

/** Those of other zones come from the global. */
function isOfThisZone(resource: Resource | undefined): boolean {
  return resource !== undefined && originOf(resource) !== "global";
}

function isTransparent({ networking }: Resource): boolean {
  return (networking as { transparentProxying?: unknown } | undefined)?.transparentProxying !== undefined;
}

function isItsIdentifier(resource: Resource, kri: unknown): boolean {
  if (typeof kri !== "string") return false;
  const { mesh = "", labels = {} } = resource;
  const [zone, namespace] = [labels[LABEL.zone] ?? "", labels[LABEL.namespace] ?? ""];
  const [, , ...rest] = kri.split("_");
  return rest.join("_") === `${mesh}_${zone}_${namespace}_${writtenName(resource)}_`;
}

import { Changed, LABEL, isSecret, ofLabel, ofOneOf, originOf, ownEnvironment } from "./kuma";
import {
  comesFromGlobalOnceJoined,
  isKeptByName,
  isMadeOfIdentity,
  isNeverSent,
  startsOnNewStore,
} from "./names";
import type { Resource } from "../../resource/resource";
import type { ZoneRecord } from "../record";
import type { Comparison, Rule } from "../rule";

/** Labels that tell who owns a resource, and where it was written. */
export const LABELS: readonly Rule[] = [
  {
    code: "owned-by-global",
    occasions: ["joined"],
    effect: "relabelled",
    reason: "The global owns it now: kuma.io/origin is global.",
    source: "pkg/kds/context/context.go (UpdateResourceMeta)",
    explains: (difference) => {
      const change = ofLabel(difference, LABEL.origin);
      return (
        change?.is === "global" &&
        (change.was === undefined || (change.was === "zone" && isSecret(change.before)))
      );
    },
    foretells: (resource, record) =>
      comesFromGlobalOnceJoined(resource, record) ? `${LABEL.origin}: global` : undefined,
  },
  {
    code: "policy-owned-by-global",
    occasions: ["handedOver"],
    effect: "relabelled",
    reason: "The policy was handed over: kuma.io/origin is global, and the labels of the zone go.",
    source: "pkg/core/resources/labels/compute.go",
    explains: (difference, comparison) => {
      const change = ofOwnership(difference);
      if (!change || originOf(change.before) !== "zone" || originOf(change.after) !== "global") return false;
      return change.path[1] === LABEL.origin || isOwnValue(change, change.was, comparison);
    },
  },
  {
    code: "namespace-of-global",
    occasions: ["handedOver"],
    effect: "relabelled",
    reason:
      "A policy of the system namespace has the namespace of the global's control plane now, k8s.kuma.io/namespace, and none where that runs outside a cluster; kuma.io/policy-role comes or goes with it, and system is what a policy without that label has.",
    source: "pkg/core/resources/labels/compute.go; pkg/core/resources/model/resource.go (PolicyRole)",
    explains: (difference) => {
      const change = ofOneOf(difference, [LABEL.namespace, LABEL.policyRole]);
      if (!change || originOf(change.before) !== "zone" || originOf(change.after) !== "global") return false;
      return [change.before, change.after].every((each) => roleOf(each) === "system");
    },
  },
  {
    code: "labels-of-another-global",
    occasions: ["joined"],
    effect: "relabelled",
    reason:
      "A global that the zone was a member of before had written it in a namespace of its own, k8s.kuma.io/namespace, or outside a cluster; the labels that tell it are those of the global that is joined.",
    source: "pkg/core/resources/labels/compute.go",
    explains: (difference) => {
      const change = ofOneOf(difference, [LABEL.namespace, LABEL.policyRole, LABEL.env]);
      return (
        change !== undefined && [change.before, change.after].every((each) => originOf(each) === "global")
      );
    },
  },
  {
    code: "zone-labels-left-behind",
    occasions: ["joined"],
    effect: "relabelled",
    reason:
      "kuma.io/zone and kuma.io/env say that the zone made it. The global deletes what carries the label of a zone that connects, so they do not go there.",
    source: "pkg/kds/v2/store/sync.go (GlobalSyncCallback)",
    explains: (difference, comparison) => {
      const change = ofOwnership(difference);
      return (
        change !== undefined &&
        change.path[1] !== LABEL.origin &&
        change.is === undefined &&
        isOwnValue(change, change.was, comparison) &&
        isGivenWithOrigin(change) &&
        originOf(change.after) === "global"
      );
    },
    foretells: (resource, record) =>
      isSecret(resource) && originOf(resource) === "zone" && comesFromGlobalOnceJoined(resource, record)
        ? `loses ${LABEL.zone} and ${LABEL.env}`
        : undefined,
  },
  {
    code: "made-anew-without-labels",
    occasions: ["joined"],
    effect: "relabelled",
    reason:
      "What a control plane makes for itself at its start on a new store carries fewer labels than what the way back had written through its API.",
    source: "pkg/defaults, measured (a zone that joins for the second time)",
    explains: (difference, comparison) => {
      const change = ofOwnership(difference);
      return (
        change !== undefined &&
        change.is === undefined &&
        isMadeAtStart(change.before, comparison.before) &&
        originOf(change.after) !== "global" &&
        (change.path[1] === LABEL.origin ? change.was === "zone" : isOwnValue(change, change.was, comparison))
      );
    },
    foretells: (resource, record) =>
      isMadeAtStart(resource, record) && resource.labels?.[LABEL.zone] !== undefined
        ? "loses labels that it got on the way back"
        : undefined,
  },
  {
    code: "mesh-label",
    occasions: ["joined", "back"],
    effect: "relabelled",
    reason: "A control plane tells the mesh of everything that is written through its API: kuma.io/mesh.",
    source: "pkg/core/resources/labels/compute.go",
    explains: (difference) => {
      const change = ofLabel(difference, LABEL.mesh);
      return change !== undefined && change.was === undefined && change.is === change.after.mesh;
    },
    foretells: (resource, record) =>
      comesFromGlobalOnceJoined(resource, record) &&
      resource.mesh !== undefined &&
      resource.labels?.[LABEL.mesh] === undefined
        ? `gets ${LABEL.mesh}: ${resource.mesh}`
        : undefined,
  },
  {
    code: "labelled-when-written-back",
    occasions: ["joined", "back"],
    effect: "relabelled",
    reason:
      "What a zone's own control plane had made, such as the MeshTrust of an identity, carries no labels; written back through its API it gets kuma.io/origin, kuma.io/zone and kuma.io/env.",
    source: "pkg/core/resources/labels/compute.go; pkg/core/resources/apis/meshidentity/status/updater.go",
    explains: (difference, comparison) => {
      const { occasion, before } = comparison;
      const change = ofOwnership(difference);
      if (!change || change.was !== undefined || originOf(change.after) !== "zone") return false;
      if (occasion === "joined" && !startsOnNewStore(before, occasion)) return false;
      return change.path[1] === LABEL.origin || isOwnValue(change, change.is, comparison);
    },
    foretells: (resource, record) =>
      isMadeOfIdentity(resource) && startsOnNewStore(record, "joined")
        ? `gets ${LABEL.origin}, ${LABEL.zone} and ${LABEL.env}`
        : undefined,
  },
  {
    code: "stays-with-origin-global",
    occasions: ["back"],
    effect: "relabelled",
    reason:
      "In a cluster the Mesh keeps kuma.io/origin: global until it is removed by hand; it changes nothing for the zone.",
    source: "measured",
    explains: (difference, { before }) => {
      const change = ofLabel(difference, LABEL.origin);
      return (
        before.environment === "kubernetes" &&
        change?.is === "global" &&
        change.was === undefined &&
        isKeptByName(change.after)
      );
    },
  },
  {
    code: "origin-of-a-former-global",
    occasions: ["back"],
    effect: "relabelled",
    reason:
      "A global that the zone was a member of before had left kuma.io/origin: global on what the zone has for itself. It is written back without it.",
    source: "measured",
    explains: (difference) => {
      const change = ofLabel(difference, LABEL.origin);
      return change?.was === "global" && change.is !== "global" && isKeptByName(change.before);
    },
  },
];

/** Made by the control plane at its start, on a store that does not have it: its own secrets and hostname generators. */
function isMadeAtStart(resource: Resource, record: ZoneRecord): boolean {
  const isGenerator = resource.type === "HostnameGenerator" && resource.name.startsWith("local-");
  return (isGenerator || isNeverSent(resource)) && startsOnNewStore(record, "joined");
}

/** A difference in one of the labels that tell who made a resource. */
function ofOwnership(difference: Parameters<typeof ofLabel>[0]): Changed | undefined {
  return ofOneOf(difference, [LABEL.origin, LABEL.zone, LABEL.env]);
}

function roleOf({ labels }: Resource): string {
  return labels?.[LABEL.policyRole] ?? "system";
}

/** Whether the value is the one that the zone itself writes there, and no user's. */
function isOwnValue({ path }: Changed, value: unknown, { before }: Comparison): boolean {
  return value === (path[1] === LABEL.zone ? before.zone : ownEnvironment(before));
}

/**
 * Whether the zone wrote the label itself, together with `kuma.io/origin`. Without that it is a user's. It is one all the
 * same to a global if it is `kuma.io/zone`.
 */
function isGivenWithOrigin({ path, before }: Changed): boolean {
  return path[1] === LABEL.zone || originOf(before) === "zone";
}

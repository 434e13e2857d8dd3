import { isPrivate } from "../../../kuma/api/http/tls";
import { type OfProduction, OF_PRODUCTION, type ResourceRule, isInStack } from "../rule";
import type { Seen } from "../seen";
import {
  at,
  chartReleaseIn,
  federated,
  isFields,
  isOff,
  isOn,
  listAt,
  serviceIn,
  variablesOf,
} from "../seen";

const KDS_PORT = 5685;

/** The Service that zones dial, where a resource makes one that is reached from outside of the cluster. */
interface KdsService {
  ranges: unknown[];
  annotations: unknown;
  loadBalancerClass?: unknown;
}

/** A load balancer for KDS: the program makes the Service itself; the chart makes one where nobody tells it not to. */
function kdsLoadBalancerIn(resource: Seen): KdsService | undefined {
  const service = serviceIn(resource);
  if (service) {
    const { spec } = service;
    const isKds = listAt(spec, "ports").some(
      (each) => at(each, "name") === "global-zone-sync" || at(each, "port") === KDS_PORT,
    );
    if (!isKds || at(spec, "type") !== "LoadBalancer") return undefined;
    return {
      ranges: listAt(spec, "loadBalancerSourceRanges"),
      annotations: at(service, "metadata.annotations"),
      loadBalancerClass: at(spec, "loadBalancerClass"),
    };
  }
  const release = chartReleaseIn(resource);
  const made = at(release?.values, "controlPlane.globalZoneSyncService");
  if (!release?.isGlobal || at(made, "enabled") === false) return undefined;
  // the chart's own default
  if ((at(made, "type") ?? "LoadBalancer") !== "LoadBalancer") return undefined;
  return { ranges: listAt(made, "loadBalancerSourceRanges"), annotations: at(made, "annotations") };
}

export const kdsOpenToEveryone: ResourceRule = {
  name: "kds-open-to-everyone",
  holds: "The KDS port of a global is reached by its zones only.",
  why:
    "Kuma 2 asks zones for no credential and sends whoever reaches the port the secrets of every mesh " +
    "([docs/security.md](security.md#the-kds-port-of-a-global), kumahq/kuma#18767).",
  remedy:
    "Name the addresses of your zones: `kds.sourceRanges`, or `loadBalancerSourceRanges` of the Service.",
  *violations(resource) {
    const service = kdsLoadBalancerIn(resource);
    if (!service) return;
    if (service.ranges.length === 0)
      yield "The load balancer for KDS names no source ranges, so that everyone may connect.";
    else if (service.ranges.some((range) => /\/0$/.test(String(range))))
      yield "The source ranges of the load balancer for KDS hold one that stands for every address.";
  },
};

const INTERNAL: Readonly<Record<string, readonly string[]>> = {
  "service.beta.kubernetes.io/aws-load-balancer-scheme": ["internal"],
  "service.beta.kubernetes.io/aws-load-balancer-internal": ["true", "0.0.0.0/0"],
  "service.beta.kubernetes.io/azure-load-balancer-internal": ["true"],
  "networking.gke.io/load-balancer-type": ["Internal"],
  "cloud.google.com/load-balancer-type": ["Internal"],
};

export const kdsLoadBalancerInternal: ResourceRule<OfProduction> = {
  name: "kds-load-balancer-internal",
  holds: "In production the load balancer for KDS is an internal one.",
  why:
    "Without a class or an annotation of the cloud's a load balancer gets a public address (the documentation of " +
    "AWS, Azure and Google on load balancers of Kubernetes).",
  remedy: "Give `kds.loadBalancerClass`, or the annotation with which your cloud makes an internal one.",
  config: OF_PRODUCTION,
  *violations(resource, config) {
    if (!isInStack(resource, config)) return;
    const service = kdsLoadBalancerIn(resource);
    if (!service || service.loadBalancerClass) return;
    const { annotations } = service;
    const given = isFields(annotations) ? annotations : {};
    const isInternal = Object.entries(INTERNAL).some(([name, values]) =>
      values.includes(String(given[name])),
    );
    if (!isInternal)
      yield "The load balancer for KDS has neither a class nor an annotation that makes it internal.";
  },
};

const SKIP_VERIFY = "KUMA_MULTIZONE_ZONE_KDS_TLS_SKIP_VERIFY";

export const kdsCertificateVerified: ResourceRule = {
  name: "kds-certificate-verified",
  holds: "A zone verifies the certificate of its global's KDS server.",
  why:
    "Whoever is on the way can pose as the global otherwise: a global that lacks a mesh has the zone delete it " +
    "(Kuma's documentation on multi-zone deployments).",
  remedy: "Give the authority: `controlPlane.tls.kdsZoneClient.secretName`, without `skipVerify`.",
  *violations(resource) {
    const release = chartReleaseIn(resource);
    if (!release) return;
    // first, as whom a zone trusts may be known only once the global is there
    if (isOn(variablesOf(release).get(SKIP_VERIFY)))
      yield `The variable ${SKIP_VERIFY} takes any certificate for the global's.`;
    if (isOn(at(release.values, "controlPlane.tls.kdsZoneClient.skipVerify")))
      yield "The value controlPlane.tls.kdsZoneClient.skipVerify takes any certificate for the global's.";
  },
};

const TLS_ENABLED = "KUMA_MULTIZONE_GLOBAL_KDS_TLS_ENABLED";

export const kdsEncrypted: ResourceRule = {
  name: "kds-encrypted",
  holds: "KDS is encrypted.",
  why: "All secrets of all meshes go over it (kumahq/kuma#18803 refuses a token over `grpc://` for that).",
  remedy: "Let zones dial an address that begins with `grpcs://`, and leave TLS on.",
  *violations(resource) {
    const isClear = (address: unknown) => typeof address === "string" && address.startsWith("grpc://");
    if (isClear(federated(resource)?.kdsAddress)) yield "The address that the zone dials is one without TLS.";
    const release = chartReleaseIn(resource);
    if (!release) return;
    if (isOff(variablesOf(release).get(TLS_ENABLED))) yield `The variable ${TLS_ENABLED} turns TLS off.`;
    if (isClear(at(release.values, "controlPlane.kdsGlobalAddress")))
      yield "The value controlPlane.kdsGlobalAddress is an address without TLS.";
  },
};

export const apiEncrypted: ResourceRule = {
  name: "api-encrypted",
  holds: "The API of a control plane on another machine is asked over TLS.",
  why: "The token of its admin and all secrets go over it ([docs/security.md](security.md)).",
  remedy: "Give an `https://` address, or reach it through its cluster or over SSH.",
  *violations(resource) {
    const props = federated(resource);
    for (const side of ["zone", "global"] as const) {
      const url = at(props?.[side], "url");
      if (typeof url !== "string" || !/^http:/.test(url) || !URL.canParse(url)) continue;
      if (!isPrivate(new URL(url)))
        yield `The address of the ${side}'s API is one of another machine, without TLS.`;
    }
  },
};

export const apiNotPublished: ResourceRule = {
  name: "api-not-published",
  holds: "The API of a control plane in a cluster is not published outside of it.",
  why:
    "It reads and writes everything, secrets included, and shows all but secrets to everybody (Kuma's documentation on " +
    "access to the control plane).",
  remedy:
    "Leave `controlPlane.service.type` ClusterIP and `controlPlane.ingress.enabled` off; use a port-forward.",
  *violations(resource) {
    const values = chartReleaseIn(resource)?.values;
    const type = at(values, "controlPlane.service.type") ?? "ClusterIP";
    if (type !== "ClusterIP")
      yield "The Service of the control plane's API is reached from outside of the cluster.";
    if (isOn(at(values, "controlPlane.ingress.enabled")))
      yield "An Ingress publishes the control plane's API.";
  },
};

const LOCALHOST_IS_ADMIN = "KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN";

export const localhostNotAdmin: ResourceRule<OfProduction> = {
  name: "localhost-not-admin",
  holds: "In production a control plane does not take whoever asks from its own Pod for its admin.",
  why:
    "It is so by default, and then whoever may open a port-forward to the control plane reads every secret (Kuma's " +
    "documentation on access to the control plane; preflight's check `localhost-admin`).",
  remedy: `Give this program a token (npm run secret), then set the variable ${LOCALHOST_IS_ADMIN} to false.`,
  config: OF_PRODUCTION,
  *violations(resource, config) {
    const release = isInStack(resource, config) ? chartReleaseIn(resource) : undefined;
    if (release && !isOff(variablesOf(release).get(LOCALHOST_IS_ADMIN)))
      yield `The variable ${LOCALHOST_IS_ADMIN} is not set to false.`;
  },
};

import {
  type Cases,
  UNKNOWN,
  VALUE,
  federation,
  globalRelease,
  kdsService,
  release,
  service,
  zoneRelease,
} from "./support";

const PROD = { stack: "prod" };
const INTERNAL = { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal" };
const variable = (name: string, value: unknown) => ({ envVars: { [name]: value } });

export const NETWORK: Cases = {
  "kds-open-to-everyone": {
    breaks: [
      [kdsService({})],
      [kdsService({ loadBalancerSourceRanges: ["10.0.0.0/8", "0.0.0.0/0"] })],
      [kdsService({ loadBalancerSourceRanges: ["::/0"] })],
      [service({ spec: { type: "LoadBalancer", ports: [{ port: 5685 }] } })],
      [release({ controlPlane: { mode: "global" } })],
      [release({ kuma: { controlPlane: { mode: "global" } } }, { chart: "kong-mesh" })],
      [globalRelease({ globalZoneSyncService: { enabled: true, loadBalancerSourceRanges: [] } })],
    ],
    keeps: [
      [kdsService({ loadBalancerSourceRanges: ["10.0.0.0/8"] })],
      [kdsService({ type: "NodePort" })],
      [service({ spec: { type: "LoadBalancer", ports: [{ port: 443 }] } })],
      [globalRelease({})],
      [globalRelease({ globalZoneSyncService: { loadBalancerSourceRanges: ["10.0.0.0/8"] } })],
      [globalRelease({ globalZoneSyncService: { type: "ClusterIP" } })],
      [zoneRelease({})],
      [release({}, { chart: "redis" })],
    ],
    unknown: [
      [kdsService({ loadBalancerSourceRanges: UNKNOWN })],
      [kdsService({ type: UNKNOWN })],
      [release(UNKNOWN)],
    ],
  },
  "kds-load-balancer-internal": {
    breaks: [
      [kdsService({}, {}, PROD)],
      [kdsService({}, undefined, { stack: "eu-prod" })],
      [globalRelease({ globalZoneSyncService: {} }, {}, PROD)],
    ],
    keeps: [
      [kdsService({}, {})],
      [kdsService({}, INTERNAL, PROD)],
      [kdsService({ loadBalancerClass: "internal" }, {}, PROD)],
    ],
    unknown: [[kdsService({}, { [Object.keys(INTERNAL)[0]]: UNKNOWN }, PROD)]],
    settings: [
      { config: { stacks: ["de*"] }, breaks: [kdsService({}, {})] },
      { config: { stacks: [] }, keeps: [kdsService({}, {}, PROD)] },
    ],
  },
  "kds-certificate-verified": {
    breaks: [
      [zoneRelease({ tls: { kdsZoneClient: { skipVerify: true } } })],
      [zoneRelease(variable("KUMA_MULTIZONE_ZONE_KDS_TLS_SKIP_VERIFY", "true"))],
      [zoneRelease({ envVarEntries: [{ name: "KUMA_MULTIZONE_ZONE_KDS_TLS_SKIP_VERIFY", value: "true" }] })],
    ],
    keeps: [[zoneRelease({})], [zoneRelease({ tls: { kdsZoneClient: { skipVerify: false } } })]],
    unknown: [[zoneRelease({ tls: { kdsZoneClient: { skipVerify: UNKNOWN } } })]],
  },
  "kds-encrypted": {
    breaks: [
      [federation("UniversalZoneFederation", { kdsAddress: `grpc://${VALUE}:5685` })],
      [zoneRelease({ kdsGlobalAddress: `grpc://${VALUE}:5685` })],
      [globalRelease(variable("KUMA_MULTIZONE_GLOBAL_KDS_TLS_ENABLED", "false"))],
    ],
    keeps: [
      [federation("UniversalZoneFederation", { kdsAddress: "grpcs://global:5685" })],
      [zoneRelease({})],
      [globalRelease({})],
    ],
    unknown: [
      [federation("UniversalZoneFederation", { kdsAddress: UNKNOWN })],
      [zoneRelease({ kdsGlobalAddress: UNKNOWN })],
    ],
  },
  "api-encrypted": {
    breaks: [
      [
        federation("FederatedResources", {
          zone: { url: `http://${VALUE}:5681` },
          global: { url: "https://g" },
        }),
      ],
      [federation("ExistingGlobal", { global: { url: `http://${VALUE}:5681` } })],
    ],
    keeps: [
      [
        federation("FederatedResources", {
          zone: { url: "http://127.0.0.1:5681" },
          global: { url: "https://g" },
        }),
      ],
      [federation("ExistingGlobal", { global: { url: "kubernetes://c/kuma-system/kuma-control-plane" } })],
      [federation("KdsCertificate", { name: "global" })],
    ],
    unknown: [
      [federation("ExistingGlobal", { global: { url: UNKNOWN } })],
      [federation("ExistingGlobal", { global: UNKNOWN })],
    ],
  },
  "api-not-published": {
    breaks: [
      [globalRelease({ service: { type: "LoadBalancer" } })],
      [zoneRelease({ service: { type: "NodePort" } })],
      [globalRelease({ ingress: { enabled: true, hostname: VALUE } })],
    ],
    keeps: [
      [globalRelease({})],
      [globalRelease({ service: { type: "ClusterIP" }, ingress: { enabled: false } })],
    ],
    unknown: [[globalRelease({ service: { type: UNKNOWN } })]],
  },
  "localhost-not-admin": {
    breaks: [
      [globalRelease({}, {}, PROD)],
      [zoneRelease(variable("KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN", "true"), {}, {}, PROD)],
    ],
    keeps: [
      [globalRelease({})],
      [zoneRelease(variable("KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN", "false"), {}, {}, PROD)],
    ],
    unknown: [[globalRelease(variable("KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN", UNKNOWN), {}, PROD)]],
  },
};

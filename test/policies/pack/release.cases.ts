import {
  type Cases,
  UNKNOWN,
  VALUE,
  deployment,
  federation,
  globalRelease,
  release,
  zoneRelease,
} from "./support";

const PROD = { stack: "prod" };
const version = (given: unknown) => ({ version: given });

export const RELEASE: Cases = {
  "chart-version-pinned": {
    breaks: [
      [zoneRelease({}, {}, version(undefined))],
      [globalRelease({}, version("^2.14.0"))],
      [globalRelease({}, version("2.x"))],
      [globalRelease({}, { ...version(undefined), chart: "oci://registry.example/charts/kuma" })],
    ],
    keeps: [
      [globalRelease({}, version("2.14.3"))],
      [globalRelease({}, version("2.14.3-preview.1"))],
      [globalRelease({}, { ...version(undefined), chart: "./charts/kuma" })],
      [release({}, { chart: "redis", version: undefined })],
    ],
    unknown: [[globalRelease({}, version(UNKNOWN))]],
  },
  "versions-together": {
    breaks: [
      [globalRelease({}, version("2.13.1")), zoneRelease({}, {}, version("2.14.3"))],
      [globalRelease({}, version("2.14.3")), zoneRelease({}, {}, version("2.11.9"))],
      [globalRelease({}, version("3.0.0")), zoneRelease({}, {}, version("2.14.3"))],
    ],
    keeps: [
      [globalRelease({}, version("2.14.3")), zoneRelease({}, {}, version("2.12.0"))],
      [globalRelease({}, version("2.14.3")), zoneRelease({}, {}, version("2.14.9"))],
      [zoneRelease({}, {}, version("2.2.0"))],
      [globalRelease({}, version("2.14.3")), zoneRelease({ kdsGlobalAddress: "" }, {}, version("2.2.0"))],
    ],
    unknown: [[globalRelease({}, version("2.14.3")), zoneRelease({}, {}, version(UNKNOWN))]],
    settings: [
      {
        config: { most: 0 },
        breaks: [globalRelease({}, version("2.14.3")), zoneRelease({}, {}, version("2.13.0"))],
      },
    ],
  },
  "global-replicas": {
    breaks: [[globalRelease({}, {}, PROD)], [globalRelease({ replicas: 1 }, {}, PROD)]],
    keeps: [
      [globalRelease({ replicas: 1 })],
      [globalRelease({ replicas: 2 }, {}, PROD)],
      [globalRelease({ autoscaling: { enabled: true } }, {}, PROD)],
      [zoneRelease({}, {}, {}, PROD)],
    ],
    unknown: [[globalRelease({ replicas: UNKNOWN }, {}, PROD)]],
  },
  "store-kept": {
    breaks: [
      [federation("UniversalGlobal", { store: "auto" }, PROD)],
      [federation("StandaloneZone", { store: "memory" }, PROD)],
      [federation("HostZone", { storeType: "memory" }, PROD)],
      [globalRelease({ envVars: { KUMA_STORE_TYPE: "memory" } }, {}, PROD)],
    ],
    keeps: [
      [federation("UniversalGlobal", { store: "memory" })],
      [federation("UniversalGlobal", { store: "postgres" }, PROD)],
      [federation("HostZone", { storeType: "postgres" }, PROD)],
      [globalRelease({}, {}, PROD)],
    ],
    unknown: [[federation("HostZone", { storeType: UNKNOWN }, PROD)]],
  },
  "zone-ingress": {
    breaks: [[zoneRelease({}, { ingress: { enabled: false } })], [zoneRelease({}, { ingress: undefined })]],
    keeps: [
      [zoneRelease({})],
      [zoneRelease({}, { ingress: undefined, meshes: [{ name: "default" }] })],
      [zoneRelease({ kdsGlobalAddress: "" }, { ingress: undefined })],
      [globalRelease({})],
    ],
    unknown: [[zoneRelease({}, { ingress: { enabled: UNKNOWN } })]],
  },
  "injector-fails-closed": {
    breaks: [[zoneRelease({ injectorFailurePolicy: "Ignore" })]],
    keeps: [[zoneRelease({})], [zoneRelease({ injectorFailurePolicy: "Fail" })]],
    unknown: [[zoneRelease({ injectorFailurePolicy: UNKNOWN })]],
  },
  "settings-seen": {
    breaks: [
      [deployment("kuma:kuma-system/kuma-control-plane", "docker.io/kumahq/kuma-cp:2.14.3")],
      [deployment("kong-mesh-control-plane", "mirror.example:5000/kuma-cp")],
    ],
    keeps: [
      [globalRelease({})],
      [deployment("kuma-control-plane-metrics", "docker.io/kumahq/kuma-cp:2.14.3")],
      [deployment("shop-control-plane", "shop/kuma-cp-exporter:1")],
      // of others, whatever is not known of it
      [deployment("shop", UNKNOWN)],
    ],
    unknown: [[deployment("kuma-control-plane", UNKNOWN)]],
  },
  "no-credentials-in-values": {
    breaks: [
      [globalRelease({ envVars: { KUMA_STORE_POSTGRES_PASSWORD: VALUE } })],
      [
        zoneRelease({
          envVarEntries: [{ name: "KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_INLINE", value: VALUE }],
        }),
      ],
      [globalRelease({ tls: { kdsGlobalServer: { create: true, cert: "c", key: VALUE } } })],
    ],
    keeps: [
      [globalRelease({ envVars: { KUMA_STORE_POSTGRES_PASSWORD: "", KUMA_STORE_POSTGRES_HOST: "db" } })],
      [
        zoneRelease({
          envVarEntries: [
            { name: "KUMA_STORE_POSTGRES_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "p" } } },
          ],
        }),
      ],
      [globalRelease({ tls: { kdsGlobalServer: { secretName: "tls" } } })],
    ],
    unknown: [[globalRelease({ envVars: { KUMA_STORE_POSTGRES_PASSWORD: UNKNOWN } })]],
  },
};

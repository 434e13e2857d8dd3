import { createHash } from "node:crypto";

/** The Helm values that the global of kubernetesStack.ts is to get. */
export function globalValues({ replicas = 1 } = {}) {
  const digest = createHash("sha256").update("the cert").digest("hex").slice(0, 16);
  return {
    controlPlane: {
      mode: "global",
      replicas,
      defaults: { skipMeshCreation: true },
      globalZoneSyncService: { enabled: false },
      tls: { kdsGlobalServer: { secretName: "kuma-kds-global-server-tls" } },
      podAnnotations: { "kuma-federation/kds-certificate": digest },
    },
  };
}

/** Of the adopted zone. */
export function zoneValues() {
  return {
    controlPlane: {
      zone: "default",
      logLevel: "debug",
      mode: "zone",
      kdsGlobalAddress: "grpcs://from-the-bridge:5685",
      tls: { kdsZoneClient: { create: true, cert: "ca from the bridge", skipVerify: false } },
    },
    custom: { license: "canary-license" },
    ingress: { enabled: true },
  };
}

/** Of a zone that is installed. */
export function newZoneValues() {
  return {
    custom: 1,
    controlPlane: {
      mode: "zone",
      zone: "default",
      kdsGlobalAddress: "grpcs://10.0.0.7:5685",
      tls: { kdsZoneClient: { create: true, cert: "the ca", skipVerify: false } },
    },
    ingress: { enabled: true },
  };
}

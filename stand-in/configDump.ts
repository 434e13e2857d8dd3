import { join } from "node:path";

import type { Config } from "./config";

/**
 * The configuration as `GET /config` and a zone's subscription show it: the keys that clients read, under the
 * names of Kuma v2.14.3. The real dump has some three hundred keys more.
 */
export function configDump(config: Config): Record<string, unknown> {
  const tlsCertFile = config.kdsServer.certFile || join(config.workDir, "kuma-cp.crt");
  const tlsKeyFile = config.kdsServer.keyFile || join(config.workDir, "kuma-cp.key");
  return {
    general: { tlsCertFile, tlsKeyFile, workDir: config.workDir },
    environment: config.environment,
    mode: config.mode,
    store: { type: config.storeType, unsafeDelete: config.unsafeDelete },
    apiServer: {
      readOnly: config.api.readOnly,
      http: { enabled: true, interface: config.api.interface, port: config.api.port },
      authn: { type: "tokens", localhostIsAdmin: config.api.localhostIsAdmin },
      basePath: "/",
    },
    defaults: {
      skipMeshCreation: config.defaults.skipMeshCreation,
      // The upper-case letter is the real control plane's.
      SkipHostnameGenerators: config.defaults.skipHostnameGenerators,
    },
    multizone: {
      global: {
        kds: {
          grpcPort: config.kdsServer.port,
          zoneInsightFlushInterval: `${config.standIn.insightDelayMs}ms`,
          tlsEnabled: config.kdsServer.tlsEnabled,
          tlsCertFile,
          tlsKeyFile,
          maxMsgSize: config.kdsServer.maxMsgSize,
        },
      },
      zone: {
        name: config.zone.name,
        ...(config.zone.globalAddress === "" ? {} : { globalAddress: config.zone.globalAddress }),
        kds: {
          tlsSkipVerify: config.zone.tlsSkipVerify,
          rootCaFile: config.zone.rootCaFile,
          maxMsgSize: config.zone.maxMsgSize,
        },
      },
    },
    diagnostics: { serverPort: config.diagnosticsPort },
    dpServer: { port: config.dpServer.port },
    ...(config.zone.konnect.controlPlaneId === ""
      ? {}
      : { kmesh: { multizone: { zone: { konnect: { cpId: config.zone.konnect.controlPlaneId } } } } }),
  };
}

import * as path from "node:path";
import type { GlobalConfig, ZoneConfig } from "./settings/controlPlanes";
import type { KonnectGlobalConfig } from "./settings/konnect";
import { EVERYONE, KDS_NODE_PORT, isPath, withNames } from "../platforms/kubernetes/chart";
import { konnectAddresses } from "../kuma/konnect";
import { standInKonnect } from "../platforms/konnect/standIn";
import { KUMA_RELEASE } from "../toolchain/kumaCp/kumaRelease";
import type { GlobalSettings, ZoneSettings } from "./schema/stack";

type Of<Settings extends { platform: string }, Platform> = Extract<Settings, { platform: Platform }>;

/** What a component takes for the settings of a global, whose files lie in the directory of the stack. */
export function globalOf(settings: GlobalSettings, directory: string): GlobalConfig {
  switch (settings.platform) {
    case "universal":
      return { ...settings, directory: path.join(directory, "global") };
    case "kubernetes": {
      const config = withNames(settings);
      const { type, nodePort, sourceRanges = EVERYONE } = settings.kds;
      return {
        ...config,
        chartVersion: settings.chartVersion ?? (isPath(config.chart) ? undefined : KUMA_RELEASE),
        kds: {
          ...settings.kds,
          nodePort: nodePort ?? (type === "NodePort" ? KDS_NODE_PORT : undefined),
          sourceRanges,
        },
      };
    }
    case "host":
    case "existing":
      return settings as GlobalConfig;
    case "konnect":
      return konnectOf(settings, path.join(directory, "konnect"));
  }
}

/** What a component takes for the settings of a zone. */
export function zoneOf(settings: ZoneSettings, stackDirectory: string): ZoneConfig {
  const directory = path.join(stackDirectory, "zones", settings.name);
  if (settings.platform !== "kubernetes") return { ...settings, directory };
  const { demo } = settings;
  return { ...withNames(settings), directory, demo: demo === true ? {} : demo || undefined };
}

function konnectOf(
  { apiUrl, identityUrl, kdsAddress, ...settings }: Of<GlobalSettings, "konnect">,
  directory: string,
): KonnectGlobalConfig {
  const standIn = settings.standIn && { ...settings.standIn, directory };
  const stated = standIn && standInKonnect(standIn);
  return {
    ...settings,
    addresses: konnectAddresses(settings.region, {
      apiUrl: apiUrl ?? stated?.apiUrl,
      identityUrl: identityUrl ?? stated?.identityUrl,
      kdsAddress: kdsAddress ?? stated?.kdsAddress,
    }),
    systemCaFile: settings.systemCaFile ?? stated?.systemCaFile,
    standIn,
  };
}

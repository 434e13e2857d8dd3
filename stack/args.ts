import * as fs from "node:fs";
import type * as pulumi from "@pulumi/pulumi";
import type {
  ExistingZoneArgs,
  GlobalControlPlaneArgs,
  KubernetesGlobalArgs,
  NewKubernetesZoneArgs,
} from "../components";
import { KumaError } from "../kuma";
import { EVERYONE } from "../platforms/kubernetes/chart";
import type { StackCluster } from "./clusters";
import type {
  GlobalConfig,
  HostZoneConfig,
  SshConfig,
  UniversalZoneConfig,
  ZoneConfig,
} from "./settings/controlPlanes";
import type { KonnectGlobalConfig } from "./settings/konnect";
import type { KubernetesConfig, KubernetesGlobalConfig, KubernetesZoneConfig } from "./settings/kubernetes";

/** What a component takes for the settings of a global. */
export function globalArgs(
  config: GlobalConfig,
  cluster: StackCluster | undefined,
  apiToken: pulumi.Output<string> | undefined,
): GlobalControlPlaneArgs {
  const token = apiToken && { apiToken };
  switch (config.platform) {
    case "kubernetes":
      return { ...token, kubernetes: kubernetesGlobalArgs(config, cluster) };
    case "universal": {
      const { directory, portBase, kumaCp, store, kdsHost } = config;
      return { universal: { directory, portBase, kumaCp, store, kdsHost } };
    }
    case "konnect":
      return { ...token, konnect: konnectArgs(config) };
    case "existing": {
      const { apiUrl, apiCaFile, kdsAddress, kdsCaFile } = config;
      const apiCa = apiCaFile && readCa("apiCaFile", apiCaFile);
      const kdsCa = kdsCaFile && readCa("kdsCaFile", kdsCaFile);
      return { ...token, existing: { apiUrl, kdsAddress, ...(apiCa && { apiCa }), ...(kdsCa && { kdsCa }) } };
    }
  }
}

/** What a component takes for the settings of a zone that is in use. */
export function existingZoneArgs(
  zone: ZoneConfig,
  cluster: StackCluster | undefined,
  sshPrivateKey: pulumi.Output<string> | undefined,
): ExistingZoneArgs {
  const { name, directory, federated, profile } = zone;
  const common = { zoneName: name, directory, federated, ...(profile && { profile }) };
  switch (zone.platform) {
    case "universal":
      return { ...common, universal: universalZoneArgs(zone) };
    case "host":
      return { ...common, universal: hostZoneArgs(zone, sshPrivateKey) };
    case "kubernetes":
      return { ...common, kubernetes: inClusterArgs(zone, cluster) };
  }
}

/** What a component takes for the settings of a zone that the stack installs. */
export function newZoneArgs(
  zone: KubernetesZoneConfig,
  cluster: StackCluster | undefined,
): NewKubernetesZoneArgs {
  return {
    ...inClusterArgs(zone, cluster),
    ...valuesOf(zone),
    installer: zone.install === "kumactl" ? "kumactl" : "helm",
  };
}

function universalZoneArgs({ portBase, kumaCp, store, postgres, content, product }: UniversalZoneConfig) {
  return {
    portBase,
    kumaCp,
    store,
    ...(postgres && { postgres }),
    ...(content && { content }),
    ...(product && { product }),
  };
}

function hostZoneArgs(
  { ssh, unit, federatedDatabase }: HostZoneConfig,
  sshPrivateKey: pulumi.Output<string> | undefined,
) {
  const { bastion, ...login } = ssh;
  // an agent that is named has the key
  const withKey = (each: SshConfig) => ({
    ...each,
    ...(!each.agent && sshPrivateKey && { privateKey: sshPrivateKey }),
  });
  return {
    ssh: { ...withKey(login), ...(bastion && { bastion: withKey(bastion) }) },
    unit,
    ...(federatedDatabase && { federatedDatabase }),
  };
}

function kubernetesGlobalArgs(
  config: KubernetesGlobalConfig,
  cluster: StackCluster | undefined,
): KubernetesGlobalArgs {
  const { installer, replicas, kds } = config;
  const { sourceRanges, ...service } = kds;
  const ranges = sourceRanges === EVERYONE ? [EVERYONE] : [...sourceRanges];
  return {
    ...inClusterArgs(config, cluster),
    ...valuesOf(config),
    ...{ installer, replicas, kds: { ...service, sourceRanges: ranges } },
  };
}

function inClusterArgs(config: KubernetesConfig, cluster: StackCluster | undefined) {
  const { product, namespace, release, chart, chartRepository, chartVersion } = config;
  const { context, kubeconfig, clusterIdentifier } = cluster ?? { context: config.context };
  return {
    ...{ product, namespace, release, chart, context },
    ...(chartRepository && { chartRepository }),
    ...(chartVersion && { chartVersion }),
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(clusterIdentifier && { clusterIdentifier }),
  };
}

function valuesOf({ values }: KubernetesConfig) {
  return Object.keys(values).length > 0 ? { values } : {};
}

function konnectArgs({ region, controlPlane, controlPlaneId, create, ...config }: KonnectGlobalConfig) {
  const { zoneProvisioning, tokenDays, addresses, systemCaFile } = config;
  return {
    ...{ region, create, zoneProvisioning, tokenDays, ...addresses },
    ...(controlPlane && { controlPlane }),
    ...(controlPlaneId && { controlPlaneId }),
    ...(systemCaFile && { systemCaFile }),
  };
}

function readCa(setting: string, file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    throw new KumaError(
      "invalid",
      `The file of the setting global.${setting} cannot be read: ${(error as Error).message}.`,
    );
  }
}

import * as fs from "node:fs";
import type * as pulumi from "@pulumi/pulumi";
import type {
  ExistingZoneArgs,
  GlobalControlPlaneArgs,
  HostInstallArgs,
  KubernetesGlobalArgs,
  NewKubernetesZoneArgs,
  ZoneControlPlaneArgs,
} from "../components";
import { KumaError } from "../kuma";
import { passwordEnvironment } from "../platforms/universal/postgresStore";
import { EVERYONE } from "../platforms/kubernetes/chart";
import type { StackCluster } from "./clusters";
import type {
  GlobalConfig,
  HostAccessConfig,
  HostConfig,
  HostZoneConfig,
  InstallConfig,
  SshConfig,
  UniversalZoneConfig,
  ZoneConfig,
  ZoneProxyConfig,
} from "./settings/controlPlanes";
import type { KonnectGlobalConfig } from "./settings/konnect";
import type { KubernetesConfig, KubernetesGlobalConfig, KubernetesZoneConfig } from "./settings/kubernetes";

/** What a component takes for the settings of a global. */
export function globalArgs(
  config: GlobalConfig,
  cluster: StackCluster | undefined,
  apiToken: pulumi.Output<string> | undefined,
  sshPrivateKey: pulumi.Output<string> | undefined,
): GlobalControlPlaneArgs {
  const token = apiToken && { apiToken };
  switch (config.platform) {
    case "kubernetes":
      return { ...token, kubernetes: kubernetesGlobalArgs(config, cluster) };
    case "universal": {
      const { directory, portBase, kumaCp, store, kdsHost } = config;
      return { universal: { directory, portBase, kumaCp, store, kdsHost } };
    }
    case "host": {
      const { kdsHost, install } = config;
      const installed = { ...unitArgs(config, sshPrivateKey), install: installArgs(install, "global") };
      return { universal: { ...installed, ...(kdsHost && { kdsHost }) } };
    }
    case "konnect":
      return { ...token, konnect: konnectArgs(config) };
    case "existing": {
      const { apiUrl, apiCaFile, kdsAddress, kdsCaFile } = config;
      const apiCa = apiCaFile && readCa("global.apiCaFile", apiCaFile);
      const kdsCa = kdsCaFile && readCa("global.kdsCaFile", kdsCaFile);
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
  zone: KubernetesZoneConfig | HostZoneConfig,
  cluster: StackCluster | undefined,
  sshPrivateKey: pulumi.Output<string> | undefined,
): Pick<ZoneControlPlaneArgs, "kubernetes" | "universal"> {
  if (zone.platform === "kubernetes") return { kubernetes: newInCluster(zone, cluster) };
  const { cpHost } = zone;
  const install = zone.install && installArgs(zone.install, `zone ${zone.name}`);
  const universal = {
    ...unitArgs(zone, sshPrivateKey),
    ...(install && { install }),
    ...(cpHost && { cpHost }),
  };
  return { universal };
}

function newInCluster(zone: KubernetesZoneConfig, cluster: StackCluster | undefined): NewKubernetesZoneArgs {
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

function hostZoneArgs(zone: HostZoneConfig, sshPrivateKey: pulumi.Output<string> | undefined) {
  const { federatedDatabase, createDatabase } = zone;
  return {
    ...unitArgs(zone, sshPrivateKey),
    ...(federatedDatabase && { federatedDatabase }),
    ...(createDatabase && { createDatabase }),
  };
}

/** What a component takes for the proxies of a zone on a host: its ingress, its egress, and those of services on other hosts. */
export function zoneProxyArgs(
  {
    ingress,
    egress,
    cpHost,
    proxyHosts,
  }: Pick<HostZoneConfig, "ingress" | "egress" | "cpHost" | "proxyHosts">,
  sshPrivateKey: pulumi.Output<string> | undefined,
): Pick<ZoneControlPlaneArgs, "zoneIngress" | "zoneEgress" | "proxyHosts"> {
  const argsOf = ({ archive, sha256, ssh, ...config }: ZoneProxyConfig) => ({
    ...config,
    ...archiveArgs({ archive, sha256 }),
    ...(ssh && { ssh: sshArgs(ssh, sshPrivateKey) }),
    ...(cpHost && { cpHost }),
  });
  return {
    ...(ingress && { zoneIngress: argsOf(ingress) }),
    ...(egress && { zoneEgress: argsOf(egress) }),
    ...(proxyHosts && { proxyHosts: proxyHosts.map((each) => sshArgs(each, sshPrivateKey)) }),
  };
}

/** The same of a zone in a cluster. */
export function zoneProxyInClusterArgs({
  ingress,
  egress,
}: Pick<KubernetesZoneConfig, "ingress" | "egress">): Pick<
  ZoneControlPlaneArgs,
  "ingress" | "egress" | "zoneIngress" | "zoneEgress"
> {
  return {
    ...(ingress !== undefined && { ingress: ingress !== false }),
    ...(egress !== undefined && { egress: egress !== false }),
    ...(typeof ingress === "object" && { zoneIngress: ingress }),
    ...(typeof egress === "object" && { zoneEgress: egress }),
  };
}

function unitArgs({ ssh, unit }: HostConfig, sshPrivateKey: pulumi.Output<string> | undefined) {
  const [first, ...instances] = [ssh].flat().map((each) => sshArgs(each, sshPrivateKey));
  return { ssh: first, ...(instances.length > 0 && { instances }), unit };
}

function sshArgs(ssh: HostAccessConfig, sshPrivateKey: pulumi.Output<string> | undefined) {
  const { bastion, ...login } = ssh;
  // an agent that is named has the key
  const withKey = (each: SshConfig) => ({
    ...each,
    ...(!each.agent && sshPrivateKey && { privateKey: sshPrivateKey }),
  });
  return { ...withKey(login), ...(bastion && { bastion: withKey(bastion) }) };
}

function archiveArgs({ archive, sha256 }: Pick<InstallConfig, "archive" | "sha256">) {
  return archive !== undefined && sha256 !== undefined ? { archive: { from: archive, sha256 } } : {};
}

/** `title` is what the password is missing for. */
function installArgs(
  { archive, sha256, postgres, config, removesData }: InstallConfig,
  title: string,
): HostInstallArgs {
  return {
    ...archiveArgs({ archive, sha256 }),
    ...(postgres && { postgres: databaseArgs(postgres, title) }),
    ...(config && { config }),
    removesData,
  };
}

function databaseArgs(postgres: NonNullable<InstallConfig["postgres"]>, title: string) {
  const { passwordVariable, caFile, ...server } = postgres;
  const { KUMA_STORE_POSTGRES_PASSWORD: password } = passwordEnvironment(postgres, title);
  return { ...server, password, ...(caFile && { ca: readCa("install.postgres.caFile", caFile) }) };
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
      `The file of the setting ${setting} cannot be read: ${(error as Error).message}.`,
    );
  }
}

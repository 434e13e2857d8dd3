import * as pulumi from "@pulumi/pulumi";
import type { GlobalControlPlaneArgs } from "../components";
import type { ZoneConfig } from "../components/config";
import type { Cluster } from "../components/kubernetes/clusters";
import type { KubernetesZoneConfig } from "../components/kubernetes/config";
import { VersionedPolicies, assertTlsVerified, readPolicyFiles } from "../kuma";
import { clustersOf } from "./clusters";
import { StackConfig, readStackConfig } from "./config";
import { pulumiSource } from "./pulumiSource";
import { globalToken } from "./tokens";

/** A zone of the stack, and the cluster that it is in. */
export interface StackZone {
  zone: ZoneConfig;
  cluster?: Cluster;
}

/** A zone that the stack installs. */
export interface NewStackZone {
  zone: KubernetesZoneConfig;
  cluster: Cluster;
}

/** A stack as its file describes it, as the program uses it. */
export interface Stack {
  global: GlobalControlPlaneArgs;
  /** In use: they bring what they have. */
  existingZones: StackZone[];
  /** Installed by the stack: they take what the global has. */
  newZones: NewStackZone[];
  choices: Pick<StackConfig, "onConflict" | "onDrift" | "onUndo" | "onFailedSwitch">;
  /** What the stack itself writes to the global. */
  policies?: VersionedPolicies;
}

/** Reads the stack that Pulumi runs the program for, and makes the providers of its clusters. */
export async function readStack(): Promise<Stack> {
  assertTlsVerified();
  const settings = new pulumi.Config("kuma-federation");
  const config = readStackConfig(pulumiSource(settings), pulumi.getStack());
  const { zones, onConflict, onDrift, onUndo, onFailedSwitch } = config;
  const clusters = await clustersOf(config, settings.getSecret("kubeconfig"));
  const existingZones: StackZone[] = [];
  const newZones: NewStackZone[] = [];
  for (const zone of zones) {
    const cluster = clusters.ofZone(zone.name);
    if (isInstalledByStack(zone) && cluster) newZones.push({ zone, cluster });
    else existingZones.push({ zone, cluster });
  }
  return {
    global: {
      ...config.global,
      token: globalToken(settings, config.global),
      cluster: clusters.global,
      zones: zones.filter(({ federated }) => federated).map(({ name }) => name),
      makesMesh: zones.every(isInstalledByStack),
    },
    existingZones,
    newZones,
    choices: { onConflict, onDrift, onUndo, onFailedSwitch },
    policies: await ownPolicies(config),
  };
}

function isInstalledByStack(zone: ZoneConfig): zone is KubernetesZoneConfig {
  return zone.platform === "kubernetes" && zone.install !== "adopt";
}

async function ownPolicies({ policies }: StackConfig): Promise<VersionedPolicies | undefined> {
  if (policies === undefined) return undefined;
  const own = readPolicyFiles(policies, "policies");
  for (const note of own.notes) await pulumi.log.info(note);
  return own.policies;
}

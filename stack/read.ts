import * as pulumi from "@pulumi/pulumi";
import type {
  ExistingZoneArgs,
  FederationBridgeArgs,
  GlobalControlPlaneArgs,
  PolicySource,
  ZoneControlPlaneArgs,
} from "../components";
import { OnConflict, assertTlsVerified, readPolicyFiles } from "../kuma";
import { existingZoneArgs, globalArgs, newZoneArgs, zoneProxyArgs, zoneProxyInClusterArgs } from "./args";
import { type StackCluster, clustersOf } from "./clusters";
import { StackConfig, readStackConfig } from "./config";
import { pulumiSource } from "./pulumiSource";
import type { Rollout } from "./schema/rollout";
import type { ZoneConfig } from "./settings/controlPlanes";
import type { DemoConfig, KubernetesZoneConfig } from "./settings/kubernetes";
import { globalToken } from "./tokens";
import { isInstalledByStack } from "./waves";

/** What is the same of every zone of the stack. */
interface StackZone {
  name: string;
  federated: boolean;
  /** What its membership is made with, beside the global. */
  member: Omit<ZoneControlPlaneArgs, "join" | "adopt" | "kubernetes" | "universal">;
  opts: pulumi.ComponentResourceOptions;
  cluster?: StackCluster;
  /** For the demo application of the guides; none is deployed when left out. */
  demo?: DemoConfig;
}

/** A zone that is in use. */
export interface ExistingStackZone extends StackZone {
  args: ExistingZoneArgs;
}

/** A zone that the stack installs. */
export interface NewStackZone extends StackZone {
  args: Pick<ZoneControlPlaneArgs, "kubernetes" | "universal">;
}

/** A stack as its file describes it, as the program uses it. */
export interface Stack {
  global: { args: GlobalControlPlaneArgs; opts: pulumi.ComponentResourceOptions };
  /** In use: they bring what they have. */
  existingZones: ExistingStackZone[];
  /** Installed by the stack: they take what the global has. */
  newZones: NewStackZone[];
  /** How many zones are switched side by side; one after another when left out. */
  rollout?: Rollout;
  choices: Pick<FederationBridgeArgs, "onConflict" | "conflictRules" | "onDrift" | "onUndo">;
  /** What the stack itself writes to the global. */
  policies?: PolicySource;
}

/** Reads the stack that Pulumi runs the program for, and makes the providers of its clusters. */
export function readStack(): Stack {
  assertTlsVerified();
  const settings = new pulumi.Config("kuma-federation");
  const config = readStackConfig(pulumiSource(settings), pulumi.getStack());
  const { global, zones, policies } = config;
  if (policies !== undefined) readPolicyFiles(policies, "policies");
  const clusters = clustersOf(config, settings.getSecret("kubeconfig"));
  const sshPrivateKey = settings.getSecret("sshPrivateKey");
  const existingZones: ExistingStackZone[] = [];
  const newZones: NewStackZone[] = [];
  for (const zone of zones) {
    const cluster = clusters.ofZone(zone.name);
    const common = commonOf(zone, config, cluster, sshPrivateKey);
    if (isInstalledByStack(zone))
      newZones.push({ ...common, args: newZoneArgs(zone, cluster, sshPrivateKey) });
    else existingZones.push({ ...common, args: existingZoneArgs(zone, cluster, sshPrivateKey) });
  }
  const federated = zones.filter((zone) => zone.federated).map(({ name }) => name);
  return {
    global: {
      args: {
        ...globalArgs(global, clusters.global, globalToken(settings, global), sshPrivateKey),
        zones: federated,
        createDefaultMesh: zones.every(isInstalledByStack),
      },
      opts: optsOf(clusters.global, config),
    },
    existingZones,
    newZones,
    ...(config.rollout && { rollout: config.rollout }),
    choices: { ...conflictChoices(config), onDrift: config.onDrift, onUndo: config.onUndo },
    ...(policies !== undefined && { policies: { directory: policies } }),
  };
}

function commonOf(
  zone: ZoneConfig,
  config: StackConfig,
  cluster: StackCluster | undefined,
  sshPrivateKey: pulumi.Output<string> | undefined,
): StackZone {
  const { name, federated, enabled, profile, cpToken } = zone;
  const { onDrift, onFailedSwitch } = config;
  const { demo } = zone.platform === "kubernetes" ? zone : ({} as Partial<KubernetesZoneConfig>);
  return {
    ...{ name, federated, opts: optsOf(cluster, config) },
    member: {
      ...{ ...conflictChoices(config), onDrift, onFailedSwitch },
      ...(enabled !== undefined && { enabled }),
      ...(cpToken && { cpToken }),
      ...(zone.platform === "host" && zoneProxyArgs(zone, sshPrivateKey)),
      ...(zone.platform === "kubernetes" && zoneProxyInClusterArgs(zone)),
      ...(isInstalledByStack(zone) && { zoneName: name, ...(profile && { profile }) }),
    },
    ...(cluster && { cluster }),
    ...(demo && { demo }),
  };
}

/** What is protected has its children protected. */
function optsOf(
  cluster: StackCluster | undefined,
  { protect }: Pick<StackConfig, "protect">,
): pulumi.ComponentResourceOptions {
  return { ...(cluster && { providers: [cluster.provider] }), ...(protect === true && { protect }) };
}

function conflictChoices({ onConflict }: { onConflict: OnConflict }) {
  return typeof onConflict === "string" ? { onConflict } : { conflictRules: [...onConflict] };
}

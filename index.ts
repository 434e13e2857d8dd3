import * as pulumi from "@pulumi/pulumi";
import {
  FederationBridge,
  FederationState,
  GlobalControlPlane,
  HandedOverPolicies,
  HandedOverPoliciesArgs,
  StandaloneZoneControlPlane,
  ZoneConfig,
  ZoneControlPlane,
  clustersOf,
  deployDemo,
  pulumiSource,
  readStackConfig,
  stateOf,
  withPolicies,
} from "./components";
import { globalConnectionOf } from "./components/controlPlaneApi";
import { kubernetes } from "./components/kubernetes";
import { assertTlsVerified, readPolicyFiles } from "./kuma";
import { MeshPolicies } from "./providers/resources";

/**
 * Federates the zones of a stack with its global control plane. For each zone the KDS address goes from the global
 * through the bridge to the zone, so that the order of the steps is the flow of the data.
 */
export = async () => {
  assertTlsVerified();
  const settings = new pulumi.Config("kuma-federation");
  const config = readStackConfig(
    pulumiSource(settings),
    pulumi.getStack(),
    Object.keys(pulumi.runtime.allConfig()),
  );
  const { onConflict, onDrift, onUndo, onFailedSwitch } = config;

  const clusters = await clustersOf(config, settings.getSecret("kubeconfig"));
  const token =
    config.global.platform === "konnect"
      ? (settings.getSecret("konnectToken") ?? secretFrom("KONNECT_TOKEN"))
      : (settings.getSecret("globalToken") ?? secretFrom("KUMA_GLOBAL_TOKEN"));
  const global = new GlobalControlPlane("global", {
    ...config.global,
    token,
    cluster: clusters.global,
    zones: config.zones.filter(({ federated }) => federated).map(({ name }) => name),
    makesMesh: config.zones.every(isNew),
  });
  const own = config.policies === undefined ? undefined : readPolicyFiles(config.policies, "policies");
  for (const note of own?.notes ?? []) await pulumi.log.info(note);
  const bridges: FederationBridge[] = [];
  const states: pulumi.Output<FederationState>[] = [];
  const inOrder = ranAloneFirst(config.zones);
  const handingOver = inOrder.filter(({ profile }) => profile === "federation-with-policies");
  /** What is handed over when the zone has joined; nothing with the profile `federation`. */
  const handOver = (zone: ZoneConfig, sides: Pick<HandedOverPoliciesArgs, "joined" | "zone" | "global">) => {
    const at = handingOver.indexOf(zone);
    if (at < 0) return [];
    const followers = handingOver.slice(at + 1).map(({ name }) => name);
    const { version: globalVersion } = global;
    const args = { ...sides, zoneName: zone.name, globalVersion, onConflict, onDrift, followers };
    return [new HandedOverPolicies(`${zone.name}-policies`, args)];
  };
  /** As they are today; those that are to join are compared with each other before anything is written. */
  const alone = new Map(
    inOrder
      .filter((zone) => !isNew(zone))
      .map((zone): [string, StandaloneZoneControlPlane] => {
        const args = { zone, cluster: clusters.ofZone(zone.name) };
        return [zone.name, new StandaloneZoneControlPlane(`${zone.name}-control-plane`, args)];
      }),
  );
  const toJoin = inOrder.flatMap((zone) => {
    const found = zone.federated ? alone.get(zone.name) : undefined;
    return found ? [zoneAlone(zone, found)] : [];
  });
  /** They join in this order and leave in the opposite one: what a zone conflicts with is what those before it bring. */
  const joined: pulumi.Resource[][] = [];
  const zones = inOrder.map((zoneConfig) => {
    const { name } = zoneConfig;
    const cluster = clusters.ofZone(name);
    const api = bridges.at(-1)?.global ?? global.api;
    const before = joined.flat();
    if (zoneConfig.platform === "kubernetes" && cluster && zoneConfig.install !== "adopt") {
      const { kds, hosted } = global;
      const args = { zone: zoneConfig, cluster, global: api, kds, hosted };
      const zone = new ZoneControlPlane(`${name}-federation`, args, { dependsOn: [global, ...before] });
      const zoneApi = kubernetes().zoneApi(zoneConfig, cluster);
      const policies = handOver(zoneConfig, { joined: zone, zone: zoneApi, global: api });
      joined.push([zone, ...policies]);
      deployDemo(zoneConfig, cluster, zone);
      states.push(withPolicies(stateOf(name, zoneApi, api, {}), policies.at(0)?.policies));
      return { name, mode: "installed", online: zone.online, version: zone.version };
    }
    const zoneItself = alone.get(name);
    if (!zoneItself) throw new Error(`zone ${name} is neither there nor to be installed`);
    if (!zoneConfig.federated) {
      deployDemo(zoneConfig, cluster, zoneItself);
      return { name, mode: "standalone", online: false, address: zoneItself.api.url };
    }

    const bridge = new FederationBridge(
      name,
      {
        ...zoneAlone(zoneConfig, zoneItself),
        global: api,
        globalVersion: global.version,
        kds: global.kds,
        followers: toJoin.slice(toJoin.findIndex(({ zoneName }) => zoneName === name) + 1),
        onConflict,
        hosted: global.hosted,
        onDrift,
        onUndo,
        // they are written when the first zone has joined
        policies: bridges.length === 0 ? own?.policies : undefined,
      },
      { dependsOn: [zoneItself, ...before] },
    );
    const zone = new ZoneControlPlane(`${name}-federation`, {
      zone: zoneConfig,
      alone: zoneItself,
      bridge,
      onConflict,
      onFailedSwitch,
      cluster,
      hosted: global.hosted,
    });
    deployDemo(zoneConfig, cluster, zone);
    const policies = handOver(zoneConfig, { joined: zone, zone: zoneItself.api, global: bridge.global });
    bridges.push(bridge);
    states.push(withPolicies(bridge.state, policies.at(0)?.policies));
    joined.push([zone, ...policies]);
    return {
      name,
      mode: "federated",
      online: zone.online,
      version: zone.version,
      address: zoneItself.api.url,
    };
  });

  const [firstToJoin] = joined;
  if (own && firstToJoin) {
    const api = bridges.at(0)?.global ?? global.api;
    new MeshPolicies(
      "policies",
      {
        ...globalConnectionOf(api),
        available: own.policies,
        globalVersion: global.version,
      },
      { dependsOn: firstToJoin },
    );
  }

  return {
    kdsAddress: global.kds.address,
    global: {
      address: global.api.url,
      product: global.product,
      version: global.version,
      ...(global.api.ca !== undefined && { ca: global.api.ca }),
      ...(global.hosted && { id: global.hosted.controlPlaneId, limits: global.hosted.limits }),
    },
    zones,
    federatedResources: pulumi.all(bridges.map((bridge) => bridge.counts)).apply(sum),
    guiUrl: global.guiUrl,
    // secret, as Konnect answers nobody without it, also while no zone is federated
    ...(global.hosted && { konnectToken: global.hosted.token }),
    // secret: how both sides are reached, and what was carried
    federations: pulumi.secret(states),
  };
};

function zoneAlone(
  { name, platform, profile }: ZoneConfig,
  { api, started, nextDatabase }: StandaloneZoneControlPlane,
) {
  const zoneRunsHere = platform === "universal";
  const handsOver = profile === "federation-with-policies";
  return { zoneName: name, zone: api, zoneStarted: started, zoneRunsHere, nextDatabase, handsOver };
}

function isNew(zone: ZoneConfig): boolean {
  return zone.platform === "kubernetes" && zone.install !== "adopt";
}

/** A zone that is new takes what the global has; one that ran alone brings what a global may have no other of. */
function ranAloneFirst(zones: readonly ZoneConfig[]): ZoneConfig[] {
  return [...zones.filter((zone) => !isNew(zone)), ...zones.filter(isNew)];
}

function secretFrom(variable: string): pulumi.Output<string> | undefined {
  // a line break at its end, as from a file, would not go into a header
  const value = process.env[variable]?.trim();
  return value ? pulumi.secret(value) : undefined;
}

function sum(counts: Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [type, count] of counts.flatMap(Object.entries)) total[type] = (total[type] ?? 0) + count;
  return total;
}

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Values, federatedValues } from "../../platforms/kubernetes/helmRelease";
import { locationUrl } from "../../platforms/kubernetes/location";
import { controlPlaneService, namesOf } from "../../platforms/kubernetes/products";
import {
  KubernetesRelease,
  KubernetesWayBack,
  KubernetesZoneFederation,
  ZoneRegistration,
} from "../../providers/resources";
import { ControlPlaneApi, Kds } from "../controlPlaneApi";
import type { FederationBridge } from "../federationBridge";
import { chartRelease } from "./chartRelease";
import { Cluster } from "./clusters";
import { KubernetesZoneConfig } from "./config";
import { kumactlInstallation } from "./kumactlInstallation";

/** How the API of a zone in a cluster is reached. */
export function zoneApi(
  { context, namespace, product }: KubernetesZoneConfig,
  cluster: Cluster,
): ControlPlaneApi {
  const service = controlPlaneService(product);
  return {
    url: pulumi.output(locationUrl({ context, namespace, service })),
    tokens: pulumi.secret<string[]>([]),
    kubeconfig: cluster.reference.kubeconfig,
  };
}

/** What was installed, with the values that were set (secret), as they are without the federation. */
export function installedRelease(
  zone: KubernetesZoneConfig,
  { reference }: Cluster,
  parent: pulumi.Resource,
): KubernetesRelease {
  const { name, namespace, release, product } = zone;
  return new KubernetesRelease(
    `${name}-installed`,
    {
      zoneName: name,
      ...reference,
      namespace,
      release,
      valuesKey: namesOf(product).valuesKey,
      values: pulumi.secret({}),
    },
    { parent },
  );
}

export interface AdoptedZoneArgs {
  zone: KubernetesZoneConfig;
  cluster: Cluster;
  api: ControlPlaneApi;
  installed: KubernetesRelease;
  bridge: FederationBridge;
}

/** A zone whose release is taken over by the stack and made to join the global. */
export function adoptedZone(
  name: string,
  { zone, cluster, api, installed, bridge }: AdoptedZoneArgs,
  parent: pulumi.Resource,
): KubernetesZoneFederation {
  const connections = {
    zoneName: zone.name,
    zoneUrl: api.url,
    zoneTokens: api.tokens,
    zoneKubeconfig: api.kubeconfig,
    globalUrl: bridge.global.url,
    globalTokens: bridge.global.tokens,
    globalKubeconfig: bridge.global.kubeconfig,
  };
  // before the switch, so that one that fails can be undone
  const wayBack = new KubernetesWayBack(
    `${zone.name}-way-back`,
    { ...connections, snapshot: bridge.snapshot },
    { parent },
  );
  const release = adoptedRelease(zone, cluster, installed, joined(zone, bridge.kds), [wayBack]);
  return new KubernetesZoneFederation(
    name,
    { ...connections, kdsAddress: bridge.kds.address, resources: bridge.resources, release },
    { parent },
  );
}

export interface NewZoneArgs {
  zone: KubernetesZoneConfig;
  cluster: Cluster;
  global: ControlPlaneApi;
  kds: Kds;
}

/** A zone that is installed by the stack, and joins the global as soon as it starts: it has nothing to carry over. */
export function newZone(
  name: string,
  { zone, cluster, global, kds }: NewZoneArgs,
  parent: pulumi.Resource,
): KubernetesZoneFederation {
  const { provider } = cluster;
  const onGlobal = {
    globalUrl: global.url,
    globalTokens: global.tokens,
    globalKubeconfig: global.kubeconfig,
  };
  // removed after the release, as a global does not forget a zone that is connected
  const registration = new ZoneRegistration(
    `${zone.name}-registration`,
    { ...onGlobal, zoneName: zone.name },
    { parent },
  );
  const system = new k8s.core.v1.Namespace(
    `${zone.name}-namespace`,
    { metadata: { name: zone.namespace, labels: { "kuma.io/system-namespace": "true" } } },
    { parent, provider, dependsOn: [registration] },
  );
  const values = joined(zone, kds)(zone.values);
  const opts = { parent, provider, dependsOn: [system] };
  const release =
    zone.install === "kumactl"
      ? kumactlInstallation(zone.name, zone, values, opts)
      : chartRelease(`${zone.name}-release`, zone, values, opts).status.revision.apply(String);
  const api = zoneApi(zone, cluster);
  return new KubernetesZoneFederation(
    name,
    {
      ...onGlobal,
      zoneName: zone.name,
      zoneUrl: api.url,
      zoneTokens: api.tokens,
      zoneKubeconfig: api.kubeconfig,
      kdsAddress: kds.address,
      resources: {},
      release,
    },
    { parent },
  );
}

/** The values of a zone that belongs to a global. */
export function joined(zone: KubernetesZoneConfig, kds: Kds): (values: Values) => pulumi.Output<Values> {
  const { valuesKey } = namesOf(zone.product);
  return (values) =>
    pulumi.all([kds.address, kds.ca]).apply(([kdsAddress, kdsCa]) =>
      federatedValues(values, valuesKey, {
        zone: zone.name,
        kdsAddress,
        kdsCa,
        ingress: zone.ingress,
        egress: zone.egress,
      }),
    );
}

/**
 * The zone's release, imported and changed in one run. Imported values are the live ones in clear, so the difference of
 * the values is hidden in previews; and the release stays when it leaves the stack. Returns its revision.
 */
export function adoptedRelease(
  zone: KubernetesZoneConfig,
  { provider }: Cluster,
  installed: KubernetesRelease,
  change: (values: Values) => pulumi.Input<Values>,
  dependsOn: pulumi.Resource[] = [],
): pulumi.Output<string> {
  const values = pulumi.secret(installed.values.apply(change));
  const release = chartRelease(
    `${zone.name}-release`,
    zone,
    values,
    {
      // not a child of a component: it is one and the same resource whether the zone is federated or taken back
      provider,
      dependsOn,
      import: `${zone.namespace}/${zone.release}`,
      retainOnDelete: true,
      hideDiffs: ["values"],
    },
    installed.chartVersion,
  );
  return release.status.revision.apply(String);
}

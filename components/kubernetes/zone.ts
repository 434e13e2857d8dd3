import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { OnConflict } from "../../kuma";
import type { OnFailedSwitch } from "../../platforms/failedSwitch";
import { Values, federatedValues } from "../../platforms/kubernetes/helmRelease";
import { locationUrl } from "../../platforms/kubernetes/location";
import { controlPlaneService, namesOf } from "../../platforms/kubernetes/products";
import { StackObject } from "../../platforms/kubernetes/stackObjects";
import { KubernetesUpgrade } from "../../resources";
import {
  KubernetesRelease,
  KubernetesWayBack,
  KubernetesZoneFederation,
  ZoneRegistration,
} from "../../resources";
import { TOKEN_KEY, TOKEN_SECRET, konnectValues } from "../../platforms/konnect/kubernetesZone";
import { ControlPlaneApi, Kds, connectionsOf, globalConnectionOf } from "../controlPlaneApi";
import type { FederationBridge } from "../federationBridge";
import { chartRelease, givenValues, newRelease } from "./chartRelease";
import { Cluster } from "./clusters";
import { KubernetesZoneConfig, isPath } from "./config";
import { kumactlInstallation } from "./kumactlInstallation";
import { madeAnew, makeSystemNamespace, stackObjects, systemNamespace } from "./stackObjects";

/** How the API of a zone in a cluster is reached. */
export function zoneApi(
  { context, namespace, product }: KubernetesZoneConfig,
  cluster: Cluster,
): ControlPlaneApi {
  const service = controlPlaneService(product);
  return {
    url: pulumi.output(locationUrl({ context, namespace, service })),
    tokens: [],
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
      isChartChosen: zone.chartVersion !== undefined || isPath(zone.chart),
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
  konnect?: KonnectMember;
  onConflict: OnConflict;
  onFailedSwitch: OnFailedSwitch;
}

/** How a zone belongs to a control plane in Konnect. */
export interface KonnectMember {
  controlPlaneId: pulumi.Output<string>;
  /** Secret. */
  token: pulumi.Output<string>;
  /** What makes the token; removed after the zone has left. */
  access: pulumi.Resource;
}

/** A zone whose release is taken over by the stack and made to join the global. */
export function adoptedZone(
  name: string,
  { zone, cluster, api, installed, bridge, konnect, onConflict, onFailedSwitch }: AdoptedZoneArgs,
  parent: pulumi.Resource,
): KubernetesZoneFederation {
  const connections = connectionsOf(zone.name, api, bridge.global);
  // before the switch, so that one that fails can be undone
  const wayBack = new KubernetesWayBack(
    `${zone.name}-way-back`,
    { ...connections, directory: zone.directory, snapshot: bridge.snapshot },
    { parent, dependsOn: konnect?.access },
  );
  const before = [
    wayBack,
    ...tokenSecret(zone, cluster, konnect, tokenOptions(zone, cluster, konnect, parent)),
  ];
  const change = konnect
    ? joinedToKonnect(zone, bridge.kds, konnect, installed.chartVersion)
    : joined(zone, bridge.kds);
  const release = adoptedRelease(zone, cluster, installed, change, before);
  return new KubernetesZoneFederation(
    name,
    {
      ...connections,
      kdsAddress: bridge.kds.address,
      resources: bridge.resources,
      release,
      adopted: { name: zone.release, valuesKey: namesOf(zone.product).valuesKey },
      snapshot: bridge.snapshot,
      before: wayBack.before,
      onConflict,
      onFailedSwitch,
    },
    { parent },
  );
}

export interface NewZoneArgs {
  zone: KubernetesZoneConfig;
  cluster: Cluster;
  global: ControlPlaneApi;
  kds: Kds;
  konnect?: KonnectMember;
}

/** A zone that is installed by the stack, and joins the global as soon as it starts: it has nothing to carry over. */
export function newZone(
  name: string,
  { zone, cluster, global, kds, konnect }: NewZoneArgs,
  parent: pulumi.Resource,
): KubernetesZoneFederation {
  const onGlobal = globalConnectionOf(global);
  // removed after the release, as a global does not forget a zone that is connected
  const registration = new ZoneRegistration(
    `${zone.name}-registration`,
    { ...onGlobal, zoneName: zone.name },
    { parent, dependsOn: konnect?.access },
  );
  const zones = [zone.name];
  const objects = stackObjects(
    `${zone.name}-objects`,
    {
      cluster,
      zones,
      objects: [systemNamespace(zone.namespace), ...(konnect ? [tokenObject(zone)] : [])],
      controlPlane: zone,
    },
    { parent },
  );
  const system = makeSystemNamespace(`${zone.name}-namespace`, zone.namespace, cluster, objects, {
    parent,
    dependsOn: [registration],
  });
  const token = tokenSecret(zone, cluster, konnect, { parent, dependsOn: [system] });
  const change = konnect
    ? joinedToKonnect(zone, kds, konnect, pulumi.output(zone.chartVersion ?? ""))
    : joined(zone, kds);
  const values = givenValues(zone, change(zone.values));
  const opts = { parent, zones, dependsOn: [system, ...token] };
  const release =
    zone.install === "kumactl"
      ? kumactlInstallation(zone.name, zone, cluster, values, opts)
      : newRelease(`${zone.name}-release`, zone, cluster, values, opts);
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

/** The values of a zone that belongs to a control plane in Konnect. `version` is that of its control plane. */
function joinedToKonnect(
  { name: zoneName, ingress, egress }: KubernetesZoneConfig,
  kds: Kds,
  konnect: KonnectMember,
  version: pulumi.Output<string>,
): (values: Values) => pulumi.Output<Values> {
  return (values) =>
    pulumi
      .all([kds.address, konnect.controlPlaneId, version])
      .apply(([kdsAddress, controlPlaneId, running]) =>
        konnectValues({ zoneName, kdsAddress, controlPlaneId, version: running, ingress, egress }, values),
      );
}

function tokenObject({ namespace }: KubernetesZoneConfig): StackObject {
  return { kind: "Secret", namespace, name: TOKEN_SECRET };
}

/** Of the token of a zone that is adopted, whose namespace is there: no Secret of others is in its way. */
function tokenOptions(
  zone: KubernetesZoneConfig,
  cluster: Cluster,
  konnect: KonnectMember | undefined,
  parent: pulumi.Resource,
): pulumi.CustomResourceOptions {
  if (!konnect) return { parent };
  const object = tokenObject(zone);
  const args = { cluster, zones: [zone.name], objects: [object] };
  const objects = stackObjects(`${zone.name}-objects`, args, { parent });
  return { parent, ...madeAnew(objects, object), dependsOn: objects };
}

/** The Secret beside the control plane that holds its token for Konnect, without a line break. */
function tokenSecret(
  { name, namespace }: KubernetesZoneConfig,
  { provider }: Cluster,
  konnect: KonnectMember | undefined,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  if (!konnect) return [];
  const stringData = { [TOKEN_KEY]: konnect.token.apply((token) => token.trim()) };
  return [
    new k8s.core.v1.Secret(
      `${name}-konnect-token`,
      { metadata: { name: TOKEN_SECRET, namespace }, type: "Opaque", stringData },
      { ...opts, provider },
    ),
  ];
}

/**
 * The zone's release, imported and changed in one run. Imported values are the live ones in clear, so the difference of
 * the values is hidden in previews; and the release stays when it leaves the stack. Returns its revision.
 */
export function adoptedRelease(
  zone: KubernetesZoneConfig,
  { provider, reference }: Cluster,
  installed: KubernetesRelease,
  change: (values: Values) => pulumi.Input<Values>,
  dependsOn: pulumi.Resource[] = [],
): pulumi.Output<string> {
  const { name, namespace, release: releaseName, product, chartVersion } = zone;
  const upgrade = new KubernetesUpgrade(`${name}-upgrade`, {
    ...reference,
    zoneName: name,
    namespace,
    release: releaseName,
    valuesKey: namesOf(product).valuesKey,
    chartVersion: chartVersion ?? installed.chartVersion,
    values: pulumi.secret(installed.values.apply(change)),
  });
  const release = chartRelease(
    `${name}-release`,
    zone,
    upgrade.values,
    {
      // not a child of a component: it is one and the same resource whether the zone is federated or taken back
      provider,
      dependsOn,
      import: `${namespace}/${releaseName}`,
      retainOnDelete: true,
      hideDiffs: ["values"],
    },
    { version: upgrade.chartVersion, description: upgrade.description.apply((given) => given as string) },
  );
  return release.status.revision.apply(String);
}

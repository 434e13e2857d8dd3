import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  TOKEN_KEY,
  TOKEN_SECRET,
  konnectValues,
  tokenReference,
} from "../../platforms/konnect/kubernetesZone";
import { federatedValues, trusting } from "../../platforms/kubernetes/helm/federationValues";
import type { Values } from "../../platforms/kubernetes/helm/values";
import { type ChartValue, zoneProxyValues } from "../../platforms/kubernetes/helm/zoneProxyValues";
import { Product, namesOf } from "../../platforms/kubernetes/products";
import { StackObject } from "../../platforms/kubernetes/stackObjects";
import { KubernetesWayBack, KubernetesZoneFederation, ZoneRegistration } from "../../resources";
import { carriedBy, connectionsOf, globalConnectionOf } from "../membership";
import { otherwise } from "../arguments/otherwise";
import type { JoinOptions, Member } from "../platform";
import { type ZoneAccess, zoneAccess } from "../zoneAccess";
import type { ZoneConnection } from "../arguments/zoneConnection";
import type { ZoneIngressArgs } from "../universal/args";
import type { NewKubernetesZoneArgs } from "./args";
import { givenValues, later, namesIn, newRelease } from "./chartRelease";
import { type Cluster, clusterOf } from "./cluster";
import { apiOf } from "./global";
import { kumactlInstallation } from "./kumactlInstallation";
import { digestOf } from "./digest";
import { adoptedRelease } from "./release";
import { madeAnew, makeSystemNamespace, stackObjects, systemNamespace } from "./stackObjects";

/** A zone whose release is taken over by the program and made to join the global. */
export function join(zone: ZoneConnection, options: JoinOptions): Member {
  const { name, parent, zoneName, join: membership, enabled, onConflict, onFailedSwitch } = options;
  const { api, directory, release } = zone;
  if (!release)
    throw new pulumi.ResourceError("[adopt.release] must be given for a zone in a cluster.", parent);
  const carried = carriedBy(membership, parent);
  const connections = connectionsOf(zoneName, api, membership.api);
  const access = zoneAccess(options, carried.generation);
  const cluster = clusterOf(name, release, pulumi.interpolate`zone ${zoneName}`, parent);
  // before the switch, so that one that fails can be undone
  const wayBack = new KubernetesWayBack(
    `${name}-way-back`,
    { ...connections, directory, snapshot: carried.snapshot, enabled },
    { parent, dependsOn: access?.issuer },
  );
  const { namespace } = release;
  const token = access ? foundTokenSecret(zoneName, namespace, cluster, access, options) : [];
  const revision = adoptedRelease(
    {
      ...{ zoneName, release, cluster },
      change: memberValues(release.product, carried, release.installedVersion, options, access),
    },
    { name, parent },
    [wayBack, ...token],
  );
  const federation = new KubernetesZoneFederation(
    `${name}-federation`,
    {
      ...connections,
      kdsAddress: carried.kdsAddress,
      resources: carried.resources,
      release: revision,
      adopted: pulumi.output({ name: release.release, product: release.product }).apply((each) => {
        const { valuesKey } = namesOf(each.product as Product);
        return { name: each.name, ...(valuesKey !== undefined && { valuesKey }) };
      }),
      snapshot: carried.snapshot,
      before: wayBack.before,
      ...{ onConflict, onFailedSwitch },
      ...shownInKonnect(access),
    },
    { parent },
  );
  return { api, joined: federation, online: federation.online, version: federation.version };
}

/** A zone that is installed by the program, and joins the global as soon as it starts: it has nothing to carry over. */
export function newZone(args: NewKubernetesZoneArgs, options: JoinOptions): Member {
  const { name, parent, zoneName, join: membership } = options;
  const { kdsAddress, kdsCa } = membership;
  const access = zoneAccess(options);
  const names = namesIn(args);
  const { namespace, product } = names;
  const cluster = clusterOf(name, args, pulumi.interpolate`zone ${zoneName}`, parent);
  const onGlobal = globalConnectionOf(membership.api);
  // removed after the release, as a global does not forget a zone that is connected
  const registration = new ZoneRegistration(
    `${name}-registration`,
    { ...onGlobal, zoneName },
    { parent, dependsOn: access?.issuer },
  );
  const zones = [zoneName];
  const objects = stackObjects(
    `${name}-objects`,
    {
      ...{ cluster, zones, controlPlane: names },
      objects: [systemNamespace(names), ...(access ? [tokenObject(namespace)] : [])],
    },
    { parent },
  );
  const system = makeSystemNamespace(`${name}-namespace`, namespace, cluster, {
    parent,
    dependsOn: [registration, objects],
  });
  const token = access ? [tokenSecret(namespace, cluster, access, { parent, dependsOn: [system] })] : [];
  const version = args.chartVersion;
  const change = memberValues(product, { kdsAddress, kdsCa }, version ?? "", options, access);
  const values = givenValues(args.values, change);
  const install = args.installer === "kumactl" ? kumactlInstallation : newRelease;
  const release = install(
    args.installer === "kumactl" ? name : `${name}-release`,
    { names, cluster, values, version, zones },
    { parent, dependsOn: [system, ...token] },
  );
  const api = apiOf(names, cluster.reference);
  const federation = new KubernetesZoneFederation(
    `${name}-federation`,
    {
      ...connectionsOf(zoneName, api, membership.api),
      ...{ kdsAddress, resources: {}, release },
      ...shownInKonnect(access),
    },
    { parent },
  );
  return { api, joined: federation, online: federation.online, version: federation.version };
}

/** The values of a zone that belongs to a global. `version` is that of its control plane. */
function memberValues(
  product: pulumi.Input<string>,
  kds: { kdsAddress: pulumi.Input<string>; kdsCa: pulumi.Input<string> },
  version: pulumi.Input<string>,
  options: JoinOptions,
  access: ZoneAccess | undefined,
): (values: Values) => pulumi.Output<Values> {
  const {
    zoneName,
    join: { konnect },
    egress,
  } = options;
  const ingress = otherwise(options.ingress, true);
  const proxies = proxiesOf(options);
  const given = { zone: zoneName, ingress, egress, proxies };
  const kdsAddress = pulumi.output(kds.kdsAddress);
  const kdsZoneClient = later(pulumi.output(kds.kdsCa).apply(trusting));
  const token = pulumi.output(access && !access.konnect ? access.token.apply(digestOf) : undefined);
  const inKonnect = konnect && { controlPlaneId: konnect.controlPlaneId };
  return (values) =>
    pulumi
      .all([pulumi.output(given), product, version, inKonnect, token])
      .apply(([federation, of, running, hosted, digest]) => {
        if (!hosted)
          return federatedValues(values, namesOf(of as Product).valuesKey, {
            ...{ ...federation, kdsAddress: later(kdsAddress), kdsZoneClient },
            ...(access && { token: tokenReference(running), tokenDigest: digest }),
          });
        const { zone, ...more } = federation;
        const member = { zoneName: zone, version: running, ...more, ...hosted };
        return kdsAddress.apply((address) =>
          konnectValues({ ...member, kdsAddress: address }, values),
        ) as unknown as Values;
      });
}

/**
 * In the values it would hide, in previews, all that changes in them: a first token is known only once it is issued. The values
 * of a zone that shows one to a global of Kong Mesh have it (`memberValues`).
 */
function shownInKonnect(access: ZoneAccess | undefined): { tokenDigest?: pulumi.Output<string> } {
  return access?.konnect ? { tokenDigest: access.token.apply(digestOf) } : {};
}

/** What the chart is told of zone ingress and egress; what is for hosts has no place in a cluster. */
function proxiesOf({
  zoneIngress,
  zoneEgress,
  proxyHosts,
  parent,
}: JoinOptions): pulumi.Output<readonly ChartValue[]> {
  if (proxyHosts !== undefined)
    throw new pulumi.ResourceError(
      "[proxyHosts] is for a zone on a host, and the zone runs in a cluster.",
      parent,
    );
  const valuesOf = (kind: "ingress" | "egress", args: ZoneIngressArgs = {}) => {
    const { replicas, port, service, advertisedAddress, advertisedPort, ...others } = args;
    const [unfit] = Object.keys(others).filter((name) => others[name as keyof typeof others] !== undefined);
    if (unfit !== undefined)
      throw new pulumi.ResourceError(
        `[${kind === "ingress" ? "zoneIngress" : "zoneEgress"}.${unfit}] is for a zone on a host, and the zone runs in a cluster.`,
        parent,
      );
    return pulumi.output({ replicas, port, service, advertisedAddress, advertisedPort });
  };
  return pulumi
    .all([valuesOf("ingress", zoneIngress), valuesOf("egress", zoneEgress)])
    .apply(([ingress, egress]) => [
      ...zoneProxyValues("ingress", ingress),
      ...zoneProxyValues("egress", egress),
    ]);
}

function tokenObject(namespace: pulumi.Input<string>): pulumi.Output<StackObject> {
  return pulumi
    .output(namespace)
    .apply((each): StackObject => ({ kind: "Secret", namespace: each, name: TOKEN_SECRET }));
}

/** The token of a zone that is adopted, whose namespace is there: no Secret of others is in its way. */
function foundTokenSecret(
  zoneName: pulumi.Input<string>,
  namespace: pulumi.Input<string>,
  cluster: Cluster,
  access: ZoneAccess,
  { name, parent }: JoinOptions,
): pulumi.Resource[] {
  const object = tokenObject(namespace);
  const args = { cluster, zones: [zoneName], objects: [object] };
  const objects = stackObjects(`${name}-objects`, args, { parent });
  const opts = { parent, ...madeAnew(objects, object), dependsOn: objects };
  return [tokenSecret(namespace, cluster, access, opts)];
}

/** The Secret beside the control plane that holds its token for the connection with the global, without a line break. */
function tokenSecret(
  namespace: pulumi.Input<string>,
  { provider }: Cluster,
  { token, secretName }: ZoneAccess,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const stringData = { [TOKEN_KEY]: token.apply((each) => each.trim()) };
  return new k8s.core.v1.Secret(
    secretName,
    { metadata: { name: TOKEN_SECRET, namespace }, type: "Opaque", stringData },
    { ...opts, provider },
  );
}

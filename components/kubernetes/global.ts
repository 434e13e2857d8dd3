import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { EVERYONE, KDS_NODE_PORT, isPath } from "../../platforms/kubernetes/chart";
import { merge } from "../../platforms/kubernetes/helm/values";
import { locationUrl } from "../../platforms/kubernetes/location";
import { controlPlaneService, globalZoneSyncService, namesOf } from "../../platforms/kubernetes/products";
import type { StackObject } from "../../platforms/kubernetes/stackObjects";
import { KUMA_RELEASE } from "../../toolchain/kumaCp/kumaRelease";
import { KdsCertificate, KubernetesGlobal, KubernetesKdsAddress } from "../../resources";
import type { KubernetesObjects } from "../../resources";
import { otherwise } from "../arguments/otherwise";
import { type ControlPlaneApi, globalConnectionOf } from "../membership";
import type { GlobalOptions, GlobalParts } from "../platform";
import type { KdsServiceArgs, KubernetesGlobalArgs } from "./args";
import { type ChartNames, givenValues, later, namesIn, newRelease } from "./chartRelease";
import { clusterOf } from "./cluster";
import { digestOf } from "./digest";
import { kumactlInstallation } from "./kumactlInstallation";
import { madeAnew, makeSystemNamespace, stackObjects, systemNamespace, writtenAgain } from "./stackObjects";

const KDS_PORT = 5685;
const KDS_SECRET = "kuma-kds-global-server-tls";
/** Only its first start makes a mesh: which zones come and go afterwards is no reason to restart it (see `createDefaultMesh`). */
const MESH_AT_FIRST = ["", "kuma."].map((key) => `values.${key}controlPlane.defaults.skipMeshCreation`);
/** Of a control plane's API, and of its end on the machine of whoever looks. */
const GUI_PORT = 5681;

/**
 * A global control plane in a cluster. The Service that zones dial comes first: its address has to be in the
 * certificate of the KDS server, and a control plane reads its certificate when it starts.
 */
export function global(args: KubernetesGlobalArgs, options: GlobalOptions): GlobalParts {
  const { name, parent, zones, apiToken, createDefaultMesh } = options;
  assertSaysWhoMayConnect(args.kds, parent);
  const names = namesIn(args);
  const { namespace, product } = names;
  const cluster = clusterOf(name, args, name, parent);
  const { provider, reference } = cluster;
  const inCluster = { parent, provider };
  const api = apiOf(names, reference, apiToken);
  const fields = pulumi
    .all([names, pulumi.output(args.kds)])
    .apply(([chart, kds]) => serviceFields(chart, withDefaults(kds as Kds)));
  const dialled = pulumi.all([names, fields]).apply(([chart, each]): StackObject => ({
    kind: "Service",
    namespace: chart.namespace,
    name: globalZoneSyncService(chart.product),
    fields: each,
  }));
  const certified = namespace.apply((each): StackObject => ({
    kind: "Secret",
    namespace: each,
    name: KDS_SECRET,
  }));
  const objects = stackObjects(
    `${name}-objects`,
    {
      ...{ cluster, zones, controlPlane: names },
      objects: [systemNamespace(names), dialled, certified],
      global: globalConnectionOf(api),
    },
    { parent },
  );
  const system = makeSystemNamespace(`${name}-namespace`, namespace, cluster, {
    parent,
    dependsOn: objects,
  });
  const service = kdsService(`${name}-kds-service`, dialled, objects, { ...inCluster, dependsOn: [system] });
  const { host: fixedHost } = args.kds;
  const timeout = otherwise(args.kds.timeout, 300);
  const { host } = new KubernetesKdsAddress(
    `${name}-kds-address`,
    { ...reference, namespace, service: service.metadata.name, fixedHost, timeout },
    { parent },
  );
  const certificate = new KdsCertificate(`${name}-kds`, { name, hosts: [host] }, { parent });
  const secret = new k8s.core.v1.Secret(
    `${name}-kds-certificate`,
    {
      metadata: { name: KDS_SECRET, namespace },
      type: "kubernetes.io/tls",
      stringData: { "tls.crt": certificate.cert, "tls.key": pulumi.secret(certificate.key) },
    },
    { ...inCluster, ...madeAnew(objects, certified), dependsOn: [system] },
  );
  const own = pulumi.all([product, otherwise(args.replicas, 1), createDefaultMesh]);
  const digest = later(certificate.cert.apply(digestOf));
  const values = givenValues(args.values, (given) =>
    own.apply(([each, replicas, makesMesh]) => globalValues(each, given, digest, replicas, makesMesh)),
  );
  const version = args.chartVersion ?? names.chart.apply((each) => (isPath(each) ? undefined : KUMA_RELEASE));
  const install = args.installer === "kumactl" ? kumactlInstallation : newRelease;
  const release = install(
    name,
    { names, cluster, values, version, zones },
    { parent, dependsOn: [system, secret, service], ignoreChanges: MESH_AT_FIRST },
  );
  const serving = new KubernetesGlobal(
    `${name}-serving`,
    { ...globalConnectionOf(api), release },
    { parent },
  );
  const port = pulumi
    .output(args.kds)
    .apply((kds) => (kds.type === "NodePort" ? (kds.nodePort ?? KDS_NODE_PORT) : KDS_PORT));
  return {
    api,
    kdsAddress: pulumi.interpolate`grpcs://${host}:${port}`,
    kdsCa: certificate.ca,
    product: serving.product,
    version: serving.version,
    guiUrl: pulumi.output(`http://localhost:${GUI_PORT}/gui`),
    guiCommand: pulumi
      .all([reference.context, names])
      .apply(
        ([context, chart]) =>
          `kubectl --context ${context} -n ${chart.namespace} port-forward svc/${controlPlaneService(chart.product)} ${GUI_PORT}`,
      ),
  };
}

/** How the API of a control plane in a cluster is reached. */
export function apiOf(
  names: pulumi.Output<Pick<ChartNames, "namespace" | "product">>,
  { context, kubeconfig }: { context: pulumi.Input<string>; kubeconfig?: pulumi.Input<string> },
  token?: pulumi.Output<string>,
): ControlPlaneApi {
  return {
    url: pulumi
      .all([context, names])
      .apply(([where, { namespace, product }]) =>
        locationUrl({ context: where, namespace, service: controlPlaneService(product) }),
      ),
    tokens: token ? [token.apply((each) => [each])] : [],
    ...(kubeconfig !== undefined && { kubeconfig }),
  };
}

interface Kds {
  type: "LoadBalancer" | "NodePort";
  nodePort?: number;
  annotations: Record<string, string>;
  loadBalancerClass?: string;
  sourceRanges: readonly string[];
}

function withDefaults({
  type = "LoadBalancer",
  nodePort,
  annotations = {},
  sourceRanges = [],
  ...kds
}: Partial<Kds>): Kds {
  return {
    ...kds,
    ...{ type, annotations, sourceRanges },
    nodePort: nodePort ?? (type === "NodePort" ? KDS_NODE_PORT : undefined),
  };
}

/**
 * Kuma 2 asks zones for no credential, so that whoever reaches the port is sent every key of every mesh. A load balancer is
 * often one of the internet's: nothing is made before the program says who may connect.
 */
function assertSaysWhoMayConnect(
  { type = "LoadBalancer", sourceRanges }: KdsServiceArgs,
  resource: pulumi.Resource,
) {
  if (type !== "LoadBalancer" || sourceRanges !== undefined) return;
  throw new pulumi.ResourceError(
    `[kds.sourceRanges] must be given for a load balancer: it says who may connect with the KDS port of the global, which asks zones for no credential and sends whoever reaches it the keys of every mesh. ` +
      `Give the addresses of your zones in CIDR notation, or ["${EVERYONE}"] where something else keeps others away.`,
    resource,
  );
}

/** As the chart would make it (cp-global-sync-service.yaml), which is told not to. */
function kdsService(
  name: string,
  object: pulumi.Output<StackObject>,
  objects: KubernetesObjects,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Service {
  const fields = object.apply((each) => each.fields as ReturnType<typeof serviceFields>);
  const annotations = pulumi
    .all([fields, writtenAgain(objects, object)])
    .apply(([{ metadata }, again]) => ({ ...metadata.annotations, ...again }));
  const { labels } = fields.metadata;
  return new k8s.core.v1.Service(
    name,
    {
      metadata: {
        name: object.name,
        namespace: object.namespace as pulumi.Input<string>,
        labels,
        annotations,
      },
      spec: fields.spec,
    },
    pulumi.mergeOptions(opts, madeAnew(objects, object)),
  );
}

function serviceFields({ product, release }: ChartNames, kds: Kds) {
  const { prefix } = namesOf(product);
  const selector = {
    app: `${prefix}-control-plane`,
    "app.kubernetes.io/name": prefix,
    "app.kubernetes.io/instance": release,
  };
  const { type, sourceRanges } = kds;
  const isOpen = sourceRanges.length === 0 || sourceRanges.includes(EVERYONE);
  return {
    metadata: {
      labels: selector,
      // its address is awaited by a resource of this program's own, which says what to do when none comes
      annotations: { ...kds.annotations, "pulumi.com/skipAwait": "true" },
    },
    spec: {
      type,
      loadBalancerClass: kds.loadBalancerClass,
      loadBalancerSourceRanges: isOpen ? undefined : [...sourceRanges],
      ports: [{ name: "global-zone-sync", port: KDS_PORT, appProtocol: "grpc", nodePort: kds.nodePort }],
      selector,
    },
  };
}

/** The user's values with those that the global needs over them. */
function globalValues(
  product: ChartNames["product"],
  given: Record<string, unknown>,
  certDigest: string,
  replicas: number,
  makesMesh: boolean,
): Record<string, unknown> {
  const { valuesKey } = namesOf(product);
  const own = {
    controlPlane: {
      mode: "global",
      replicas,
      defaults: { skipMeshCreation: !makesMesh },
      globalZoneSyncService: { enabled: false },
      tls: { kdsGlobalServer: { secretName: KDS_SECRET } },
      // a renewed certificate is read by a new pod only
      podAnnotations: {
        "kuma-federation/kds-certificate": certDigest,
      },
    },
  };
  return merge(given, valuesKey === undefined ? own : { [valuesKey]: own });
}

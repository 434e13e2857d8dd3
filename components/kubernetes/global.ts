import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { merge } from "../../platforms/kubernetes/helmRelease";
import { locationUrl } from "../../platforms/kubernetes/location";
import { controlPlaneService, globalZoneSyncService, namesOf } from "../../platforms/kubernetes/products";
import { StackObject } from "../../platforms/kubernetes/stackObjects";
import type { KubernetesObjects } from "../../resources";
import { KdsCertificate, KubernetesGlobal, KubernetesKdsAddress } from "../../resources";
import { ControlPlaneApi, Kds, globalConnectionOf } from "../controlPlaneApi";
import { givenValues, newRelease } from "./chartRelease";
import { Cluster } from "./clusters";
import { EVERYONE, KubernetesGlobalConfig } from "./config";
import { kumactlInstallation } from "./kumactlInstallation";
import { madeAnew, makeSystemNamespace, stackObjects, systemNamespace, writtenAgain } from "./stackObjects";

const KDS_PORT = 5685;
const KDS_SECRET = "kuma-kds-global-server-tls";

export interface GlobalParts {
  api: ControlPlaneApi;
  kds: Kds;
  product: pulumi.Output<string>;
  version: pulumi.Output<string>;
}

export interface GlobalPlace {
  cluster: Cluster;
  /** Secret. */
  tokens: pulumi.Output<string[]>[];
  /** The zones that are to be federated with it. */
  zones: string[];
  /** See `GlobalControlPlaneArgs`. */
  makesMesh?: boolean;
}

/**
 * A global control plane in a cluster. The Service that zones dial comes first: its address has to be in the
 * certificate of the KDS server, and a control plane reads its certificate when it starts.
 */
export function kubernetesGlobal(
  name: string,
  config: KubernetesGlobalConfig,
  { cluster, tokens, zones, makesMesh = false }: GlobalPlace,
  parent: pulumi.Resource,
): GlobalParts {
  const { namespace, product } = config;
  const { provider, reference } = cluster;
  const inCluster = { parent, provider };
  const url = locationUrl({ context: config.context, namespace, service: controlPlaneService(product) });
  const api = { url: pulumi.output(url), tokens, kubeconfig: reference.kubeconfig };
  const dialled: StackObject = {
    kind: "Service",
    namespace,
    name: globalZoneSyncService(product),
    fields: serviceFields(config),
  };
  const certified: StackObject = { kind: "Secret", namespace, name: KDS_SECRET };
  const objects = stackObjects(
    `${name}-objects`,
    {
      cluster,
      zones,
      objects: [systemNamespace(namespace), dialled, certified],
      controlPlane: config,
      global: globalConnectionOf(api),
    },
    { parent },
  );
  const system = makeSystemNamespace(`${name}-namespace`, namespace, cluster, objects, { parent });
  const service = kdsService(`${name}-kds-service`, config, dialled, objects, {
    ...inCluster,
    dependsOn: [system],
  });
  const { host } = new KubernetesKdsAddress(
    `${name}-kds-address`,
    {
      ...reference,
      namespace,
      service: service.metadata.name,
      fixedHost: config.kds.host,
      timeout: config.kds.timeout,
    },
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
  const values = givenValues(
    config,
    certificate.cert.apply((cert) => globalValues(config, cert, makesMesh)),
  );
  const install = config.installer === "kumactl" ? kumactlInstallation : newRelease;
  const release = install(name, config, cluster, values, {
    parent,
    zones,
    dependsOn: [system, secret, service],
  });
  const serving = new KubernetesGlobal(
    `${name}-serving`,
    { globalUrl: url, globalTokens: tokens, globalKubeconfig: reference.kubeconfig, release },
    { parent },
  );
  const { kds } = config;
  const port = kds.type === "NodePort" ? kds.nodePort : KDS_PORT;
  return {
    api,
    kds: { address: pulumi.interpolate`grpcs://${host}:${port}`, ca: certificate.ca },
    product: serving.product,
    version: serving.version,
  };
}

/** As the chart would make it (cp-global-sync-service.yaml), which is told not to. */
function kdsService(
  name: string,
  config: KubernetesGlobalConfig,
  object: StackObject,
  objects: KubernetesObjects,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Service {
  const { metadata, spec } = serviceFields(config);
  const annotations = writtenAgain(objects, object).apply((again) => ({ ...metadata.annotations, ...again }));
  return new k8s.core.v1.Service(
    name,
    {
      metadata: { name: object.name, namespace: object.namespace, labels: metadata.labels, annotations },
      spec,
    },
    pulumi.mergeOptions(opts, madeAnew(objects, object)),
  );
}

function serviceFields({ product, release, kds }: KubernetesGlobalConfig) {
  const { prefix } = namesOf(product);
  const selector = {
    app: `${prefix}-control-plane`,
    "app.kubernetes.io/name": prefix,
    "app.kubernetes.io/instance": release,
  };
  return {
    metadata: {
      labels: selector,
      // its address is awaited by a resource of this program's own, which says what to do when none comes
      annotations: { ...kds.annotations, "pulumi.com/skipAwait": "true" },
    },
    spec: {
      type: kds.type,
      loadBalancerClass: kds.loadBalancerClass,
      loadBalancerSourceRanges: kds.sourceRanges === EVERYONE ? undefined : [...kds.sourceRanges],
      ports: [{ name: "global-zone-sync", port: KDS_PORT, appProtocol: "grpc", nodePort: kds.nodePort }],
      selector,
    },
  };
}

/** The user's values with those that the global needs over them. */
function globalValues(
  config: KubernetesGlobalConfig,
  cert: string,
  makesMesh: boolean,
): Record<string, unknown> {
  const { valuesKey } = namesOf(config.product);
  const own = {
    controlPlane: {
      mode: "global",
      replicas: config.replicas,
      defaults: { skipMeshCreation: !makesMesh },
      globalZoneSyncService: { enabled: false },
      tls: { kdsGlobalServer: { secretName: KDS_SECRET } },
      // a renewed certificate is read by a new pod only
      podAnnotations: {
        "kuma-federation/kds-certificate": createHash("sha256").update(cert).digest("hex").slice(0, 16),
      },
    },
  };
  return merge(config.values, valuesKey === undefined ? own : { [valuesKey]: own });
}

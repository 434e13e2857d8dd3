import * as net from "node:net";
import { KumaError, type Profile } from "../../kuma";
import { PRODUCTS, Product, namesOf } from "../../platforms/kubernetes/products";
import { KUMA_RELEASE } from "../../toolchain/kumaRelease";
import { Section, wrong } from "../section";

/** How a control plane gets into a cluster: as a release of Helm, or as the manifest that `kumactl install` prints. */
export type Installer = "helm" | "kumactl";

/** A control plane in a cluster. */
export interface KubernetesConfig {
  platform: "kubernetes";
  /** Name of a context of the kubeconfig. */
  context: string;
  /** Path of a kubeconfig; the usual places (KUBECONFIG, ~/.kube/config) when left out. */
  kubeconfig?: string;
  product: Product;
  namespace: string;
  release: string;
  /** Name of a chart in `chartRepository`, or the path of one. */
  chart: string;
  chartRepository?: string;
  chartVersion?: string;
  /** Values for the chart, as a user would write them for Helm; they may hold secrets. */
  values: Record<string, unknown>;
}

/** The Service that zones dial. */
export interface KdsServiceConfig {
  type: "LoadBalancer" | "NodePort";
  /** What zones dial instead of the load balancer's address. */
  host?: string;
  /** Port on every node, for type NodePort. */
  nodePort?: number;
  annotations: Record<string, string>;
  loadBalancerClass?: string;
  /** Who may connect, in CIDR notation; of a NodePort it is always everyone. */
  sourceRanges: readonly string[] | typeof EVERYONE;
  /** Seconds to wait for the load balancer's address. */
  timeout: number;
}

/** Said instead of ranges, so that nobody opens the port to the world by saying nothing. */
export const EVERYONE = "everyone";

export interface KubernetesGlobalConfig extends KubernetesConfig {
  installer: Installer;
  replicas: number;
  kds: KdsServiceConfig;
}

export interface KubernetesZoneConfig extends KubernetesConfig {
  name: string;
  federated: boolean;
  /** Which of its resources become the global's; `federation` when left out. */
  profile?: Profile;
  /** `adopt` for a release that is there; the others install a new zone, which joins at once. */
  install: "adopt" | Installer;
  /** Left as they are when undefined. */
  ingress?: boolean;
  egress?: boolean;
  /** For the demo application of the guides; none is deployed when undefined. */
  demo?: DemoConfig;
}

/** Names and images of the demo application, where they are to be others than the guides'. */
export interface DemoConfig {
  namespace?: string;
  image?: string;
  redisImage?: string;
}

const COMMON = [
  "platform",
  "context",
  "kubeconfig",
  "product",
  "namespace",
  "release",
  "chart",
  "chartRepository",
  "chartVersion",
  "values",
];

export function readKubernetesGlobal(section: Section): KubernetesGlobalConfig {
  section.allowOnly([...COMMON, "installer", "replicas", "kds"]);
  const common = readCommon(section);
  return {
    ...common,
    chartVersion: common.chartVersion ?? (isPath(common.chart) ? undefined : KUMA_RELEASE),
    installer: section.oneOf("installer", ["helm", "kumactl"] as const, "helm"),
    replicas: section.optionalInteger("replicas", 1, 99) ?? 1,
    kds: readKds(section.section("kds")),
  };
}

export function readKubernetesZone(
  section: Section,
): Omit<KubernetesZoneConfig, "name" | "federated" | "profile"> {
  section.allowOnly([...COMMON, "name", "federated", "profile", "install", "ingress", "egress", "demo"]);
  return {
    ...readCommon(section),
    install: section.oneOf("install", ["adopt", "helm", "kumactl"] as const, "adopt"),
    ingress: section.optionalFlag("ingress") ?? true,
    egress: section.optionalFlag("egress"),
    demo: readDemo(section.optionalSection("demo")),
  };
}

function readDemo(section: Section | undefined): DemoConfig | undefined {
  section?.allowOnly(["namespace", "image", "redisImage"]);
  return (
    section && {
      namespace: section.optionalText("namespace"),
      image: section.optionalText("image"),
      redisImage: section.optionalText("redisImage"),
    }
  );
}

function readCommon(section: Section): KubernetesConfig {
  const product = section.oneOf("product", PRODUCTS, "kuma");
  const names = namesOf(product);
  const chart = section.optionalText("chart") ?? names.chart;
  const repository = section.optionalText("chartRepository");
  return {
    platform: "kubernetes",
    context: section.text("context"),
    kubeconfig: section.secretFile("kubeconfig"),
    product,
    namespace: section.optionalText("namespace") ?? names.namespace,
    release: section.optionalText("release") ?? names.release,
    chart,
    chartRepository: repository ?? (isPath(chart) ? undefined : names.repository),
    chartVersion: section.optionalText("chartVersion"),
    values: section.object("values"),
  };
}

/** Helm takes a path for one when it has a separator; a name with one would have to be in an alias of a repository. */
export function isPath(chart: string): boolean {
  return chart.includes("/");
}

function readKds(section: Section): KdsServiceConfig {
  section.allowOnly([
    "type",
    "host",
    "nodePort",
    "annotations",
    "loadBalancerClass",
    "sourceRanges",
    "timeout",
  ]);
  const type = section.oneOf("type", ["LoadBalancer", "NodePort"] as const, "LoadBalancer");
  const host = section.optionalText("host");
  if (host !== undefined && !/^[a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?$/.test(host)) {
    throw wrong(section.key("host"), host, "a host name or an IPv4 address, without scheme and port");
  }
  if (type === "NodePort" && host === undefined) {
    throw wrong(section.key("host"), host, "the address of a node that zones can reach, as type is NodePort");
  }
  return {
    type,
    host,
    nodePort: section.optionalInteger("nodePort", 1, 65_535) ?? (type === "NodePort" ? 30_685 : undefined),
    annotations: section.object("annotations") as Record<string, string>,
    loadBalancerClass: section.optionalText("loadBalancerClass"),
    sourceRanges: type === "NodePort" ? ofNodePort(section) : readSourceRanges(section),
    timeout: section.optionalInteger("timeout", 1, 3_600) ?? 300,
  };
}

/**
 * Kuma 2 asks zones for no credential, so that whoever reaches the port is sent every key of every mesh. A load balancer
 * is often one of the internet's: nothing is made before the stack says who may connect.
 */
function readSourceRanges(section: Section): KdsServiceConfig["sourceRanges"] {
  const key = section.key("sourceRanges");
  if (!section.has("sourceRanges")) {
    throw new KumaError(
      "invalid",
      `The setting ${key} is missing, so no load balancer is made: it must say who may connect with the KDS port of the global, which asks zones for no credential and sends whoever reaches it the keys of every mesh. ` +
        `Give the addresses of your zones in CIDR notation, such as [203.0.113.0/24], or ${EVERYONE} where something else keeps others away.`,
    );
  }
  if (section.is("sourceRanges", EVERYONE)) return EVERYONE;
  const ranges = section.texts("sourceRanges", `${EVERYONE}, or a list of ranges in CIDR notation`);
  const unfit = ranges.length === 0 ? [] : (ranges.find((range) => !isCidr(range)) ?? undefined);
  if (unfit === undefined) return ranges;
  throw wrong(key, unfit, `${EVERYONE}, or a list of ranges in CIDR notation, such as [203.0.113.0/24]`);
}

function ofNodePort(section: Section): typeof EVERYONE {
  if (!section.has("sourceRanges") || section.is("sourceRanges", EVERYONE)) return EVERYONE;
  throw new KumaError(
    "invalid",
    `The setting ${section.key("sourceRanges")} has no effect on a NodePort, which every address that reaches a node can connect with; it must be ${EVERYONE} or left out. Keep others away with a firewall.`,
  );
}

function isCidr(range: string): boolean {
  const [address, bits, ...rest] = range.split("/");
  const most = { 4: 32, 6: 128 }[net.isIP(address)];
  return most !== undefined && rest.length === 0 && /^\d{1,3}$/.test(bits ?? "") && Number(bits) <= most;
}

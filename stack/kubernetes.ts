import * as net from "node:net";
import {
  DemoConfig,
  EVERYONE,
  KdsServiceConfig,
  KubernetesConfig,
  KubernetesGlobalConfig,
  KubernetesZoneConfig,
  isPath,
} from "../components/kubernetes/config";
import { KumaError } from "../kuma";
import { PRODUCTS, namesOf } from "../platforms/kubernetes/products";
import { KUMA_RELEASE } from "../toolchain/kumaRelease";
import { Section, wrong } from "./section";

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
  directory: string,
): Omit<KubernetesZoneConfig, "name" | "federated" | "profile"> {
  section.allowOnly([...COMMON, "name", "federated", "profile", "install", "ingress", "egress", "demo"]);
  return {
    ...readCommon(section),
    directory,
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

import { type Product, namesOf } from "./products";

/** How a control plane gets into a cluster: as a release of Helm, or as the manifest that `kumactl install` prints. */
export type Installer = "helm" | "kumactl";

/** Said instead of ranges, so that nobody opens the KDS port to the world by saying nothing. */
export const EVERYONE = "everyone";

/** On every node, where no other is given for a Service of type NodePort. */
export const KDS_NODE_PORT = 30_685;

/** Helm takes a path for one when it has a separator; a name with one would have to be in an alias of a repository. */
export function isPath(chart: string): boolean {
  return chart.includes("/");
}

/** How a control plane's release is named and what it is installed from, where somebody has said so. */
export interface ChosenNames {
  namespace?: string;
  release?: string;
  chart?: string;
  chartRepository?: string;
}

/** With the names that the product has, where no others are given. */
export function withNames<S extends ChosenNames & { product: Product }>(settings: S) {
  const names = namesOf(settings.product);
  const chart = settings.chart ?? names.chart;
  return {
    ...settings,
    namespace: settings.namespace ?? names.namespace,
    release: settings.release ?? names.release,
    chart,
    chartRepository: settings.chartRepository ?? (isPath(chart) ? undefined : names.repository),
  };
}

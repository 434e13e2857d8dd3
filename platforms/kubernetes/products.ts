/** The two products that can be federated, as their Helm charts name things. */
export type Product = "kuma" | "kong-mesh";
export const PRODUCTS: readonly Product[] = ["kuma", "kong-mesh"];

export interface ProductNames {
  /** What its control plane calls itself. */
  title: string;
  /** Namespace that the guides use, and the name of the Helm release. */
  namespace: string;
  release: string;
  /** Where the chart is published, and its name there. */
  repository: string;
  chart: string;
  /** The chart of Kong Mesh is an umbrella: the values of Kuma's chart stand under this key. */
  valuesKey?: string;
  /** Beginning of the names of Services, labels and Secrets (the chart's `nameOverride`). */
  prefix: string;
}

/** https://kuma.io/docs/latest/production/cp-deployment/kubernetes and https://docs.konghq.com/mesh/latest/production/cp-deployment */
const NAMES: Record<Product, ProductNames> = {
  kuma: {
    title: "Kuma",
    namespace: "kuma-system",
    release: "kuma",
    repository: "https://kumahq.github.io/charts",
    chart: "kuma",
    prefix: "kuma",
  },
  "kong-mesh": {
    title: "Kong Mesh",
    namespace: "kong-mesh-system",
    release: "kong-mesh",
    repository: "https://kong.github.io/kong-mesh-charts",
    chart: "kong-mesh",
    valuesKey: "kuma",
    prefix: "kong-mesh",
  },
};

export function namesOf(product: Product): ProductNames {
  return NAMES[product];
}

export function controlPlaneService(product: Product): string {
  return `${NAMES[product].prefix}-control-plane`;
}

/** `global-remote-sync` in releases before 1.2, which are too old to be federated by this program. */
export function globalZoneSyncService(product: Product): string {
  return `${NAMES[product].prefix}-global-zone-sync`;
}

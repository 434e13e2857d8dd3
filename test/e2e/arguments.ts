import { parseArgs } from "node:util";
import { UsageError } from "../../cli/terminal/errors";
import { PRODUCTS, type Product } from "../../platforms/kubernetes/products";

export interface Arguments {
  globalContext: string;
  zoneContext: string;
  /** Path; the usual places when left out. */
  kubeconfig?: string;
  product: Product;
  /** The name that the zone has. */
  zone: string;
  /** Of both releases, where they are others than the product's. */
  namespace?: string;
  release?: string;
  /** Path of the chart for both; the published one when left out. */
  chart?: string;
  chartVersion?: string;
  /** What zones dial in place of the load balancer's address. */
  kdsHost?: string;
  /** Called all the time, each failed call counts. */
  probeUrl?: string;
  /** Seconds for which it is called after the federation. */
  watch: number;
}

export const USAGE = `Usage: npm run e2e -- --global-context CONTEXT --zone-context CONTEXT

Federates a zone that is installed in one cluster, and runs alone, with a new global in another one; looks at the result
from both sides, and takes it back. Meanwhile the global's KDS port is open to everyone who reaches it. Last line: N passed, N failed, N skipped. Exit status 0, 1 (a check failed), 2 (error).

  --kubeconfig FILE      where the contexts are, if not in the usual places
  --product NAME         kuma (default) or kong-mesh
  --zone NAME            the name that the zone has (default "default")
  --namespace NAME, --release NAME   of the zone and of the global, if not the product's
  --chart PATH           in place of the published chart; --chart-version VERSION of the global's
  --kds-host HOST        what zones dial in place of the load balancer's address
  --probe-url URL        called every 200 ms from before the federation on; each failed call counts
  --watch SECONDS        for which it is called after the federation (default 60)`;

export function parseArguments(args: readonly string[]): Arguments {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        "global-context": { type: "string" },
        "zone-context": { type: "string" },
        kubeconfig: { type: "string" },
        product: { type: "string", default: "kuma" },
        zone: { type: "string", default: "default" },
        namespace: { type: "string" },
        release: { type: "string" },
        chart: { type: "string" },
        "chart-version": { type: "string" },
        "kds-host": { type: "string" },
        "probe-url": { type: "string" },
        watch: { type: "string", default: "60" },
      },
    }));
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
  const { kubeconfig, zone, namespace, release, chart } = values;
  const globalContext = given("--global-context", values["global-context"]);
  const zoneContext = given("--zone-context", values["zone-context"]);
  if (globalContext === zoneContext) {
    throw new UsageError(
      `--global-context and --zone-context are both ${zoneContext}; they must be two clusters.`,
    );
  }
  const product = PRODUCTS.find((each) => each === values.product);
  if (!product)
    throw new UsageError(`--product is ${values.product}; it must be one of ${PRODUCTS.join(", ")}.`);
  const watch = Number(values.watch);
  if (!/^\d+$/.test(values.watch) || watch > 86_400) {
    throw new UsageError(`--watch is ${values.watch}; it must be a number of seconds, a day at the most.`);
  }
  const probeUrl = values["probe-url"];
  if (probeUrl !== undefined && !/^https?:\/\/[^/]/.test(probeUrl)) {
    throw new UsageError(`--probe-url is ${probeUrl}; it must begin with http:// or https://.`);
  }
  return {
    globalContext,
    zoneContext,
    kubeconfig,
    product,
    zone,
    namespace,
    release,
    chart,
    chartVersion: values["chart-version"],
    kdsHost: values["kds-host"],
    probeUrl,
    watch,
  };
}

function given(option: string, value: string | undefined): string {
  if (value) return value;
  throw new UsageError(`${option} is missing.\n\n${USAGE}`);
}

/** The stack that these arguments ask for. */
export function stackOf(args: Arguments): Record<string, unknown> {
  const { kubeconfig, product, namespace, release, chart, chartVersion, kdsHost } = args;
  const both = { platform: "kubernetes", kubeconfig, product, namespace, release, chart };
  return {
    // for the time of a trial
    global: {
      ...both,
      context: args.globalContext,
      chartVersion,
      kds: { host: kdsHost, sourceRanges: "everyone" },
    },
    zones: [{ ...both, context: args.zoneContext, name: args.zone }],
    policies: "policies/demo",
  };
}

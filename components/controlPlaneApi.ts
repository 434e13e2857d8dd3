import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs, GlobalConnectionArgs } from "../providers/resources";

/** How a control plane's REST API is reached. */
export interface ControlPlaneApi {
  /** For example `http://127.0.0.1:5681`; `kubernetes://<context>/<namespace>/<service>` for one in a cluster. */
  url: pulumi.Output<string>;
  /** Bearer tokens of an admin, secret; empty where the API trusts its own machine, or a cluster keeps them. */
  tokens: pulumi.Output<string[]>;
  /** Path or content (secret) of a kubeconfig, for one in a cluster; the usual places when undefined. */
  kubeconfig?: pulumi.Input<string>;
  /** PEM of the authority that signed its certificate; the system's authorities when undefined. */
  ca?: string;
}

/** Where zones connect to a global, and the authority that signed its certificate (PEM). */
export interface Kds {
  /** `grpcs://host:port`. */
  address: pulumi.Output<string>;
  ca: pulumi.Output<string>;
}

/** How a resource's inputs name the global. */
export function globalConnectionOf({ url, tokens, kubeconfig, ca }: ControlPlaneApi): GlobalConnectionArgs {
  return {
    globalUrl: url,
    globalTokens: tokens,
    globalKubeconfig: kubeconfig,
    ...(ca !== undefined && { globalCa: ca }),
  };
}

/** How a resource's inputs name the two sides. */
export function connectionsOf(
  zoneName: string,
  zone: ControlPlaneApi,
  global: ControlPlaneApi,
): ConnectionArgs & { zoneName: string } {
  return {
    zoneName,
    zoneUrl: zone.url,
    zoneTokens: zone.tokens,
    zoneKubeconfig: zone.kubeconfig,
    ...globalConnectionOf(global),
  };
}

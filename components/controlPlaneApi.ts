import * as pulumi from "@pulumi/pulumi";
import type { HostedLimits } from "../kuma";
import { adminTokenOf } from "../platforms/universal/adminAccess";
import { ControlPlaneProcess } from "../platforms/universal/controlPlaneProcess";
import type { Inputs } from "../resources";
import type { Connections, GlobalConnection } from "../resources/connections";
import type { KonnectGlobalConfig } from "./konnectConfig";

/** How a control plane's REST API is reached. */
export interface ControlPlaneApi {
  /** For example `http://127.0.0.1:5681`; `kubernetes://<context>/<namespace>/<service>` for one in a cluster. */
  url: pulumi.Output<string>;
  /**
   * Bearer tokens of an admin, secret, by where they come from: in a preview one source may be unknown. Empty where the
   * API trusts this machine, or a cluster keeps them.
   */
  tokens: pulumi.Output<string[]>[];
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

/** What Konnect tells of a control plane that it hosts, and what zones need to connect with it. */
export interface Hosted {
  controlPlaneId: pulumi.Output<string>;
  limits: pulumi.Output<HostedLimits>;
  /** Secret. */
  token: pulumi.Output<string>;
  config: KonnectGlobalConfig;
}

/** How a resource's inputs name the global. */
export function globalConnectionOf({
  url,
  tokens,
  kubeconfig,
  ca,
}: ControlPlaneApi): Inputs<GlobalConnection> {
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
): Inputs<Connections> {
  return { ...zoneConnectionOf(zoneName, zone), ...globalConnectionOf(global) };
}

/** How a resource's inputs name a zone. */
export function zoneConnectionOf(zoneName: string, { url, tokens, kubeconfig }: ControlPlaneApi) {
  return { zoneName, zoneUrl: url, zoneTokens: tokens, zoneKubeconfig: kubeconfig };
}

/**
 * The admin token of a control plane on this machine, secret: known at once where it is there already, so that previews
 * can read it, and otherwise once it has been started.
 */
export function localAdminTokens(directory: string, started: pulumi.Output<string>): pulumi.Output<string[]> {
  const read = () => [adminTokenOf(new ControlPlaneProcess(directory)) ?? []].flat();
  const now = read();
  return pulumi.secret(now.length > 0 ? now : started.apply(read));
}

import type { Connections } from "../connections";
import { resource } from "../provider/resource";
import type { ZonePlace } from "../zone/universal/zoneRuntime";

export interface HostTokensArgs extends Connections, Pick<ZonePlace, "federatedDatabase" | "proxyHosts"> {}

export interface HostTokensOutputs {
  /** Proxies on the zone's host whose tokens end, and lie where no new ones can be put. */
  left: string[];
}

/** The tokens of the data plane proxies on the hosts of a zone that is a member: renewed before they end. */
export class HostTokens extends resource<HostTokensArgs, HostTokensOutputs>()("hostTokens", {
  left: "plain",
  proxyHosts: "secret",
}) {}

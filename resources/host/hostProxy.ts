import type { ZoneProxySpec } from "../../platforms/universal/install/zoneProxy";
import type { Connections } from "../connections";
import { resource } from "../provider/resource";
import type { HostPlace } from "./hostPlace";

type Described = "kind" | "name" | "address" | "port" | "advertisedAddress" | "advertisedPort";

export interface HostProxyArgs extends HostPlace, Connections, Pick<ZoneProxySpec, Described> {
  /** Where it reaches its control plane; on the same host its loopback, and otherwise that host, when left out. */
  cpHost?: string;
  /** Until its token ends; it is renewed before. */
  tokenDays: number;
  removesData?: boolean;
}

export interface HostProxyOutputs {
  /** Secret: what it connects with. Issued by the global. */
  token: string;
  ends: string;
  /** Where it reaches its control plane, and PEM that it verifies that by. */
  cpAddress: string;
  cpCa: string;
}

/** A zone ingress or a zone egress that the stack installs on a host, as a unit of systemd. */
export class HostProxy extends resource<HostProxyArgs, HostProxyOutputs>()("hostProxy", {
  token: "secret",
  ends: "plain",
  cpAddress: "plain",
  cpCa: "plain",
  ssh: "secret",
}) {}

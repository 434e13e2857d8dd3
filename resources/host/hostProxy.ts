import type { ZoneProxyKind } from "../../platforms/universal/install/zoneProxy";
import type { Connections } from "../connections";
import { resource } from "../provider/resource";
import type { HostPlace } from "./hostPlace";

export interface HostProxyArgs extends HostPlace, Connections {
  kind: ZoneProxyKind;
  /** Of its resource in the zone. */
  name: string;
  /** Where it listens, as proxies of its own zone reach it. */
  address: string;
  port: number;
  /** Of an ingress: as other zones reach it, where that differs. */
  advertisedAddress?: string;
  advertisedPort?: number;
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

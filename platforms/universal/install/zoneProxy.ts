import * as yaml from "js-yaml";
import { ControlPlane } from "../../../kuma";
import { connectionIn } from "../../../kuma/zone/subscription";
import { Service, fileOf } from "./service";

/** A zone ingress lets other zones in to a zone's services, an egress leads its calls out. */
export type ZoneProxyKind = "ingress" | "egress";

export interface ZoneProxySpec {
  unit: string;
  title: string;
  owner: string;
  kind: ZoneProxyKind;
  /** Of its resource in the zone. */
  name: string;
  /** Where it listens, as proxies of its own zone reach it. */
  address: string;
  port: number;
  /** Of an ingress: as other zones reach it, where that differs. */
  advertisedAddress?: string;
  advertisedPort?: number;
  /** What it connects with: `https://host:port`. */
  cpAddress: string;
  /** PEM that its certificate is verified by. */
  cpCa: string;
  /** Secret. */
  token: string;
}

const TYPES = { ingress: "ZoneIngress", egress: "ZoneEgress" } as const;
/** Of Envoy's admin and of `kuma-dp`'s readiness, on loopback: those of proxies of services are 9901 and 9902 by default. */
const OWN_PORTS = { ingress: { admin: 9911, ready: 9912 }, egress: { admin: 9921, ready: 9922 } } as const;
export const ZONE_PROXY_USER = "kuma-dp";

export function zoneProxyService(spec: ZoneProxySpec): Service {
  const { unit, title, owner, kind, port, cpAddress, cpCa, token } = spec;
  const { admin, ready } = OWN_PORTS[kind];
  const place = (name: string) => fileOf(unit, name);
  return {
    ...{ unit, title, owner, user: ZONE_PROXY_USER, ports: [port, admin, ready] },
    files: {
      "proxy.yaml": { content: yaml.dump(resourceOf(spec, admin)) },
      "cp-ca.crt": { content: cpCa },
      token: { content: token, isSecret: true },
    },
    variables: { KUMA_READINESS_PORT: String(ready), KUMA_DNS_ENABLED: "false" },
    command: [
      ...["kuma-dp", "run", `--proxy-type=${kind}`, `--cp-address=${cpAddress}`],
      ...[`--ca-cert-file=${place("cp-ca.crt")}`, `--dataplane-token-file=${place("token")}`],
      `--dataplane-file=${place("proxy.yaml")}`,
    ],
  };
}

function resourceOf(spec: ZoneProxySpec, adminPort: number): object {
  const { kind, name, address, port, advertisedAddress = address, advertisedPort = port } = spec;
  const advertised = kind === "ingress" ? { advertisedAddress, advertisedPort } : {};
  const networking = { address, port, ...advertised, admin: { port: adminPort } };
  return { type: TYPES[kind], name, networking };
}

/** Whether a zone's control plane has a connection of a proxy now. */
export async function isConnected(zone: ControlPlane, kind: ZoneProxyKind, name: string): Promise<boolean> {
  const insight = `${TYPES[kind]}Insight`;
  const type = (await zone.resourceTypes()).find((each) => each.name === insight);
  return type !== undefined && connectionIn(await zone.get(type, { type: insight, name })).isOpen;
}

import * as pulumi from "@pulumi/pulumi";
import type { ZoneProxyKind } from "../../platforms/universal/install/zoneProxy";
import { type SshKeys, parseUnitUrl } from "../../platforms/universal/unit/location";
import { HostProxy } from "../../resources";
import { type ControlPlaneApi, connectionsOf } from "../membership";
import type { JoinOptions } from "../platform";
import type { ZoneIngressArgs } from "./args";
import { apiAt } from "./hostApi";

const PORTS = { ingress: 10_001, egress: 10_002 };

/**
 * Zone ingress and zone egress of a zone on a host, once it is a member: only the global issues their tokens. They go before
 * it leaves. `of` is how the zone was installed.
 */
export function zoneProxies(
  api: ControlPlaneApi,
  options: JoinOptions,
  member: pulumi.Resource,
  of: Pick<ZoneIngressArgs, "archive" | "cpHost"> = {},
): void {
  const { zoneIngress, zoneEgress, parent } = options;
  const wanted: [ZoneProxyKind, ZoneIngressArgs | undefined][] = [
    ["ingress", zoneIngress],
    ["egress", zoneEgress],
  ];
  for (const [kind, args] of wanted) {
    if (!args) continue;
    const argument = kind === "ingress" ? "zoneIngress" : "zoneEgress";
    if (!api.ssh)
      throw new pulumi.ResourceError(
        `[${argument}] is for a zone on a host or in a cluster, and the zone runs on this machine.`,
        parent,
      );
    if (args.replicas !== undefined || args.service !== undefined)
      throw new pulumi.ResourceError(
        `[${argument}.${args.replicas === undefined ? "service" : "replicas"}] is for a zone in a cluster, and the zone runs on a host.`,
        parent,
      );
    zoneProxy(kind, { ...of, ...args }, api, options, member);
  }
}

function zoneProxy(
  kind: ZoneProxyKind,
  args: ZoneIngressArgs,
  zone: ControlPlaneApi,
  { name, parent, zoneName, join }: JoinOptions,
  member: pulumi.Resource,
): void {
  const onZonesHost = pulumi.output(zone.url).apply((url) => parseUnitUrl(url));
  const unit = `kuma-${kind}.service`;
  const own = args.ssh && apiAt(args.ssh, unit);
  const place = own ?? {
    url: pulumi.output(zone.url).apply((url) => url.replace(/[^/]*$/, unit)),
    ssh: zone.ssh,
  };
  const { port = PORTS[kind], address = args.ssh?.host ?? onZonesHost.apply((where) => where?.host ?? "") } =
    args;
  const { archive, cpHost, advertisedAddress, advertisedPort, tokenDays = 365 } = args;
  new HostProxy(
    `${name}-${kind}`,
    {
      ...connectionsOf(zoneName, zone, join.api),
      ...{ kind, address, port, tokenDays, url: place.url },
      name: pulumi.interpolate`${zoneName}-${kind}`,
      title: pulumi.interpolate`the zone ${kind} of zone ${zoneName}`,
      owner: `${pulumi.getStack()}/${name}-${kind}`,
      ssh: pulumi.secret(place.ssh ?? {}) as pulumi.Output<SshKeys>,
      ...(archive && { archive }),
      ...(cpHost !== undefined && { cpHost }),
      ...(advertisedAddress !== undefined && { advertisedAddress }),
      ...(advertisedPort !== undefined && { advertisedPort }),
      removesData: true,
    },
    { parent, dependsOn: member },
  );
}

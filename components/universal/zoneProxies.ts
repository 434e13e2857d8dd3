import * as pulumi from "@pulumi/pulumi";
import { ZONE_PROXY_USER, type ZoneProxyKind } from "../../platforms/universal/install/zoneProxy";
import { type SshKeys, parseUnitUrl } from "../../platforms/universal/unit/location";
import type { SshAccess } from "../../platforms/universal/hosts/sshAccess";
import { HostInstallation, HostProxy, HostTokens } from "../../resources";
import { otherwise } from "../arguments/otherwise";
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

/** Proxies of services of a zone on a host, there and on the hosts that are named: their tokens are renewed before they end. */
export function proxyTokens(api: ControlPlaneApi, options: JoinOptions, member: pulumi.Resource): void {
  if (!api.ssh) return;
  const { name, parent, zoneName, join } = options;
  new HostTokens(
    `${name}-proxy-tokens`,
    { ...connectionsOf(zoneName, api, join.api), ...proxyHostsOf(api, options) },
    { parent, dependsOn: member },
  );
}

/** As inputs of a resource; secret, for the keys in them. */
export function proxyHostsOf(
  api: ControlPlaneApi,
  { proxyHosts = [], parent }: Pick<JoinOptions, "proxyHosts" | "parent">,
): { proxyHosts?: pulumi.Output<SshAccess[]> } {
  if (proxyHosts.length === 0) return {};
  if (!api.ssh)
    throw new pulumi.ResourceError(
      "[proxyHosts] is for a zone on a host, and the zone runs on this machine.",
      parent,
    );
  return { proxyHosts: pulumi.secret(proxyHosts) as pulumi.Output<SshAccess[]> };
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
  const port = otherwise(args.port, PORTS[kind]);
  const address = otherwise(args.address, args.ssh?.host ?? onZonesHost.apply((where) => where?.host ?? ""));
  const tokenDays = otherwise(args.tokenDays, 365);
  const { archive, cpHost, advertisedAddress, advertisedPort } = args;
  const at = {
    url: place.url,
    title: pulumi.interpolate`the zone ${kind} of zone ${zoneName}`,
    owner: `${pulumi.getStack()}/${name}-${kind}`,
    ssh: pulumi.secret(place.ssh ?? {}) as pulumi.Output<SshKeys>,
    ...(archive && { archive }),
    removesData: true,
  };
  const installation = new HostInstallation(
    `${name}-${kind}-installation`,
    { ...at, runsAs: ZONE_PROXY_USER },
    { parent, dependsOn: member },
  );
  new HostProxy(
    `${name}-${kind}`,
    {
      ...{ ...connectionsOf(zoneName, zone, join.api), ...at },
      ...{ kind, address, port, tokenDays },
      name: pulumi.interpolate`${zoneName}-${kind}`,
      ...(cpHost !== undefined && { cpHost }),
      ...(advertisedAddress !== undefined && { advertisedAddress }),
      ...(advertisedPort !== undefined && { advertisedPort }),
    },
    { parent, dependsOn: [member, installation] },
  );
}

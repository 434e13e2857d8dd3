import * as pulumi from "@pulumi/pulumi";
import type { Role } from "../../platforms/universal/install/controlPlane";
import { portsFrom } from "../../platforms/universal/ports";
import { HostMember, HostZone, type Inputs, KdsCertificate, ZoneRegistration } from "../../resources";
import type { HostControlPlane } from "../../resources";
import { otherwise } from "../arguments/otherwise";
import { shownOnHost, zoneAccess } from "../zoneAccess";
import { type ControlPlaneApi, connectionsOf, globalConnectionOf, zoneConnectionOf } from "../membership";
import type { GlobalOptions, GlobalParts, JoinOptions, Member, Place, ZoneOptions } from "../platform";
import type { ZoneConnection } from "../arguments/zoneConnection";
import type { NewUniversalZoneArgs, SshArgs, UniversalGlobalArgs, UniversalZoneArgs } from "./args";
import { apiAt, apiOfHosts } from "./hostApi";
import { hostsOf, installed } from "./hostInstances";
import { proxyTokens, zoneProxies } from "./zoneProxies";

const UNIT = "kuma-cp.service";
/** Kuma's own (v2.14.3, kuma-cp.defaults.yaml): a host is there for one control plane. */
const KUMA_PORTS = portsFrom(5600);

/** A zone on a host is looked at: it was there before. */
export function hostZone(
  { ssh, instances = [], unit: givenUnit, federatedDatabase, createDatabase }: UniversalZoneArgs,
  { name, parent, zoneName, directory, profile }: ZoneOptions,
): ZoneConnection {
  const api = apiOfHosts([ssh as SshArgs, ...instances], otherwise(givenUnit, UNIT));
  const database = {
    ...(federatedDatabase !== undefined && { federatedDatabase }),
    ...(createDatabase !== undefined && { createDatabase }),
  };
  const looked = new HostZone(
    `${name}-host`,
    { ...zoneConnectionOf(zoneName, api), ...database },
    { parent },
  );
  const next = (field: "host" | "port") => looked.database.apply((each) => each?.[field]);
  return {
    ...{ platform: "universal", zoneName, directory, api, started: looked.urn },
    ...(federatedDatabase !== undefined && {
      nextDatabase: {
        host: next("host") as pulumi.Output<string>,
        port: next("port") as pulumi.Output<number>,
        name: federatedDatabase,
      },
    }),
    ...(profile && { profile }),
  };
}

/** A global that is installed on a host. */
export function hostGlobal(args: UniversalGlobalArgs, options: GlobalOptions): GlobalParts {
  const { name, parent, createDefaultMesh } = options;
  const ssh = args.ssh as SshArgs;
  const { install } = args;
  const unit = otherwise(args.unit, UNIT);
  const kdsHost = otherwise(args.kdsHost, ssh.host);
  const hosts = hostsOf({ ...args, ssh }, { name: "kdsHost", value: args.kdsHost }, parent);
  const api = apiAt(ssh, unit);
  const certificate = new KdsCertificate(`${name}-kds`, { name, hosts: [kdsHost] }, { parent });
  const { cert: kdsCert, key: kdsKey } = certificate;
  const role: Inputs<Role> = { kind: "global", kdsCert, kdsKey, makesMesh: createDefaultMesh };
  const title = "the global control plane";
  const [made, ...others] = installed({ name, parent }, { hosts, unit, title, role, install });
  const { product } = made;
  // zones may come to any of them
  const version = others.reduce((known, { urn }) => urn.apply(() => known), made.version);
  return {
    ...{ api: withAdmin(api, made), product, version },
    kdsAddress: pulumi.interpolate`grpcs://${kdsHost}:${KUMA_PORTS.kds}`,
    kdsCa: certificate.ca,
    guiUrl: pulumi.output(`http://localhost:${KUMA_PORTS.api}/gui`),
    guiCommand: pulumi.interpolate`ssh -N -L ${KUMA_PORTS.api}:127.0.0.1:${KUMA_PORTS.api} -p ${ssh.port ?? 22} ${ssh.user ?? "root"}@${ssh.host}`,
  };
}

/** A zone that is installed on a host, and joins the global as soon as it starts: it has nothing to carry over. */
export function newZone(args: NewUniversalZoneArgs, options: JoinOptions): Member {
  const { name, parent, zoneName, join } = options;
  const { ssh, install, cpHost } = args;
  const unit = otherwise(args.unit, UNIT);
  const hosts = hostsOf(args, { name: "cpHost", value: cpHost }, parent);
  const api = apiAt(ssh, unit);
  const { konnect } = join;
  if (konnect && install?.archive === undefined)
    throw new pulumi.ResourceError(
      "A zone that joins a control plane in Konnect needs [install.archive]: Konnect takes zones of Kong Mesh, and the official release is Kuma's. Nothing was changed.",
      parent,
    );
  const access = zoneAccess(options);
  // removed after the unit, as a global does not forget a zone that is connected
  const registration = new ZoneRegistration(
    `${name}-registration`,
    { ...globalConnectionOf(join.api), zoneName },
    { parent, ...(access?.issuer && { dependsOn: access.issuer }) },
  );
  const { kdsAddress, kdsCa } = join;
  const role: Inputs<Role> = {
    ...{ kind: "zone", zoneName, kdsAddress, kdsCa },
    ...(cpHost !== undefined && { server: serverFor(cpHost, hosts, { name, parent }) }),
    ...shownOnHost(access),
  };
  const title = pulumi.interpolate`zone ${zoneName}`;
  const place = { name: `${name}-control-plane`, parent };
  const units = installed(place, { hosts, unit, title, role, install }, [registration]);
  const memberApi = withAdmin(api, units[0]);
  const member = new HostMember(
    `${name}-member`,
    { ...connectionsOf(zoneName, memberApi, join.api), kdsAddress },
    { parent, dependsOn: units },
  );
  zoneProxies(memberApi, options, member, { archive: install?.archive, cpHost });
  proxyTokens(memberApi, options, member);
  const { online, version } = member;
  return { api: memberApi, joined: member, online, version };
}

/** A certificate for the address at which data plane proxies reach a zone, and for each of its hosts. */
function serverFor(cpHost: pulumi.Input<string>, hosts: readonly SshArgs[], { name, parent }: Place) {
  const names = pulumi
    .all([cpHost, ...hosts.map(({ host }) => host)])
    .apply((all) => [...new Set([...all, "127.0.0.1", "localhost"])]);
  const certificate = new KdsCertificate(`${name}-server`, { name, hosts: names }, { parent });
  const { cert, ca, key } = certificate;
  // with the authority, so that a proxy can be told to trust that
  return { cert: pulumi.interpolate`${cert}\n${ca}`, key };
}

/** The token is known from the first preview on. */
function withAdmin(api: ControlPlaneApi, { admin }: HostControlPlane): ControlPlaneApi {
  return { ...api, tokens: [pulumi.secret(admin.apply(({ token = "" }) => [token]))] };
}

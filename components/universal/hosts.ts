import * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer, Role } from "../../platforms/universal/install/controlPlane";
import { portsFrom } from "../../platforms/universal/ports";
import type { SshKeys } from "../../platforms/universal/unit/location";
import {
  HostControlPlane,
  HostMember,
  HostZone,
  type Inputs,
  KdsCertificate,
  ZoneRegistration,
} from "../../resources";
import { type ControlPlaneApi, connectionsOf, globalConnectionOf, zoneConnectionOf } from "../membership";
import type { GlobalOptions, GlobalParts, JoinOptions, Member, Place, ZoneOptions } from "../platform";
import type { ZoneConnection } from "../zoneConnection";
import { apiAt } from "./hostApi";
import { proxyTokens, zoneProxies } from "./zoneProxies";
import type {
  DatabaseArgs,
  HostInstallArgs,
  NewUniversalZoneArgs,
  SshArgs,
  UniversalGlobalArgs,
  UniversalZoneArgs,
} from "./args";

const UNIT = "kuma-cp.service";
/** Kuma's own (v2.14.3, kuma-cp.defaults.yaml): a host is there for one control plane. */
const KUMA_PORTS = portsFrom(5600);

/** A zone on a host is looked at: it was there before. */
export function hostZone(
  { ssh, unit = UNIT, federatedDatabase, createDatabase }: UniversalZoneArgs,
  { name, parent, zoneName, directory, profile }: ZoneOptions,
): ZoneConnection {
  const api = apiAt(ssh as SshArgs, unit);
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
  const { unit = UNIT, install, kdsHost = ssh.host } = args;
  const api = apiAt(ssh, unit);
  const certificate = new KdsCertificate(`${name}-kds`, { name, hosts: [kdsHost] }, { parent });
  const { cert: kdsCert, key: kdsKey } = certificate;
  const role: Inputs<Role> = { kind: "global", kdsCert, kdsKey, makesMesh: createDefaultMesh };
  const title = "the global control plane";
  const made = installed({ name, parent }, title, api, role, install);
  const { product, version } = made;
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
  if (join.konnect)
    throw new pulumi.ResourceError(
      "A zone that [universal] installs on a host cannot join a control plane in Konnect: install it by yourself, and give it by [adopt].",
      parent,
    );
  const { ssh, unit = UNIT, install } = args;
  const api = apiAt(ssh, unit);
  // removed after the unit, as a global does not forget a zone that is connected
  const registration = new ZoneRegistration(
    `${name}-registration`,
    { ...globalConnectionOf(join.api), zoneName },
    { parent },
  );
  const { kdsAddress, kdsCa } = join;
  const role: Inputs<Role> = { kind: "zone", zoneName, kdsAddress, kdsCa };
  const title = pulumi.interpolate`zone ${zoneName}`;
  const place = { name: `${name}-control-plane`, parent };
  const unitThere = installed(place, title, api, role, install, [registration]);
  const memberApi = withAdmin(api, unitThere);
  const member = new HostMember(
    `${name}-member`,
    { ...connectionsOf(zoneName, memberApi, join.api), kdsAddress },
    { parent, dependsOn: unitThere },
  );
  zoneProxies(memberApi, options, member, install?.archive);
  proxyTokens(memberApi, options, member);
  const { online, version } = member;
  return { api: memberApi, joined: member, online, version };
}

/** The token is known from the first preview on. */
function withAdmin(api: ControlPlaneApi, { admin }: HostControlPlane): ControlPlaneApi {
  return { ...api, tokens: [pulumi.secret(admin.apply(({ token = "" }) => [token]))] };
}

function installed(
  { name, parent }: Place,
  title: pulumi.Input<string>,
  { url, ssh }: ControlPlaneApi,
  role: Inputs<Role>,
  { archive, postgres, config, removesData }: HostInstallArgs = {},
  dependsOn: pulumi.Resource[] = [],
): HostControlPlane {
  return new HostControlPlane(
    name,
    {
      ...{ url, title, owner: `${pulumi.getStack()}/${name}` },
      ssh: pulumi.secret(ssh ?? {}) as pulumi.Output<SshKeys>,
      // not secret as a whole: a preview knows of what kind it is, and not yet what the same run is to make
      role: role as never,
      admin: pulumi.secret({}),
      ...(archive && { archive }),
      ...(postgres && { postgres: pulumi.secret(databaseOf(postgres)) }),
      ...(config !== undefined && { config: pulumi.secret(config) }),
      ...(removesData !== undefined && { removesData }),
    },
    { parent, dependsOn },
  );
}

function databaseOf(args: DatabaseArgs): pulumi.Output<DatabaseServer> {
  const defaults = { host: "127.0.0.1", port: 5432, tlsMode: "disable" };
  return pulumi.output({ ...defaults, ...args }) as pulumi.Output<DatabaseServer>;
}

import * as pulumi from "@pulumi/pulumi";
import type { PostgresStore } from "../../platforms/universal/postgresStore";
import { adminTokenOf } from "../../platforms/universal/adminAccess";
import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import { namesOf } from "../../platforms/kubernetes/products";
import { portsFrom } from "../../platforms/universal/ports";
import { nextDatabase } from "../../platforms/universal/postgresStore";
import { apiUrl } from "../../platforms/universal/settings";
import {
  KdsCertificate,
  StandaloneZone,
  UniversalGlobal,
  UniversalWayBack,
  UniversalZoneFederation,
} from "../../resources";
import { assertWithin } from "../arguments/bounds";
import { PORT_BASES } from "../arguments/limits";
import { directoryOf } from "../arguments/directory";
import { otherwise } from "../arguments/otherwise";
import { exactlyOne } from "../arguments/exactlyOne";
import { type ControlPlaneApi, carriedBy, connectionsOf } from "../membership";
import type {
  GlobalOptions,
  GlobalParts,
  InstallingPlatform,
  JoinOptions,
  Member,
  ZoneOptions,
} from "../platform";
import { shownOnHost, zoneAccess } from "../zoneAccess";
import type { ZoneConnection } from "../arguments/zoneConnection";
import type {
  ControlPlaneHereArgs,
  NewUniversalZoneArgs,
  PostgresArgs,
  UniversalGlobalArgs,
  UniversalZoneArgs,
} from "./args";
import { hostGlobal, hostZone, newZone } from "./hosts";
import { proxyHostsOf, proxyTokens, zoneProxies } from "./zoneProxies";

/** Control planes that run as processes on this machine, or as units of systemd on hosts. */
export const platform: InstallingPlatform<UniversalGlobalArgs, UniversalZoneArgs, NewUniversalZoneArgs> = {
  ...{ global, existingZone, join, newZone },
};

function global(args: UniversalGlobalArgs, options: GlobalOptions): GlobalParts {
  const { name, parent, createDefaultMesh } = options;
  const { portBase, ssh } = args;
  if (exactlyOne({ portBase, ssh }, ["portBase", "ssh"], parent) === "ssh") return hostGlobal(args, options);
  assertWithin(portBase, PORT_BASES, "universal.portBase", parent);
  const kdsHost = otherwise(args.kdsHost, "127.0.0.1");
  const directory = otherwise(args.directory, directoryOf(name));
  const certificate = new KdsCertificate(`${name}-kds`, { name, hosts: [kdsHost] }, { parent });
  const process = new UniversalGlobal(
    name,
    {
      ...processArgs(name, directory, args),
      portSetting: "global.portBase",
      kdsCert: certificate.cert,
      kdsKey: certificate.key,
      ...(createDefaultMesh !== false && { makesMesh: createDefaultMesh }),
    },
    // only its first start makes a mesh
    { parent, ignoreChanges: ["makesMesh"] },
  );
  const api = apiOf(args, directory, process.id);
  const kdsPort = pulumi.output(portBase as pulumi.Input<number>).apply((base) => portsFrom(base).kds);
  return {
    api,
    kdsAddress: pulumi.interpolate`grpcs://${kdsHost}:${kdsPort}`,
    kdsCa: certificate.ca,
    product: process.product,
    version: process.version,
    guiUrl: pulumi.interpolate`${api.url}/gui`,
  };
}

function existingZone(args: UniversalZoneArgs, options: ZoneOptions): ZoneConnection {
  const { name, parent, zoneName, directory, profile } = options;
  const { content, product, postgres, portBase, ssh } = args;
  if (exactlyOne({ portBase, ssh }, ["portBase", "ssh"], parent) === "ssh") return hostZone(args, options);
  assertWithin(portBase, PORT_BASES, "universal.portBase", parent);
  const store = postgres && postgresOf(postgres);
  const process = new StandaloneZone(
    `${name}-alone`,
    {
      ...processArgs(zoneName, directory, args),
      ...(content !== undefined && { content }),
      portSetting: pulumi.interpolate`portBase of zone ${zoneName}`,
      ...(store && { postgres: store }),
      ...(product && { product: pulumi.output(product).apply((each) => namesOf(each).title) }),
    },
    { parent },
  );
  return {
    ...{ platform: "universal", zoneName, directory, runsHere: true },
    api: apiOf(args, directory, process.id),
    started: process.id,
    ...(store && { nextDatabase: store.apply(nextDatabase) }),
    ...(profile && { profile }),
  };
}

/** Switches a zone's control plane to its global. */
function join(zone: ZoneConnection, options: JoinOptions): Member {
  const { name, parent, zoneName, join: membership, enabled, onConflict, onFailedSwitch } = options;
  const { api, directory, nextDatabase: next } = zone;
  const place = {
    directory,
    ...(api.ssh !== undefined && next && { federatedDatabase: next.name }),
    ...proxyHostsOf(api, options),
  };
  const carried = carriedBy(membership, parent);
  const connections = connectionsOf(zoneName, api, membership.api);
  // only once the global holds everything
  const access = zoneAccess(options, carried.generation);
  // before the switch, so that one that fails can be undone
  const wayBack = new UniversalWayBack(
    `${name}-way-back`,
    { ...connections, ...place, snapshot: carried.snapshot, enabled },
    { parent, dependsOn: access?.issuer },
  );
  const { kdsAddress, kdsCa, resources, generation, refilled } = carried;
  const federation = new UniversalZoneFederation(
    `${name}-federation`,
    {
      ...{ ...connections, ...place, kdsAddress, kdsCa, resources, generation, refilled },
      ...shownOnHost(access),
      snapshot: wayBack.snapshot,
      before: wayBack.before,
      ...{ onConflict, onFailedSwitch },
    },
    { parent },
  );
  zoneProxies(api, options, federation);
  proxyTokens(api, options, federation);
  return { api, joined: federation, online: federation.online, version: federation.version };
}

type WithPorts = ControlPlaneHereArgs & Pick<UniversalZoneArgs, "portBase">;

function processArgs(name: pulumi.Input<string>, directory: pulumi.Input<string>, args: WithPorts) {
  const kumaCp = otherwise(args.kumaCp, "auto");
  const store = otherwise(args.store, "auto");
  return { name, directory, portBase: args.portBase as pulumi.Input<number>, kumaCp, store };
}

/** The address is known before the process runs, so that previews can read one that does. */
function apiOf(
  { portBase }: WithPorts,
  directory: pulumi.Input<string>,
  started: pulumi.Output<string>,
): ControlPlaneApi {
  return {
    url: pulumi.output(portBase as pulumi.Input<number>).apply((base) => apiUrl({ portBase: base })),
    tokens: [adminTokens(directory, started)],
  };
}

/**
 * The admin token of a control plane on this machine, secret: known at once where it is there already, so that previews
 * can read it, and otherwise once it has been started.
 */
function adminTokens(
  directory: pulumi.Input<string>,
  started: pulumi.Output<string>,
): pulumi.Output<string[]> {
  const tokens = pulumi.output(directory).apply((where) => {
    const read = () => [adminTokenOf(new ControlPlaneProcess(where)) ?? []].flat();
    const now = read();
    return now.length > 0 ? pulumi.output(now) : started.apply(read);
  });
  return pulumi.secret(tokens);
}

function postgresOf(args: PostgresArgs): pulumi.Output<PostgresStore> {
  return pulumi.output({
    ...args,
    host: otherwise(args.host, "127.0.0.1"),
    port: otherwise(args.port, 5432),
    tlsMode: otherwise(args.tlsMode, "disable"),
    passwordVariable: otherwise(args.passwordVariable, "KUMA_STORE_POSTGRES_PASSWORD"),
  }) as pulumi.Output<PostgresStore>;
}

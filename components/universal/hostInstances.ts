import * as pulumi from "@pulumi/pulumi";
import {
  CONTROL_PLANE_USER,
  type DatabaseServer,
  type Role,
} from "../../platforms/universal/install/controlPlane";
import type { SshKeys } from "../../platforms/universal/unit/location";
import { HostControlPlane, HostInstallation, type Inputs } from "../../resources";
import { otherwise } from "../arguments/otherwise";
import type { HostAccess } from "../membership";
import type { Place } from "../platform";
import type { DatabaseArgs, HostInstallArgs, SshArgs } from "./args";
import { apiAt } from "./hostApi";

/** A control plane that is to be installed on hosts, an instance on each. */
export interface InstalledArgs {
  hosts: readonly [SshArgs, ...SshArgs[]];
  unit: pulumi.Input<string>;
  /** How messages call it. */
  title: pulumi.Input<string>;
  role: Inputs<Role>;
  install?: HostInstallArgs;
}

/**
 * Installs a control plane, one instance after another: the first one makes the tables of the database, and the admin whom all
 * of them know.
 */
export function installed(
  { name, parent }: Place,
  { hosts, ...args }: InstalledArgs,
  dependsOn: pulumi.Resource[] = [],
): [HostControlPlane, ...HostControlPlane[]] {
  const [lead, ...others] = hosts.map((ssh, index): InstanceArgs => {
    const own = index === 0 ? name : `${name}-${nameOf(ssh, index)}`;
    const title = index === 0 ? args.title : pulumi.interpolate`${args.title} on ${ssh.host}`;
    const { url, ssh: keys } = apiAt(ssh, args.unit);
    return { name: own, place: { url, title, ssh: keys, owner: `${pulumi.getStack()}/${own}` } };
  });
  const places = others.map(({ place }) => place);
  const first = instance(lead, parent, args, dependsOn, {
    admin: pulumi.secret({}),
    ...(places.length > 0 && { others: pulumi.secret(places) }),
  });
  const { admin, storeId } = first;
  const made: [HostControlPlane, ...HostControlPlane[]] = [first];
  for (const [index, other] of others.entries()) {
    const shared = { admin: pulumi.secret(admin), sharedWith: storeId };
    made.push(instance(other, parent, args, [made[index]], shared));
  }
  return made;
}

interface InstanceArgs {
  name: string;
  place: {
    url: pulumi.Input<string>;
    ssh: HostAccess;
    title: pulumi.Input<string>;
    owner: string;
  };
}

/** One that stays the same when others come and go, where it is known. */
function nameOf({ host }: SshArgs, index: number): string {
  return typeof host === "string" ? host : String(index + 1);
}

function instance(
  { name, place }: InstanceArgs,
  parent: pulumi.ComponentResource,
  { role, install = {} }: Omit<InstalledArgs, "hosts">,
  dependsOn: pulumi.Resource[],
  among: object,
): HostControlPlane {
  const { archive, postgres, config, removesData } = install;
  const at = {
    ...{ ...place, ssh: pulumi.secret(place.ssh) as pulumi.Output<SshKeys> },
    ...(archive && { archive }),
    ...(removesData !== undefined && { removesData }),
  };
  // first, so that what a run leaves there that fails is taken away as well
  const installation = new HostInstallation(
    `${name}-installation`,
    { ...at, runsAs: CONTROL_PLANE_USER },
    { parent, dependsOn },
  );
  return new HostControlPlane(
    name,
    {
      ...at,
      // not secret as a whole: a preview knows of what kind it is, and not yet what the same run is to make
      role: role as never,
      ...(among as { admin: pulumi.Output<object> }),
      ...(postgres && { postgres: pulumi.secret(databaseOf(postgres)) }),
      ...(config !== undefined && { config: pulumi.secret(config) }),
    },
    // only the first start of a global makes a mesh
    { parent, dependsOn: [...dependsOn, installation], ignoreChanges: ["role.makesMesh"] },
  );
}

function databaseOf(args: DatabaseArgs): pulumi.Output<DatabaseServer> {
  return pulumi.output({
    ...args,
    host: otherwise(args.host, "127.0.0.1"),
    port: otherwise(args.port, 5432),
    tlsMode: otherwise(args.tlsMode, "disable"),
  }) as pulumi.Output<DatabaseServer>;
}

/** Several instances need what they share, and an address that leads to any of them. */
export function hostsOf(
  { ssh, instances = [], install }: { ssh: SshArgs; instances?: SshArgs[]; install?: HostInstallArgs },
  address: { name: string; value: pulumi.Input<string> | undefined },
  parent: pulumi.Resource,
): readonly [SshArgs, ...SshArgs[]] {
  if (instances.length === 0) return [ssh];
  const refused = (what: string) =>
    new pulumi.ResourceError(`[instances] of [universal] ${what} Nothing was changed.`, parent);
  if (install?.postgres === undefined)
    throw refused("need [install.postgres]: what is in memory only one instance has.");
  if (install.postgres.host === undefined)
    throw refused("need [install.postgres.host]: without it each looks for the database on its own host.");
  if (address.value === undefined)
    throw refused(`need [${address.name}], the address behind which they all are.`);
  return [ssh, ...instances];
}

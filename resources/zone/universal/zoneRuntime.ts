import { ControlPlaneProcess } from "../../../platforms/universal/controlPlaneProcess";
import { ProcessRuntime } from "../../../platforms/universal/zone/processRuntime";
import { withHosts } from "../../../platforms/universal/hosts/hosts";
import type { SshAccess } from "../../../platforms/universal/hosts/sshAccess";
import { InstancesRuntime } from "../../../platforms/universal/unit/instancesRuntime";
import { type UnitAccess, parseUnitUrl } from "../../../platforms/universal/unit/location";
import { withUnitHosts } from "../../../platforms/universal/unit/unitHost";
import { UnitRuntime } from "../../../platforms/universal/unit/unitRuntime";
import type { ZoneRuntime } from "../../../platforms/universal/zone/zoneRuntime";
import type { Connection, ZoneConnection } from "../../connections";

/** How a resource's inputs name what a zone's control plane is run by. */
export interface ZonePlace extends Pick<ZoneConnection, "zone"> {
  /** Of a process on this machine: where it lies, relative to the program's directory. */
  directory?: string;
  /** Of a zone on a host whose store is Postgres: the database in which it is federated, empty at first. */
  federatedDatabase?: string;
  /** Secret: other hosts on which data plane proxies of a zone on a host run. */
  proxyHosts?: SshAccess[];
}

/** All units of a control plane on hosts, the one first that its API is asked at. */
export function unitsOf({ url, ssh, instances = [] }: Connection): UnitAccess[] {
  return [{ url, ssh }, ...instances];
}

/** What runs a zone's control plane, for the time of one call. */
export async function withZoneRuntime<T>(
  { zone, directory, federatedDatabase, proxyHosts = [] }: ZonePlace,
  work: (runtime: ZoneRuntime) => Promise<T>,
): Promise<T> {
  if (!parseUnitUrl(zone.url)) return work(new ProcessRuntime(new ControlPlaneProcess(directory ?? "")));
  return withUnitHosts(unitsOf(zone), (units) =>
    withHosts(proxyHosts, (more) => {
      const [first, ...others] = units.map(
        ({ host, unit }, index) => new UnitRuntime(host, unit, federatedDatabase, index === 0 ? more : []),
      );
      return work(others.length === 0 ? first : new InstancesRuntime([first, ...others]));
    }),
  );
}

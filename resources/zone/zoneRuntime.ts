import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import { ProcessRuntime } from "../../platforms/universal/zone/processRuntime";
import { withHost } from "../../platforms/universal/hosts/hosts";
import { parseUnitUrl } from "../../platforms/universal/unit/location";
import { UnitRuntime } from "../../platforms/universal/unit/unitRuntime";
import type { ZoneRuntime } from "../../platforms/universal/zone/zoneRuntime";
import type { ZoneConnection } from "../connections";

/** How a resource's inputs name what a zone's control plane is run by. */
export interface ZonePlace extends Pick<ZoneConnection, "zone"> {
  /** Of a process on this machine: where it lies, relative to the program's directory. */
  directory?: string;
  /** Of a zone on a host whose store is Postgres: the database in which it is federated, empty at first. */
  federatedDatabase?: string;
}

/** What runs a zone's control plane, for the time of one call. */
export async function withZoneRuntime<T>(
  { zone, directory, federatedDatabase }: ZonePlace,
  work: (runtime: ZoneRuntime) => Promise<T>,
): Promise<T> {
  const unit = parseUnitUrl(zone.url);
  if (!unit) return work(new ProcessRuntime(new ControlPlaneProcess(directory ?? "")));
  const { unit: name, ...place } = unit;
  return withHost({ ...place, ...zone.ssh }, (host) => work(new UnitRuntime(host, name, federatedDatabase)));
}

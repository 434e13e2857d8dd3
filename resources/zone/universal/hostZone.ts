import type { UnitFacts } from "../../../platforms/universal/unit/look/lookAtUnit";
import type { ZoneConnection } from "../../connections";
import { resource } from "../../provider/resource";

export interface HostZoneArgs extends ZoneConnection {
  /** Where its store is Postgres: the database in which it is federated, empty at first. */
  federatedDatabase?: string;
  /** Make it where it is not there. */
  createDatabase?: boolean;
}

/** A zone control plane that runs as a unit of systemd on a host. It is looked at, and not changed. */
export class HostZone extends resource<HostZoneArgs, UnitFacts>()("hostZone", {
  product: "plain",
  version: "plain",
  versionOnDisk: "plain",
  storeType: "plain",
  database: "plain",
}) {}

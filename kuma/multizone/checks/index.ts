import { MultiZoneCheck } from "./check";
import { zoneIngress } from "./doors";
import { zoneEgress } from "./egress";
import { meshMtls, meshPermission } from "./meshes";
import { hostnames, multiZoneServices } from "./names";
import { locality, serviceTags } from "./services";
import { validity, zoneConnections, zoneVersions } from "./zones";

/** In the order in which they are shown. A new check is one more line here, and a heading in docs/multi-zone.md. */
export const MULTI_ZONE_CHECKS: readonly MultiZoneCheck[] = [
  zoneConnections,
  validity,
  zoneVersions,
  meshMtls,
  meshPermission,
  zoneIngress,
  zoneEgress,
  serviceTags,
  locality,
  hostnames,
  multiZoneServices,
];

import { ResourceType } from "../../../kuma";

interface Flags {
  /** For a policy: of the new kind, with a targetRef. */
  targetRef?: boolean;
  federated?: boolean;
}

function type(name: string, scope: "Global" | "Mesh", path: string, flags: Flags = {}): ResourceType {
  const { targetRef, federated = true } = flags;
  return {
    name,
    scope,
    path,
    readOnly: name.endsWith("Insight"),
    includeInFederation: federated,
    ...(targetRef === undefined ? {} : { policy: { isTargetRef: targetRef } }),
  };
}

/** One type of each kind, as Kuma 2.14.3 on Universal describes them at /_resources. */
export const UNIVERSAL_TYPES: readonly ResourceType[] = [
  type("Dataplane", "Mesh", "dataplanes", { federated: false }),
  type("DataplaneInsight", "Mesh", "dataplane-insights", { federated: false }),
  type("GlobalSecret", "Global", "globalsecrets"),
  type("HostnameGenerator", "Global", "hostnamegenerators"),
  type("Mesh", "Global", "meshes"),
  type("MeshExternalService", "Mesh", "meshexternalservices"),
  type("MeshGateway", "Mesh", "meshgateways"),
  type("MeshIdentity", "Mesh", "meshidentities"),
  type("MeshMultiZoneService", "Mesh", "meshmultizoneservices"),
  type("MeshService", "Mesh", "meshservices", { federated: false }),
  type("MeshTimeout", "Mesh", "meshtimeouts", { targetRef: true }),
  type("MeshTrafficPermission", "Mesh", "meshtrafficpermissions", { targetRef: true }),
  type("Secret", "Mesh", "secrets"),
  type("TrafficPermission", "Mesh", "traffic-permissions", { targetRef: false }),
  type("TrafficRoute", "Mesh", "traffic-routes", { targetRef: false }),
  type("Zone", "Global", "zones", { federated: false }),
  type("ZoneInsight", "Global", "zone-insights", { federated: false }),
];

export function typeNamed(name: string): ResourceType {
  const found = UNIVERSAL_TYPES.find((each) => each.name === name);
  if (!found) throw new Error(`no type ${name} in the test's table`);
  return found;
}

export const typesByName: ReadonlyMap<string, ResourceType> = new Map(
  UNIVERSAL_TYPES.map((each) => [each.name, each]),
);

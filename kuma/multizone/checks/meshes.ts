import { objectIn, objectsIn, valueAt } from "../../api/json";
import { Resource, ZONE_LABEL, keyOf } from "../../resource/resource";
import { isEncrypted, isEncryptedInZonesAlone, zonesOf } from "../links";
import { MultiZone, ofType } from "../world";
import { MultiZoneCheck, unless } from "./check";

/** Meshes with data plane proxies in several zones. */
export function meshesOverZones(world: MultiZone): { mesh: Resource; zones: string[] }[] {
  return ofType(world, "Mesh")
    .map((mesh) => ({ mesh, zones: zonesOf(mesh.name, world) }))
    .filter(({ zones }) => zones.length > 1);
}

export const meshMtls: MultiZoneCheck = {
  code: "mesh-mtls-across-zones",
  title: "Each mesh that spans zones has mTLS",
  look(at) {
    return unless(
      meshesOverZones(at).flatMap(({ mesh, zones }) => {
        const where = `mesh ${mesh.name}: in zones ${zones.join(", ")}`;
        if (!isEncrypted(mesh, at)) return [`${where}, without mTLS`];
        return isEncryptedInZonesAlone(mesh, at)
          ? [`${where}, with a MeshIdentity and no mTLS of its own, which services known by their tag need`]
          : [];
      }),
      "Each mesh that spans zones has mTLS.",
      "A mesh spans zones without mTLS: zone ingresses route by the server name of TLS, so that no call of it goes from one zone to another.",
      "Enable mTLS in the mesh (mtls.enabledBackend; or a MeshIdentity with MeshTrust, where the mesh has MeshServices: meshServices.mode); proxies go over to it step by step in mode PERMISSIVE.",
    );
  },
};

/** What lets calls in: whether it does, or what of it this program does not know. */
type Permission = "allows" | "denies" | "unknown";

const ACTIONS: Record<string, Permission> = {
  ...{ Allow: "allows", AllowWithShadowDeny: "allows", Deny: "denies" },
  // of Kuma 2.0 and 2.1
  ...{ ALLOW: "allows", ALLOW_WITH_SHADOW_DENY: "allows", DENY: "denies" },
};

/** By its own words alone: whom it selects is not looked at. */
function permissionOf({ type, spec }: Resource): Permission {
  if (type === "TrafficPermission") return "allows";
  const from = objectsIn(valueAt(spec, "from")).map((each) => {
    const action = valueAt(each, "default", "action");
    // Kuma refuses none; it stands for Deny there
    return typeof action === "string" && Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : "unknown";
  });
  const rules = objectsIn(valueAt(spec, "rules")).map((each): Permission => {
    const { allow, allowWithShadowDeny, deny } = objectIn(each.default) ?? {};
    if (objectsIn(allow).length + objectsIn(allowWithShadowDeny).length > 0) return "allows";
    return deny === undefined ? "unknown" : "denies";
  });
  const all = [...from, ...rules];
  return all.includes("allows")
    ? "allows"
    : all.includes("unknown") || all.length === 0
      ? "unknown"
      : "denies";
}

/** Meshes with mTLS in which somebody is to be called: more than one service, or one in several zones. */
function meshesWithCalls(world: MultiZone): { mesh: Resource; zones: string[] }[] {
  return ofType(world, "Mesh")
    .filter((mesh) => isEncrypted(mesh, world))
    .map((mesh) => ({ mesh, zones: zonesOf(mesh.name, world) }))
    .filter(({ mesh, zones }) => {
      const inMesh = world.proxies.filter((each) => each.mesh === mesh.name);
      return zones.length > 1 || new Set(inMesh.flatMap(({ services }) => services)).size > 1;
    });
}

export const meshPermission: MultiZoneCheck = {
  code: "mesh-permission",
  title: "In each mesh with mTLS something permits calls",
  look(at) {
    const unknown: string[] = [];
    const denied = meshesWithCalls(at).flatMap(({ mesh, zones }) => {
      const inMesh = ofType(at, "MeshTrafficPermission", "TrafficPermission").filter(
        (each) => each.mesh === mesh.name,
      );
      return zones.flatMap((zone) => {
        // a zone's own holds for the proxies of that zone alone
        const own = inMesh.filter((each) => [undefined, zone].includes(ownerOf(each)));
        const found = own.map(permissionOf);
        if (found.includes("allows")) return [];
        if (found.includes("unknown")) {
          unknown.push(...own.filter((each) => permissionOf(each) === "unknown").map(keyOf));
          return [];
        }
        const why =
          own.length === 0
            ? "has no MeshTrafficPermission"
            : `is only denied by ${own.map(keyOf).join(", ")}`;
        return [`mesh ${mesh.name}: zone ${zone} ${why}`];
      });
    });
    if (denied.length === 0 && unknown.length > 0)
      return {
        verdict: "inconclusive",
        sentence:
          "A permission has a form that this program does not know, so that it is not certain that calls are let in.",
        evidence: [...new Set(unknown)],
        remedy: "See by kumactl inspect dataplane what it does.",
      };
    return unless(
      denied,
      "In each mesh with mTLS something permits calls.",
      "Kuma denies what nothing permits: proxies with mTLS take no call where no MeshTrafficPermission holds.",
      "Write a MeshTrafficPermission on the global for the clients that may call; one of a zone's own holds in that zone alone.",
    );
  },
};

/** The zone that owns a resource; undefined where it is the global's, and reaches every zone. */
export function ownerOf({ labels }: Resource): string | undefined {
  return labels?.["kuma.io/origin"] === "zone" ? labels[ZONE_LABEL] : undefined;
}

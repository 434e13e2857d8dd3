import { DISPLAY_NAME_LABEL, type Resource } from "../../../kuma";
import type { WorldRule } from "../rule";
import { type MeshResource, at, isFields, listAt } from "../seen";
import { type World, ofTypes } from "../world";

/** Names of the meshes whose proxies have certificates. */
function meshesWithMtls(world: World): Set<string> {
  const meshes = ofTypes(world, "Mesh").filter(({ spec }) => at(spec, "mtls.enabledBackend"));
  return new Set([
    ...meshes.map(({ name }) => name),
    ...ofTypes(world, "MeshIdentity").map(({ mesh }) => mesh),
  ]);
}

function meshesIn(world: World): Set<string> {
  return new Set(ofTypes(world, "Mesh").map(({ name }) => name));
}

/** Names of the meshes in which somebody may call somebody. */
function meshesWithPermission(world: World): Set<string> {
  const permissions = ofTypes(world, "MeshTrafficPermission", "TrafficPermission").filter(permits);
  return new Set(permissions.map(({ mesh }) => mesh));
}

function permits({ type, spec }: MeshResource): boolean {
  if (type === "TrafficPermission") return true;
  const allows = (each: unknown) =>
    ["Allow", "AllowWithShadowDeny"].includes(String(at(each, "default.action")));
  return (
    listAt(spec, "from").some(allows) ||
    listAt(spec, "rules").some(
      (each) =>
        listAt(each, "default.allow").length > 0 || listAt(each, "default.allowWithShadowDeny").length > 0,
    )
  );
}

export const permissionLeft: WorldRule = {
  name: "permission-left",
  holds: "A mesh with mTLS is left a permission.",
  why: "With mTLS what nothing permits is denied: without its last permission all calls in the mesh fail, in every zone (Kuma's documentation on MeshTrafficPermission).",
  remedy: "Write the new permission in the same change, or before it; to close a mesh, set this rule off.",
  *worldViolations(before, after) {
    const isClosed = (world: World, mesh: string) =>
      meshesWithMtls(world).has(mesh) && !meshesWithPermission(world).has(mesh);
    for (const mesh of meshesIn(after)) {
      // one that is new has nobody who calls yet
      if (meshesIn(before).has(mesh) && isClosed(after, mesh) && !isClosed(before, mesh))
        yield {
          key: `Mesh ${mesh}`,
          sentence: `Mesh ${mesh} has mTLS, and no permission is left in it: every call is denied.`,
        };
    }
  },
};

export const mtlsKept: WorldRule = {
  name: "mtls-kept",
  holds: "A mesh that has mTLS keeps it.",
  why: "Without it the calls of all its proxies are no longer encrypted, and no permission holds any more (kumahq/kuma#18331, #11498).",
  remedy:
    "Leave `mtls.enabledBackend` of the mesh, or its MeshIdentity, as it is; move callers to permissive mode first.",
  *worldViolations(before, after) {
    const [had, has] = [meshesWithMtls(before), meshesWithMtls(after)];
    for (const mesh of meshesIn(after))
      if (had.has(mesh) && !has.has(mesh))
        yield { key: `Mesh ${mesh}`, sentence: `Mesh ${mesh} has mTLS now, and loses it.` };
  },
};

export const targetExists: WorldRule = {
  name: "target-exists",
  holds: "A policy that a change brings selects a proxy that there is.",
  why:
    "One whose `targetRef` names nobody is taken without a word, and does nothing: what it was to permit stays denied " +
    "(Kiali's KIA1004 and Istio's IST0101 on references to what is not there).",
  remedy: "Compare its `targetRef` with the labels and tags of the proxies (`kumactl get dataplanes`).",
  *worldViolations(_, { resources, proxies }, touched) {
    for (const { key, resource } of resources) {
      if (!touched.has(key)) continue;
      const inMesh = proxies.filter(({ mesh }) => mesh === resource.mesh);
      const selects = selectorOf(at(resource.spec, "targetRef"));
      // a mesh without any proxy may get them later
      if (selects && inMesh.length > 0 && !inMesh.some(selects))
        yield {
          key,
          sentence: `${resource.type} ${resource.name} selects none of the ${inMesh.length} proxies of mesh ${resource.mesh}.`,
        };
    }
  },
};

/**
 * Whether a reference selects a proxy, for those kinds that can be told from the proxy alone (Kuma v2.14.3,
 * pkg/plugins/policies/core/matchers/dataplane.go); undefined for the others.
 */
function selectorOf(targetRef: unknown): ((proxy: Resource) => boolean) | undefined {
  const [kind, name] = [at(targetRef, "kind"), at(targetRef, "name")];
  const wanted = (path: string) => {
    const fields = at(targetRef, path);
    return isFields(fields) ? fields : {};
  };
  switch (kind) {
    case "Dataplane": {
      const labels = wanted("labels");
      if (Object.keys(labels).length > 0) return (proxy) => holds(proxy.labels, labels);
      return name === undefined
        ? undefined
        : (proxy) => [proxy.name, proxy.labels?.[DISPLAY_NAME_LABEL]].includes(String(name));
    }
    case "MeshSubset":
      return (proxy) => tagsOf(proxy).some((tags) => holds(tags, wanted("tags")));
    case "MeshService":
    case "MeshServiceSubset":
      return (proxy) =>
        tagsOf(proxy).some((tags) => holds(tags, { "kuma.io/service": name, ...wanted("tags") }));
    default:
      return undefined;
  }
}

function holds(given: unknown, wanted: Record<string, unknown>): boolean {
  return Object.entries(wanted).every(([key, value]) => isFields(given) && given[key] === value);
}

/** The tags of each of its inbounds, or of a gateway. */
function tagsOf({ networking }: Resource): unknown[] {
  const inbounds = listAt(networking, "inbound").map((each) => at(each, "tags"));
  const gateway = at(networking, "gateway.tags");
  return gateway === undefined ? inbounds : [...inbounds, gateway];
}

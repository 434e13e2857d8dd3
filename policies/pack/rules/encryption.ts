import type { ResourceRule, StackRule, Violation } from "../rule";
import type { Seen } from "../seen";
import { type MeshResource, at, isFields, isOff, listAt, meshResourcesIn } from "../seen";

/** The certificate backends of a mesh's mTLS. */
function backendsOf({ spec }: MeshResource): unknown[] {
  return listAt(spec, "mtls.backends");
}

export const meshMtls: StackRule = {
  name: "mesh-mtls",
  holds: "A mesh that a stack writes has mTLS, or a MeshIdentity.",
  why:
    "Calls between zones cross networks that are not the mesh's: without certificates they are in clear, and permissions do not " +
    "hold (Istio's IST0113, Kyverno's enforce-strict-mtls; kumahq/kuma#18331).",
  remedy: "Give the mesh `mtls.enabledBackend` with its backend, or a MeshIdentity beside it.",
  *stackViolations(resources): Iterable<Violation> {
    const written = resources.flatMap((each) =>
      [...meshResourcesIn(each)].map((policy) => ({ policy, urn: each.urn })),
    );
    const identities = written
      .filter(({ policy }) => policy.type === "MeshIdentity")
      .map(({ policy }) => policy.mesh);
    for (const { policy, urn } of written) {
      if (
        policy.type !== "Mesh" ||
        at(policy.spec, "mtls.enabledBackend") ||
        identities.includes(policy.name)
      )
        continue;
      yield { sentence: `${policy.title} has neither mTLS nor a MeshIdentity.`, urn };
    }
  },
};

export const mtlsStrict: ResourceRule = {
  name: "mtls-strict",
  holds: "mTLS is strict.",
  why:
    "Permissive takes calls without a certificate as well, from outside of the mesh too; it is for the time of a migration " +
    "(Kuma's documentation on mTLS and MeshTLS; Kyverno's enforce-strict-mtls).",
  remedy: "Set the mode to `STRICT` (of a MeshTLS `Strict`) as soon as all callers are in the mesh.",
  *violations(resource) {
    for (const policy of meshResourcesIn(resource)) {
      const isPermissive =
        policy.type === "Mesh"
          ? backendsOf(policy).some((each) => at(each, "mode") === "PERMISSIVE")
          : policy.type === "MeshTLS" && defaultsOf(policy).some((each) => at(each, "mode") === "Permissive");
      if (isPermissive) yield `${policy.title} takes calls without a certificate.`;
    }
  },
};

/** What a policy sets, by `from`, `to` and `rules`, and by itself. */
export function defaultsOf({ spec }: MeshResource): unknown[] {
  const entries = ["from", "to", "rules"].flatMap((part) => listAt(spec, part));
  return [...entries.map((each) => at(each, "default")), at(spec, "default")].filter(
    (each) => each !== undefined,
  );
}

export const passthroughOff: ResourceRule = {
  name: "passthrough-off",
  holds: "Proxies pass on only what the mesh knows.",
  why:
    "With passthrough a workload reaches any address past permissions, logs and the egress. It is on where a mesh does not say " +
    "otherwise (Kuma's documentation on MeshPassthrough; Istio's REGISTRY_ONLY).",
  remedy:
    "Set `networking.outbound.passthrough` of the mesh to false, and name what is needed in a MeshPassthrough.",
  *violations(resource) {
    for (const policy of meshResourcesIn(resource)) {
      if (policy.type === "Mesh" && !isOff(at(policy.spec, "networking.outbound.passthrough")))
        yield `${policy.title} lets every address through.`;
      if (policy.type === "MeshPassthrough" && at(policy.spec, "default.passthroughMode") === "All")
        yield `${policy.title} lets every address through.`;
    }
  },
};

/** Whether a reference stands for the whole mesh, which is what a missing one means. */
export function isWholeMesh(targetRef: unknown): boolean {
  if (targetRef === undefined || targetRef === null) return true;
  const kind = at(targetRef, "kind");
  if (kind === "Mesh") return true;
  const labels = at(targetRef, "labels");
  const tags = at(targetRef, "tags");
  const picks = [labels, tags].some((each) => isFields(each) && Object.keys(each).length > 0);
  // by labels or tags of which it names none
  return (kind === "Dataplane" || kind === "MeshSubset") && !picks && !at(targetRef, "name");
}

/** Whether a policy is for all proxies of its mesh. */
export function isForWholeMesh(policy: MeshResource): boolean {
  return isWholeMesh(at(policy.spec, "targetRef")) && !policy.isOfNamespace();
}

/** What the policies of a resource permit, or deny, to everybody: the titles of those that do. */
function* permissionsForAll(resource: Seen, does: "Allow" | "Deny"): Iterable<MeshResource> {
  for (const policy of meshResourcesIn(resource)) {
    const { type, spec } = policy;
    if (type === "TrafficPermission" && does === "Allow") {
      const isAny = (list: string) => listAt(spec, list).some(anyService);
      if (isAny("sources") && isAny("destinations")) yield policy;
    }
    if (type !== "MeshTrafficPermission" || !isForWholeMesh(policy)) continue;
    const from = listAt(spec, "from").some(
      (each) => isWholeMesh(at(each, "targetRef")) && at(each, "default.action") === does,
    );
    const list = does === "Allow" ? "default.allow" : "default.deny";
    const rules = listAt(spec, "rules").some((each) => listAt(each, list).some(matchesAll));
    if (from || rules) yield policy;
  }
}

function anyService(selector: unknown): boolean {
  const match = at(selector, "match");
  return isFields(match) && match["kuma.io/service"] === "*";
}

/** Every workload's identity begins with the scheme; a match with nothing in it is for all of them. */
function matchesAll(match: unknown): boolean {
  const identity = at(match, "spiffeID");
  if (identity === undefined) return isFields(match) && Object.keys(match).length === 0;
  return at(identity, "type") === "Prefix" && /^(spiffe:\/\/)?$/.test(String(at(identity, "value")));
}

export const permissionNarrow: ResourceRule = {
  name: "permission-narrow",
  holds: "No permission lets everything call everything.",
  why:
    "With one a workload that is taken over reaches all others, in every zone (Kiali's KIA1301, Kyverno's " +
    "require-authorizationpolicy).",
  remedy: "Permit callers by service: a MeshTrafficPermission for each, with a `targetRef` and who may call.",
  *violations(resource) {
    for (const { title } of permissionsForAll(resource, "Allow"))
      yield `${title} lets everything call everything.`;
  },
};

export const permissionNotDeniedToAll: ResourceRule = {
  name: "permission-not-denied-to-all",
  holds: "No permission denies every call in a mesh.",
  why: "A deny wins over every allow, so that all calls of the mesh fail in every zone at once (Kuma's documentation on MeshTrafficPermission).",
  remedy: "Leave it out: with mTLS what nothing permits is denied anyway.",
  *violations(resource) {
    for (const { title } of permissionsForAll(resource, "Deny")) yield `${title} denies every call.`;
  },
};

import { ControlPlane } from "../api/client";
import {
  OnConflict,
  authorityChoice,
  choiceFor,
  identityChoice,
  identityOfAuthority,
  meshOfAuthority,
} from "./conflicts";
import { describeDifferences } from "../resource/difference";
import type { ZoneExport } from "./export";
import { KnownTypes, knownTypes } from "../api/knownTypes";
import { shortened } from "../lists";
import { beforeItsSecrets } from "../resource/mesh";
import { endsMtls, mayEndMtls } from "../resource/meshEncryption";
import {
  Resource,
  SYNC_LABEL,
  countByType,
  digest,
  isSecret,
  isSyncDisabled,
  keyOf,
  sameContent,
} from "../resource/resource";
import { isGenerated, isGeneratedWithMesh } from "../api/resourceTypes";
import { plural } from "../plural";

export type Action =
  /** Not on the global. */
  | "create"
  /** On the global with the same content. */
  | "same"
  /** A secret that the global made for itself at its first start, and that is replaced by the zone's. */
  | "replaceGenerated"
  /** On the global with other content, and the user chose that the zone's wins. */
  | "overwrite"
  /** On the global with other content, and the user chose to leave that. */
  | "keepGlobal"
  /** On the global with other content, and the user has to choose. */
  | "conflict";

export interface PlannedResource {
  key: string;
  action: Action;
  resource: Resource;
  /** What the global has now; never to be shown as it is. */
  existing?: Resource;
  /** The mesh to whose certificate authority it belongs, where the global has another one. */
  authority?: string;
  /** The key of the MeshIdentity whose authority it holds, where the global has another one. */
  identity?: string;
  /** Zones of the stack that join earlier and bring it with other content, and the one that this plan is of. */
  rivals?: Rival[];
  zone?: string;
}

/** One content, and the zones that bring it. */
export interface Rival {
  zones: string[];
  resource: Resource;
}

export interface Plan {
  resources: PlannedResource[];
}

export function isWrite({ action }: PlannedResource): boolean {
  return action === "create" || action === "replaceGenerated" || action === "overwrite";
}

/** What the global holds once the plan is carried out; what is left as it is there, is the global's. */
export function wantedOnGlobal({ resources }: Plan): Resource[] {
  return resources.map(({ action, resource, existing }) =>
    action === "keepGlobal" && existing ? existing : resource,
  );
}

/** Everything that the global holds of the given types, by key: one list a type. */
export async function readGlobal(
  global: ControlPlane,
  typeNames: Iterable<string>,
): Promise<{ existing: Map<string, Resource>; types: KnownTypes }> {
  const types = await knownTypes(global);
  const wanted = [...new Set(typeNames)].flatMap((name) => types.get(name) ?? []);
  const lists = await Promise.all(wanted.map((type) => global.list(type)));
  return { existing: new Map(lists.flat().map((resource) => [keyOf(resource), resource])), types };
}

/**
 * Compares what is carried with what the global has.
 *
 * Secrets that every control plane generates differ on every new global. They give way to the zone's as long as
 * nothing depends on them: no zone has joined, and the global has nothing that the zone did not bring. So do those that
 * the global made for a mesh when an earlier run wrote it and was cut short.
 */
export function planFederation(
  carried: readonly Resource[],
  existing: ReadonlyMap<string, Resource>,
  options: {
    onConflict: OnConflict;
    zones: readonly string[];
    /** Meshes on the global that have data plane proxies; all of them where that is not known. */
    meshesInUse?: ReadonlySet<string>;
    /** Those of both sides: a secret may hold the authority of one. */
    identities?: readonly Resource[];
    /** Keys of what other zones bring before: a secret of theirs is none that the global made for itself. */
    brought?: ReadonlySet<string>;
  },
): Plan {
  const carriedKeys = new Set(carried.map(keyOf));
  const meshes = [...carried, ...existing.values()].filter(({ type }) => type === "Mesh");
  const foreignMesh = [...existing.values()].some((r) => r.type === "Mesh" && !carriedKeys.has(keyOf(r)));
  const globalIsNew = options.zones.length === 0 && !foreignMesh;
  const carriedMeshes = new Map(carried.flatMap((r) => (r.type === "Mesh" ? [[r.name, r]] : [])));
  const givesWay = (resource: Resource, there: Resource) => {
    if (options.brought?.has(keyOf(resource))) return false;
    if (isGenerated(resource)) return globalIsNew;
    if (!isGeneratedWithMesh(resource) || resource.mesh === undefined) return false;
    const [mesh, wanted] = [existing.get(`Mesh ${resource.mesh}`), carriedMeshes.get(resource.mesh)];
    const leftByEarlierRun = mesh !== undefined && wanted !== undefined && sameContent(mesh, wanted);
    const inUse = options.meshesInUse?.has(resource.mesh) ?? options.zones.length > 0;
    return leftByEarlierRun && !inUse && there.modificationTime === there.creationTime;
  };
  return {
    resources: carried.map((resource) => {
      const key = keyOf(resource);
      const there = existing.get(key);
      const planned = { key, resource, existing: there };
      if (!there) return { ...planned, action: "create" };
      if (sameContent(resource, there)) return { ...planned, action: "same" };
      // left by a run that ended before the secrets of the mesh were there
      const first = beforeItsSecrets(resource);
      if (first && sameContent(first, there)) return { ...planned, action: "create" };
      if (givesWay(resource, there)) return { ...planned, action: "replaceGenerated" };
      const authority = meshOfAuthority(resource, there, meshes);
      const { onConflict, identities = [] } = options;
      const identity = identityOfAuthority(resource, identities);
      const choice =
        authority !== undefined
          ? authorityChoice(authority, onConflict)
          : identity !== undefined
            ? identityChoice(resource, identity, onConflict)
            : choiceFor(resource, onConflict);
      const isOpen =
        choice === "fail" || (endsMtls(choice, resource, there) && !mayEndMtls(resource.name, onConflict));
      return {
        ...planned,
        authority,
        ...(identity !== undefined && { identity }),
        action: isOpen ? "conflict" : choice,
      };
    }),
  };
}

/** A global that is yet to be made will have made its own secrets by then. */
export function planForNewGlobal(carried: readonly Resource[]): Plan {
  const resources = carried.map((resource) => {
    const action = isGenerated(resource) ? ("replaceGenerated" as const) : ("create" as const);
    return { key: keyOf(resource), resource, action };
  });
  return { resources };
}

/** Lists at most so many resources in one message; a list of thousands helps nobody. */
const MOST_LISTED = 50;

const ACTION_WORDS: Record<Action, string> = {
  create: "create",
  same: "same",
  replaceGenerated: "replace (generated by the new global)",
  overwrite: "overwrite",
  keepGlobal: "keep the global's",
  conflict: "conflict",
};

/** The plan for people: every resource that is not the same on both sides, by type, mesh and name. */
export function describePlan(
  plan: Plan,
  exported: ZoneExport,
  zoneName: string,
  { withEarlier = false } = {},
): string {
  const changes = plan.resources.filter(({ action }) => action !== "same");
  const lines = changes.map((change) => {
    const detail = detailOf(change);
    return `  ${ACTION_WORDS[change.action]}: ${change.key}${detail === undefined ? "" : ` (${detail})`}`;
  });
  const same = plan.resources.length - changes.length;
  return [
    `zone ${zoneName}: ${plural(plan.resources.length, "resource")} to carry to the global, ${same} of them there already${withEarlier ? ", or come with a zone that joins earlier" : ""}`,
    ...(changes.length > MOST_LISTED ? countedByType(changes) : []),
    ...shortened(lines, MOST_LISTED, (left) => `  and ${left} more (preview --diff lists all)`),
    `  ${exported.kept.length} resources that the zone owns stay in it, and are copied to the global by the control planes`,
    ...shortened(
      exported.kept
        .filter(isSyncDisabled)
        .map((each) => `  stays in the zone alone: ${keyOf(each)} (label ${SYNC_LABEL})`),
      MOST_LISTED,
      (left) => `  and ${left} more stay in it alone`,
    ),
    ...exported.leftOut.map(({ key, reason }) => `  left out: ${keyOf(key)} (${reason})`),
  ].join("\n");
}

/** What nobody reads name by name. */
function countedByType(changes: readonly PlannedResource[]): string[] {
  const actions = (Object.keys(ACTION_WORDS) as Action[]).filter((each) =>
    changes.some(({ action }) => action === each),
  );
  return actions.map((each) => {
    const concerned = changes.filter(({ action }) => action === each);
    const counts = Object.entries(countByType(concerned.map(({ key }) => key)));
    return `  ${ACTION_WORDS[each]} ${concerned.length}: ${counts.map(([type, count]) => `${count} ${type}`).join(", ")}`;
  });
}

/** What is told of a resource beside its name: where it differs, or the digest of a secret. */
export function detailOf(planned: PlannedResource): string | undefined {
  const { action, resource } = planned;
  if (action === "overwrite" || action === "keepGlobal" || action === "conflict")
    return describeDifferences(planned).join("; ");
  return isSecret(resource) ? digest(resource) : undefined;
}

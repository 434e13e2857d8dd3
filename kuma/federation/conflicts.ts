import { fits } from "../pattern";
import { builtinSecretNames } from "../resource/mesh";
import { Resource, ResourceKey, canonicalJson, displayName, keyOf } from "../resource/resource";
import { isMeshKey } from "../api/resourceTypes";

/** What to do about a resource that the global has with other content. */
export type ConflictChoice = "fail" | "keepGlobal" | "overwrite";
export const ON_CONFLICT: readonly ConflictChoice[] = ["fail", "keepGlobal", "overwrite"];

export interface ConflictRule {
  /** Matched with a resource's key, `Type mesh/name` or `Type name`; `*` stands for any text. */
  resources: string;
  choice: ConflictChoice;
  /** In a rule that names a mesh (`Mesh default`): its mTLS may end by the choice. */
  endsMtls?: boolean;
}

/** One choice for everything, or rules of which the first that fits decides; what no rule fits is a conflict. */
export type OnConflict = ConflictChoice | readonly ConflictRule[];

/** What the stack says of a resource whose content differs. */
export function choiceFor(key: ResourceKey, onConflict: OnConflict): ConflictChoice {
  if (typeof onConflict === "string") return onConflict;
  return onConflict.find(({ resources }) => fits(resources, keyOf(key)))?.choice ?? "fail";
}

/**
 * What the stack says of a mesh whose certificate authority is another one on the global. Only a rule that names the
 * mesh (`Mesh default`) counts, never a wildcard or a choice for everything: workloads whose certificates come from two
 * authorities do not trust each other.
 */
export function authorityChoice(mesh: string, onConflict: OnConflict): ConflictChoice {
  if (typeof onConflict === "string") return "fail";
  return onConflict.find(({ resources }) => resources === `Mesh ${mesh}`)?.choice ?? "fail";
}

/**
 * What the stack says of a secret that holds the authority of a MeshIdentity, where the global has another one. Only a rule
 * that names the one or the other counts, for the same reason.
 */
export function identityChoice(key: ResourceKey, identity: string, onConflict: OnConflict): ConflictChoice {
  if (typeof onConflict === "string") return "fail";
  const names = [keyOf(key), identity];
  return onConflict.find(({ resources }) => names.includes(resources))?.choice ?? "fail";
}

/**
 * The mesh whose authority two resources of one key belong to; undefined when they belong to none. They are: a mesh
 * with other mTLS backends, the secrets that its backends name, and the keys that its data plane proxies' tokens are
 * signed with. `meshes` are those of both sides.
 */
export function meshOfAuthority(
  resource: Resource,
  existing: Resource,
  meshes: readonly Resource[],
): string | undefined {
  if (resource.type === "Mesh") {
    return canonicalJson(authorities(resource)) === canonicalJson(authorities(existing))
      ? undefined
      : resource.name;
  }
  if (resource.type !== "Secret") return undefined;
  const own = meshes.filter(({ name }) => name === resource.mesh);
  const isNamed = own.some((mesh) => authoritySecrets(mesh).includes(resource.name));
  return isNamed || isMeshKey(resource) ? resource.mesh : undefined;
}

/** The key of the MeshIdentity whose authority a secret holds; undefined when it holds none. */
export function identityOfAuthority(
  { type, mesh, name }: Resource,
  identities: readonly Resource[],
): string | undefined {
  if (type !== "Secret") return undefined;
  const identity = identities.find((each) => each.mesh === mesh && identitySecrets(each).includes(name));
  return identity && keyOf({ ...identity, name: displayName(identity) });
}

/** Kuma v2.14.3, meshidentity/providers/bundled: named by the identity, or after it where the authority is generated. */
function identitySecrets(identity: Resource): string[] {
  const { provider } = (identity.spec ?? {}) as { provider?: { bundled?: Bundled } };
  const { certificate, privateKey } = provider?.bundled?.ca ?? {};
  const given = [certificate, privateKey].flatMap((source) => source?.secretRef?.name ?? []);
  const name = displayName(identity);
  return [`${name}-root-ca`, `${name}-private-key`, ...given];
}

interface Bundled {
  ca?: Partial<Record<"certificate" | "privateKey", { secretRef?: { name?: string } }>>;
}

/** What decides which authorities a mesh has, and which of them is in force. */
export function authorities(mesh: Resource): { enabledBackend?: string; backends: MtlsBackend[] } {
  const { enabledBackend, backends = [] } = (mesh.mtls ?? {}) as Partial<ReturnType<typeof authorities>>;
  return { enabledBackend, backends: backends.map(({ name, type, conf }) => ({ name, type, conf })) };
}

/** Names of the secrets that hold a mesh's certificate authorities. */
export function authoritySecrets(mesh: Resource): string[] {
  return authorities(mesh).backends.flatMap(({ name, type, conf }) => {
    const { cert, key } = builtinSecretNames(mesh.name, name);
    return type === "builtin"
      ? [cert, key]
      : [conf?.cert?.secret, conf?.key?.secret].filter((secret) => secret !== undefined);
  });
}

interface MtlsBackend {
  name: string;
  type: string;
  conf?: { cert?: { secret?: string }; key?: { secret?: string } };
}

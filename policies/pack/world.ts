import { ORIGIN_LABEL, type Resource, ZONE_LABEL, keyOf } from "../../kuma";
import { type MeshResource, ofUniversal } from "./seen";

/** A resource of a mesh where it is in force. */
export interface Located {
  key: string;
  /** The global, or a zone that owns it. */
  at: string;
  resource: Resource;
  /** The stack's files hold it: the pack has looked at it already. */
  isWritten?: true;
}

/** What is in force, before a change or after it. */
export interface World {
  resources: readonly Located[];
  /** Of all zones that are known. */
  proxies: readonly Resource[];
}

/** What a zone is to bring to a global, and what it goes on owning. */
export interface JoiningZone {
  zoneName: string;
  brought: readonly { resource: Resource; overwrites: boolean }[];
  kept: readonly Resource[];
}

/** What is known of a global and of what a stack changes there. */
export interface Parts {
  onGlobal: readonly Resource[];
  joining: readonly JoiningZone[];
  /** The stack's own policies. */
  written: { before: readonly Resource[]; after: readonly Resource[] };
}

const PROXY = "Dataplane";
/** Where a resource is in force that no zone owns. */
export const GLOBAL = "the global";

/** The world before a change and after it, and the keys of what the change touches. */
export function worldsOf({ onGlobal, joining, written }: Parts): {
  before: World;
  after: World;
  touched: ReadonlySet<string>;
} {
  const proxies = [
    ...onGlobal.filter(isProxy),
    ...joining.flatMap(({ zoneName, kept }) => kept.filter(isProxy).map((each) => ofZone(each, zoneName))),
  ];
  const before = new Map<string, Located>();
  const add = (world: Map<string, Located>, resource: Resource, more: Partial<Located> = {}) => {
    const located = { key: keyOf(resource), at: whereIs(resource), resource, ...more };
    world.set(`${located.at} ${located.key}`, located);
  };
  for (const each of onGlobal) if (!isProxy(each)) add(before, each);
  const seenByOthers = joining.flatMap((zone) => newToOthers(zone, proxies));
  const seen = new Set(seenByOthers.map(({ resource }) => resource));
  for (const { zoneName, kept, brought } of joining) {
    const at = `zone ${zoneName}`;
    for (const each of kept) if (!isProxy(each)) add(before, each, { at });
    // nobody but the zone's own proxies sees it, and these have it already
    for (const { resource } of brought) if (!seen.has(resource)) add(before, resource, { at });
  }
  const after = new Map(before);
  const touched = new Set<string>();
  const wanted = new Set(written.after.map(keyOf));
  for (const each of written.before) {
    if (!wanted.has(keyOf(each))) after.delete(`${GLOBAL} ${keyOf(each)}`);
  }
  for (const { zoneName, resource } of seenByOthers) {
    touched.add(keyOf(resource));
    // one that is handed over is no longer the zone's
    after.delete(`zone ${zoneName} ${keyOf(resource)}`);
    add(after, resource, { at: GLOBAL });
  }
  const known = new Map(written.before.map((each) => [keyOf(each), JSON.stringify(each)]));
  for (const each of written.after) {
    if (known.get(keyOf(each)) !== JSON.stringify(each)) touched.add(keyOf(each));
    add(after, each, { at: GLOBAL, isWritten: true });
  }
  return {
    before: { resources: [...before.values()], proxies },
    after: { resources: [...after.values()], proxies },
    touched,
  };
}

/** What others than the zone's own proxies see for the first time: the global's content gives way, or they are in the mesh. */
function newToOthers(
  { zoneName, brought }: JoiningZone,
  proxies: readonly Resource[],
): { zoneName: string; resource: Resource }[] {
  const others = proxies.filter(({ labels }) => labels?.[ZONE_LABEL] !== zoneName);
  const meshes = new Set(others.map(({ mesh }) => mesh));
  return brought
    .filter(({ resource: { mesh }, overwrites }) => overwrites || (mesh !== undefined && meshes.has(mesh)))
    .map(({ resource }) => ({ zoneName, resource }));
}

function isProxy({ type }: Resource): boolean {
  return type === PROXY;
}

/** As its copy on the global is labelled. */
function ofZone(resource: Resource, zoneName: string): Resource {
  return { ...resource, labels: { ...resource.labels, [ZONE_LABEL]: zoneName } };
}

/** A global has copies of what zones own. */
function whereIs({ labels }: Resource): string {
  const zone = labels?.[ZONE_LABEL];
  return labels?.[ORIGIN_LABEL] === "zone" && zone !== undefined ? `zone ${zone}` : GLOBAL;
}

/** The resources of some types in the form in which rules look at them. */
export function ofTypes({ resources }: World, ...types: string[]): (MeshResource & { key: string })[] {
  return resources
    .filter(({ resource }) => types.includes(resource.type))
    .map(({ key, resource }) => ({ key, ...ofUniversal(resource) }));
}

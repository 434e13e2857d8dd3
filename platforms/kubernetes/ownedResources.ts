import {
  ControlPlane,
  KumaError,
  NAMESPACE_LABEL,
  ORIGIN_LABEL,
  Resource,
  ResourceType,
  enumerated,
  isKumaError,
  isMadeOfProxies,
  isOwnedByZone,
  keyOf,
  knownTypes,
  sameContent,
  sanitize,
} from "../../kuma";
import { ZoneRecord, packRecord, recordWithoutSecrets, unpackRecord } from "../../kuma/ledger";
import { inParallel } from "../../kuma/parallel";
import { until } from "../../kuma/until";

/**
 * What a zone in a cluster was when it was looked at last. What it owns in a mesh goes with the mesh, as Kubernetes deletes
 * what names a deleted object as its owner (Kuma v2.14.3, pkg/plugins/runtime/k8s/webhooks/owner_reference_mutator.go): a
 * mesh that was made at another moment than before is one that was lost, and has come back without that.
 */
export interface KnownZone {
  record: ZoneRecord;
  /** The meshes, each with the moment (RFC 3339) at which it was made. */
  meshes: Record<string, string>;
}

/** The same for the state. It holds no secrets of Kuma's, though policies may hold some. */
export interface PackedZone {
  record: string;
  meshes: Record<string, string>;
}

export function packZone({ record, meshes }: KnownZone): PackedZone {
  return { record: packRecord(record), meshes };
}

export function unpackZone({ record, meshes }: PackedZone): KnownZone {
  return { record: unpackRecord(record), meshes };
}

export async function lookAtZone(zone: ControlPlane, zoneName: string): Promise<KnownZone> {
  // before the rest: what is made while it is read counts as lost rather than as kept
  const meshes = await meshesIn(zone);
  return { record: await recordWithoutSecrets(zone, zoneName), meshes };
}

async function meshesIn(controlPlane: ControlPlane): Promise<Record<string, string>> {
  const meshes = await listOf(controlPlane, (await knownTypes(controlPlane)).get("Mesh"));
  return Object.fromEntries(meshes.map(({ name, creationTime }) => [name, String(creationTime ?? "")]));
}

async function listOf(controlPlane: ControlPlane, type: ResourceType | undefined): Promise<Resource[]> {
  return type ? controlPlane.list(type) : [];
}

/** Proxies and services are made of pods and Services, and made again by a control plane that starts. */
function isOwned(resource: Resource): boolean {
  const isOfPods = resource.type === "Dataplane" || isMadeOfProxies(resource);
  return resource.mesh !== undefined && isOwnedByZone(resource) && !isOfPods;
}

function ownedIn({ record }: KnownZone, meshes?: readonly string[]): Resource[] {
  const isIn = ({ mesh }: Resource) => meshes === undefined || meshes.includes(mesh ?? "");
  return record.resources.filter((each) => isOwned(each) && isIn(each));
}

type Meshes = Pick<KnownZone, "meshes">;

/** Meshes that are not the ones that they were: gone, or recreated. */
function otherMeshes(before: Meshes, now: Meshes): string[] {
  return Object.keys(before.meshes).filter((name) => now.meshes[name] !== before.meshes[name]);
}

/** Meshes that were lost and are back, without what the zone owned in them. */
export function meshesAnew(before: Meshes, now: Meshes): string[] {
  return otherMeshes(before, now).filter((name) => name in now.meshes);
}

/** What is to be known from now on: of a mesh that is gone it stays what it was, for the day on which it is back. */
export function remembered(before: KnownZone | undefined, now: KnownZone): KnownZone {
  const gone = before ? otherMeshes(before, now).filter((name) => !(name in now.meshes)) : [];
  if (!before || gone.length === 0) return now;
  const meshes = Object.fromEntries(gone.map((name) => [name, before.meshes[name]]));
  const resources = [...now.record.resources, ...ownedIn(before, gone)];
  return { record: { ...now.record, resources }, meshes: { ...now.meshes, ...meshes } };
}

/** Whether the zone owns other things than before, or lost a mesh and has it back. */
export function isOutdated(before: KnownZone, now: KnownZone): boolean {
  const next = remembered(before, now);
  const [known, found] = [before, next].map((each) => new Map(ownedIn(each).map((one) => [keyOf(one), one])));
  return (
    meshesAnew(before, now).length > 0 ||
    Object.keys(next.meshes).some((name) => !(name in before.meshes)) ||
    known.size !== found.size ||
    [...known].some(([key, each]) => {
      const there = found.get(key);
      return there === undefined || !sameContent(each, there);
    })
  );
}

/** Milliseconds for meshes to arrive from the global. */
const MESHES_DEADLINE_MS = 60_000;

/** Waits until the zone has every mesh that it had before and that its global has. Gives the meshes that are there then. */
export async function untilMeshesThere(
  before: KnownZone,
  zone: ControlPlane,
  global: ControlPlane,
): Promise<Meshes> {
  const look = () => Promise.all([meshesIn(zone), meshesIn(global)]);
  const [meshes] = await until(look, {
    deadlineMs: MESHES_DEADLINE_MS,
    everyMs: 250,
    signal: zone.address.signal,
    isThere: ([there, sent]) => !Object.keys(before.meshes).some((name) => name in sent && !(name in there)),
  });
  return { meshes };
}

/**
 * Puts back what a zone owned in meshes that are back, as it was known; what has its name there is what the control plane
 * makes for a mesh that is new. All of it is tried, and what cannot be written is named.
 */
export async function putBackOwned(
  before: KnownZone,
  zone: ControlPlane,
  meshes: readonly string[],
): Promise<string[]> {
  const { zone: zoneName } = before.record;
  const owned = ownedIn(before, meshes);
  const types = await knownTypes(zone);
  // nothing else is read, as proxies meet the mesh without its permissions meanwhile
  const names = new Set(owned.map(({ type }) => type));
  const lists = await Promise.all([...names].map((name) => listOf(zone, types.get(name))));
  const there = new Map(lists.flat().map((each) => [keyOf(each), each]));
  const wanted = owned.filter((each) => {
    const found = there.get(keyOf(each));
    return !found || !sameContent(each, found);
  });
  const failed = new Map<string, string>();
  await inParallel(wanted, zone.concurrency, async (each) => {
    const type = types.get(each.type);
    try {
      if (type) await zone.put(type, asWritten(each), { overwrite: true });
      else failed.set(keyOf(each), "the control plane does not know its type");
    } catch (error) {
      if (!isKumaError(error)) throw error;
      failed.set(keyOf(each), error.message);
    }
  });
  if (failed.size === 0) return wanted.map(keyOf);
  const [[, reason]] = failed;
  throw new KumaError(
    "incomplete",
    `Zone ${zoneName} has mesh ${enumerated(meshes)} again, and not all that it owned there could be put back. Missing or different in the zone: ` +
      `${enumerated([...failed.keys()], 20)} (${reason}). The state keeps what they were: mend the cause and run it again.`,
  );
}

/** As its owner wrote it, in its namespace; a member wants to be told that it is the zone's. */
function asWritten(resource: Resource): Resource {
  const clean = sanitize(resource, "kubernetes");
  const namespace = resource.labels?.[NAMESPACE_LABEL];
  const labels = { ...clean.labels, [ORIGIN_LABEL]: "zone" };
  return { ...clean, labels: namespace === undefined ? labels : { ...labels, [NAMESPACE_LABEL]: namespace } };
}

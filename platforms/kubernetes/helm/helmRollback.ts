import { KumaError, canonicalJson } from "../../../kuma";
import { objectIn, objectsIn, valueAt } from "../../../kuma/api/json";
import { urlPath } from "../../../kuma/resource/names";
import { Unreadable, readYaml } from "../../../kuma/policies/yaml";
import { type KubernetesCluster, type KubernetesObject, MERGE_PATCH } from "../cluster";
import { kdsAddressOf } from "./federationValues";
import { StoredRelease, decode, encode, revisionsOf } from "./helmRelease";

/** A release of Helm's. */
export interface ReleasePlace {
  namespace: string;
  name: string;
  /** Under which the values of Kuma's chart stand, in an umbrella chart. */
  valuesKey?: string;
}

/** Revisions that were in force once (Helm v3, pkg/release/status.go). */
const WERE_IN_FORCE = ["deployed", "superseded"];
/** An object with it outlives its release. */
const KEEP = { annotation: "helm.sh/resource-policy", value: "keep" };

/** The last revision with which the zone ran alone before the one that is in force now; undefined where Helm has kept none. */
export async function lastAlone(
  cluster: KubernetesCluster,
  { namespace, name, valuesKey }: ReleasePlace,
): Promise<number | undefined> {
  const [latest, ...others] = await storedRevisions(cluster, namespace, name);
  const alone = others.find(
    ({ info, chart, config = {} }) =>
      WERE_IN_FORCE.includes(info.status) &&
      chart.metadata.name === latest.chart.metadata.name &&
      kdsAddressOf(config, valuesKey) === undefined,
  );
  return alone?.version;
}

/**
 * Gives a release the objects of an earlier revision, certificates among them, and notes that as its next revision, as
 * "helm rollback" does (Helm v3, pkg/action/rollback.go). Objects that are the same in both are not touched, and of the
 * others only the fields that differ; lists are taken as wholes. The note comes last: cut short before, it can be called
 * again.
 */
export async function rollBack(
  cluster: KubernetesCluster,
  { namespace, name }: ReleasePlace,
  revision: number,
): Promise<void> {
  const revisions = await storedRevisions(cluster, namespace, name);
  const [latest] = revisions;
  const former = revisions.find(({ version }) => version === revision);
  if (latest === undefined || former === undefined) {
    throw new KumaError(
      "notFound",
      `Release ${name} in namespace ${namespace} of the cluster of context ${cluster.context} has no revision ${revision}. Nothing was changed.`,
    );
  }
  const paths = new ObjectPaths(cluster, namespace);
  const [now, wanted] = [latest, former].map((each) => objectsOf(each, name));
  for (const [key, object] of wanted) await change(cluster, paths, now.get(key), object);
  for (const [key, object] of now)
    if (!wanted.has(key)) await remove(cluster, await paths.of(object), object);
  await note(cluster, namespace, name, latest, former);
}

async function storedRevisions(cluster: KubernetesCluster, namespace: string, name: string) {
  return (await revisionsOf(cluster, namespace, name)).map(({ data }) => decode(data?.release));
}

/** In the order in which Helm makes them: what others need comes first. */
function objectsOf({ manifest = "", version }: StoredRelease, name: string): Map<string, KubernetesObject> {
  let documents: unknown[];
  try {
    documents = readYaml(Buffer.from(manifest));
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new KumaError(
      "invalid",
      `The objects of revision ${version} of release ${name} cannot be read: ${error.reason}.`,
    );
  }
  const objects = objectsIn(documents.filter((each) => each !== null)) as unknown as KubernetesObject[];
  return new Map(
    objects.map((each) => {
      const { apiVersion, kind, metadata } = each;
      return [canonicalJson([apiVersion, kind, metadata.namespace ?? "", metadata.name]), each];
    }),
  );
}

/** Where objects of any kind are served. */
class ObjectPaths {
  private readonly kinds = new Map<string, Map<string, { plural: string; namespaced: boolean }>>();

  constructor(
    private readonly cluster: KubernetesCluster,
    /** Of what names none. */
    private readonly namespace: string,
  ) {}

  async of({ apiVersion, kind, metadata }: KubernetesObject): Promise<{ all: string; one: string }> {
    const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const found = (await this.kindsOf(group)).get(kind);
    if (!found) {
      throw new KumaError(
        "refused",
        `The cluster of context ${this.cluster.context} knows no ${kind} of ${apiVersion}, which the release had.`,
      );
    }
    const scope = found.namespaced ? urlPath`/namespaces/${metadata.namespace ?? this.namespace}` : "";
    const all = group + scope + urlPath`/${found.plural}`;
    return { all, one: all + urlPath`/${metadata.name}` };
  }

  private async kindsOf(group: string) {
    const known = this.kinds.get(group);
    if (known) return known;
    const resources = objectsIn(valueAt(await this.cluster.get(group), "resources"));
    const kinds = new Map(
      resources.flatMap(({ name, kind, namespaced }) =>
        typeof name === "string" && typeof kind === "string" && !name.includes("/")
          ? [[kind, { plural: name, namespaced: namespaced === true }] as const]
          : [],
      ),
    );
    this.kinds.set(group, kinds);
    return kinds;
  }
}

async function change(
  cluster: KubernetesCluster,
  paths: ObjectPaths,
  now: KubernetesObject | undefined,
  wanted: KubernetesObject,
): Promise<void> {
  if (now && canonicalJson(now) === canonicalJson(wanted)) return;
  const { all, one } = await paths.of(wanted);
  const patch = mergePatch(now ?? {}, wanted);
  const patched = await cluster.request("PATCH", one, patch, MERGE_PATCH);
  const response = patched.status === 404 ? await cluster.request("POST", all, wanted) : patched;
  if (response.status >= 300) throw cluster.failure(response, nameOf(wanted), shown(wanted));
}

async function remove(
  cluster: KubernetesCluster,
  { one }: { one: string },
  object: KubernetesObject,
): Promise<void> {
  if (object.metadata.annotations?.[KEEP.annotation] === KEEP.value) return;
  const response = await cluster.request("DELETE", one, { propagationPolicy: "Background" });
  if (response.status >= 300 && response.status !== 404)
    throw cluster.failure(response, nameOf(object), shown(object));
}

function nameOf({ kind, metadata: { namespace, name } }: KubernetesObject): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

function shown(object: KubernetesObject) {
  return { withMessage: object.kind !== "Secret", sent: object };
}

/** What makes of the one the other (RFC 7396). */
export function mergePatch(from: unknown, to: Record<string, unknown>): Record<string, unknown> {
  const there = objectIn(from) ?? {};
  const gone = Object.keys(there).filter((key) => !(key in to));
  const changed = Object.entries(to).filter(
    ([key, value]) => canonicalJson(there[key] ?? null) !== canonicalJson(value),
  );
  return Object.fromEntries([
    ...gone.map((key) => [key, null] as const),
    ...changed.map(([key, value]) => {
      const inner = objectIn(value);
      return [key, inner ? mergePatch(there[key], inner) : value] as const;
    }),
  ]);
}

async function note(
  cluster: KubernetesCluster,
  namespace: string,
  name: string,
  latest: StoredRelease,
  former: StoredRelease,
): Promise<void> {
  const secrets = urlPath`/api/v1/namespaces/${namespace}/secrets`;
  const at = new Date().toISOString();
  const version = latest.version + 1;
  const info = {
    ...{ ...former.info, first_deployed: latest.info.first_deployed, last_deployed: at },
    ...{ status: "deployed", description: `Rollback to ${former.version}` },
  };
  const labels = { name, owner: "helm", status: "deployed", version: String(version) };
  const secret = {
    ...{ apiVersion: "v1", kind: "Secret", type: "helm.sh/release.v1" },
    metadata: { name: `sh.helm.release.v1.${name}.v${version}`, namespace, labels },
    data: { release: encode({ ...former, version, info }) },
  };
  const made = await cluster.request("POST", secrets, secret);
  if (made.status >= 300) throw cluster.failure(made, nameOf(secret), { withMessage: false });
  const superseded = { ...latest, info: { ...latest.info, status: "superseded" } };
  const patch = {
    metadata: { labels: { status: "superseded" } },
    data: { release: encode(superseded) },
  };
  const before = urlPath`/sh.helm.release.v1.${name}.v${String(latest.version)}`;
  const noted = await cluster.request("PATCH", secrets + before, patch, MERGE_PATCH);
  if (noted.status >= 300) throw cluster.failure(noted, "The former revision", { withMessage: false });
}

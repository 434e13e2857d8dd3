import {
  ControlPlane,
  KumaError,
  NAMESPACE_LABEL,
  ORIGIN_LABEL,
  PutOptions,
  Resource,
  ResourceKey,
  ResourceType,
  isSecret,
  keyOf,
  sameKey,
} from "../../kuma";
import { HttpOptions, HttpResponse } from "../../kuma/api/http/transport";
import { objectsIn, valueAt } from "../../kuma/api/json";
import { isTypeName, isTypePath, urlPath } from "../../kuma/resource/names";
import { ClusterReference, KubernetesCluster, KubernetesObject, MERGE_PATCH, statusOf } from "./cluster";
import { ControlPlaneLocation, locationUrl } from "./location";
import { endedPods } from "./endedPods";
import { PortForward } from "./portForward";
import { SECRET_TYPES, toKubernetes } from "./resourceForm";
import { pause, until } from "../../kuma/until";

/** Owns the fields that this program writes (https://kubernetes.io/docs/reference/using-api/server-side-apply). */
export const FIELD_MANAGER = "kuma-federation";

const API_PORT = 5681;
/** Of `writeStage`. */
const SECRETS = 1;
const BEFORE_MESHES = -1;
/** For CRDs and webhooks that are just being installed to serve. */
const READINESS = { deadlineMs: 120_000, everyMs: 1_000 };
/** How often a replacement is tried when someone else changes the object meanwhile, and the longest pause before the second. */
const REPLACE_ATTEMPTS = 8;
const REPLACE_PAUSE_MS = 20;

export interface OpenOptions extends HttpOptions {
  title: string;
  tokens?: string[];
}

/**
 * Opens a control plane that runs in a cluster: a port-forward to its API, and its admin token from the Secret
 * `admin-user-token` (a control plane on Kubernetes trusts no address).
 */
export async function openKubernetesControlPlane(
  location: ControlPlaneLocation,
  kubeconfig: ClusterReference["kubeconfig"],
  { title, tokens = [], ...http }: OpenOptions,
): Promise<KubernetesControlPlane> {
  const { context, namespace, service } = location;
  const cluster = await KubernetesCluster.load({ context, kubeconfig }, http);
  const forward = new PortForward(cluster, namespace, service, API_PORT);
  try {
    const port = await forward.open();
    const admin = await readAdminToken(cluster, namespace);
    if (admin.length + tokens.length === 0) throw noAdminToken(location);
    const address = {
      title,
      url: `http://127.0.0.1:${port}`,
      reference: locationUrl(location),
      tokens: [...admin, ...tokens],
      // each connection is a tunnel through the API server
      concurrency: 8,
      ...http,
    };
    const { deadlineMs = READINESS.deadlineMs } = http;
    return new KubernetesControlPlane(address, cluster, forward, namespace, { ...READINESS, deadlineMs });
  } catch (error) {
    forward.close();
    cluster.close();
    throw error;
  }
}

/** "unreachable", as it is so for some moments after an installation. */
function noAdminToken({ context, namespace }: ControlPlaneLocation): KumaError {
  return new KumaError(
    "unreachable",
    `There is no Secret ${namespace}/admin-user-token in the cluster of context ${context}, so the control plane there cannot be read. Nothing was changed. ` +
      `It is made when a control plane starts for the first time; where that is switched off give its token with the setting globalToken (the component's argument apiToken).`,
  );
}

async function readAdminToken(cluster: KubernetesCluster, namespace: string): Promise<string[]> {
  const secret = await cluster.get(urlPath`/api/v1/namespaces/${namespace}/secrets/admin-user-token`);
  const value = valueAt(secret, "data", "value");
  if (typeof value !== "string") return [];
  // one with a line break could not be sent
  return [Buffer.from(value, "base64").toString("utf8").trim()];
}

/** A kind of object of the cluster. */
interface Kind {
  plural: string;
  namespaced: boolean;
}

/**
 * A control plane in a cluster. It is read through its REST API like any other; that API takes no writes there, so they
 * go to the API server of the cluster, with server-side apply.
 */
export class KubernetesControlPlane extends ControlPlane {
  private kinds = new Map<string, Kind>();

  constructor(
    address: ConstructorParameters<typeof ControlPlane>[0],
    private readonly cluster: KubernetesCluster,
    private readonly forward: Pick<PortForward, "close">,
    override readonly systemNamespace: string,
    private readonly readiness = READINESS,
  ) {
    super(address);
  }

  override close(): void {
    super.close();
    this.forward.close();
    this.cluster.close();
  }

  /** Objects of the system namespace carry its name at the end of theirs; elsewhere they are known without it. */
  override async list(type: ResourceType): Promise<Resource[]> {
    const suffix = `.${this.systemNamespace}`;
    return (await super.list(type)).map((resource) => {
      const { name, labels } = resource;
      // what a control plane makes before its webhooks serve carries no label
      const namespace = labels?.[NAMESPACE_LABEL] ?? this.systemNamespace;
      const isSystem = namespace === this.systemNamespace && name.endsWith(suffix);
      return isSystem && labels?.[ORIGIN_LABEL] !== "zone"
        ? { ...resource, name: name.slice(0, -suffix.length) }
        : resource;
    });
  }

  override async get(type: ResourceType, key: ResourceKey): Promise<Resource | undefined> {
    return (await this.list(type)).find((resource) => sameKey(resource, key));
  }

  override endedPods(names: readonly string[]): Promise<string[]> {
    return endedPods(this.cluster, names);
  }

  /**
   * Secrets before meshes: a control plane makes keys of its own for a mesh that has none, the moment that it sees the
   * mesh, and here the API server takes a secret of a mesh that is not there yet.
   */
  override stageOf(key: ResourceKey): number {
    const stage = super.stageOf(key);
    return stage === SECRETS ? BEFORE_MESHES : stage;
  }

  /**
   * Applies a resource. Fields that someone else manages are left alone, with an error that names the manager, unless
   * `overwrite` is set: then the object becomes what is given, whoever wrote it.
   */
  override async put(
    _: ResourceType,
    resource: Resource,
    { overwrite = false }: PutOptions = {},
  ): Promise<void> {
    const { plural, namespaced } = await this.kindOf(resource);
    const { namespace, content } = this.placed(resource);
    const object = toKubernetes(content, { systemNamespace: namespace, namespaced });
    const path = this.pathOf(content, { plural, namespaced }, namespace);
    const response = await this.whenWebhooksServe(() =>
      overwrite ? this.replace(path, object) : this.apply(path, object),
    );
    if (response.status >= 300) throw this.refusal(response, resource);
  }

  /**
   * Deletes an object that is what the control plane said of it. That one answers for what it lists, yet a namespace holds
   * more than what is Kuma's: a Secret of another type, of another mesh or owner stays, with an error.
   */
  override async delete(_: ResourceType, key: ResourceKey): Promise<void> {
    const path = this.pathOf(key, await this.kindOf(key));
    for (let attempt = 1; ; attempt++) {
      const live = await this.cluster.get(path);
      if (!live) return;
      assertIsResource(live, key, this.cluster.context);
      // of what was looked at, and of no later one
      const { uid, resourceVersion } = live.metadata;
      const response = await this.whenWebhooksServe(() =>
        this.cluster.request("DELETE", path, { preconditions: { uid, resourceVersion } }),
      );
      if (response.status < 300 || response.status === 404) return;
      if (response.status !== 409 || attempt === REPLACE_ATTEMPTS) throw this.refusal(response, key);
      await pause(Math.random() * REPLACE_PAUSE_MS * 2 ** (attempt - 1));
    }
  }

  private apply(
    path: string,
    object: KubernetesObject,
    more: Record<string, string> = {},
  ): Promise<HttpResponse> {
    const query = new URLSearchParams({ fieldManager: FIELD_MANAGER, ...more });
    return this.cluster.request("PATCH", `${path}?${query}`, object, "application/apply-patch+yaml");
  }

  /**
   * An update rather than a forced apply alone: that would keep fields which others manage and the resource does not
   * have, so that the result would be neither side's.
   */
  private async replace(path: string, object: KubernetesObject): Promise<HttpResponse> {
    const query = new URLSearchParams({ fieldManager: FIELD_MANAGER });
    for (let attempt = 1; ; attempt++) {
      const live = await this.cluster.get(path);
      if (!live) return this.apply(path, object);
      const metadata = { ...live.metadata, labels: object.metadata.labels ?? {} };
      const updated = await this.cluster.request("PUT", `${path}?${query}`, { ...object, metadata });
      const response = updated.status < 300 ? await this.ownByApply(path, object) : updated;
      // someone else changed the object meanwhile
      if (response.status !== 409 || attempt === REPLACE_ATTEMPTS) return response;
      // at random, so that two who meet do not meet again
      await pause(Math.random() * REPLACE_PAUSE_MS * 2 ** (attempt - 1));
    }
  }

  /**
   * Has the fields of an object that this program updated belong to what it applies. The API server tells the two apart
   * even under one name, and the next apply would be in conflict with the update.
   */
  private async ownByApply(path: string, object: KubernetesObject): Promise<HttpResponse> {
    const applied = await this.apply(path, object, { force: "true" });
    if (applied.status >= 300) return applied;
    const { metadata } = this.cluster.parsed<KubernetesObject>(applied, path);
    const resourceVersion = valueAt(metadata, "resourceVersion");
    const kept = objectsIn(valueAt(metadata, "managedFields")).filter(
      ({ manager, operation }) => manager !== FIELD_MANAGER || operation !== "Update",
    );
    const patch = { metadata: { managedFields: kept, resourceVersion } };
    return this.cluster.request("PATCH", path, patch, MERGE_PATCH);
  }

  /** A control plane that was just installed refuses every write until its webhooks serve. */
  private async whenWebhooksServe(send: () => Promise<HttpResponse>): Promise<HttpResponse> {
    return until(send, {
      ...this.readiness,
      isThere: (response) =>
        response.status !== 500 || !/failed calling webhook/.test(statusOf(response).message ?? ""),
    });
  }

  private async kindOf({ type }: ResourceKey): Promise<Kind> {
    if (type === "Secret" || type === "GlobalSecret") return { plural: "secrets", namespaced: true };
    const known = async () => this.kinds.get(type) ?? (await this.discover()).get(type);
    const kind = await until(known, { ...this.readiness, isThere: (found) => found !== undefined });
    if (kind) return kind;
    throw new KumaError(
      "refused",
      `The cluster of context ${this.cluster.context} has no CustomResourceDefinition of ${type} (kuma.io/v1alpha1) after ${this.readiness.deadlineMs / 1000} s. ` +
        `Is its control plane older than the zone, or were its CRDs not installed?`,
    );
  }

  private async discover(): Promise<ReadonlyMap<string, Kind>> {
    const list = await this.cluster.get("/apis/kuma.io/v1alpha1");
    const found = objectsIn(valueAt(list, "resources")).flatMap(
      ({ name, kind, namespaced }): [string, Kind][] =>
        isTypeName(kind) && isTypePath(name)
          ? [[kind, { plural: name, namespaced: namespaced === true }]]
          : [],
    );
    this.kinds = new Map(found);
    return this.kinds;
  }

  private pathOf(
    { type, name }: ResourceKey,
    { plural, namespaced }: Kind,
    namespace = this.systemNamespace,
  ): string {
    const group = type === "Secret" || type === "GlobalSecret" ? "/api/v1" : "/apis/kuma.io/v1alpha1";
    const scope = namespaced ? urlPath`/namespaces/${namespace}` : "";
    return group + scope + urlPath`/${plural}/${name}`;
  }

  /** What a zone owns is in the namespace in which it was written, and is known with that behind its name. */
  private placed(resource: Resource): { namespace: string; content: Resource } {
    const { [NAMESPACE_LABEL]: namespace, ...labels } = resource.labels ?? {};
    const suffix = `.${namespace}`;
    const isPlaced =
      namespace !== undefined && labels[ORIGIN_LABEL] === "zone" && resource.name.endsWith(suffix);
    if (!isPlaced) return { namespace: this.systemNamespace, content: resource };
    return { namespace, content: { ...resource, name: resource.name.slice(0, -suffix.length), labels } };
  }

  private refusal(response: HttpResponse, key: ResourceKey): KumaError {
    return this.cluster.failure(response, keyOf(key), { withMessage: !isSecret(key), sent: key });
  }
}

function assertIsResource(live: KubernetesObject, key: ResourceKey, context: string): void {
  const { type, mesh } = key;
  const { labels = {} } = key as Partial<Resource>;
  const isType = !isSecret(key) || live.type === SECRET_TYPES[type];
  const liveMesh = valueAt(live, "metadata", "labels", "kuma.io/mesh") ?? live.mesh;
  const isInMesh = mesh === undefined || (liveMesh ?? "default") === mesh;
  const origin = valueAt(live, "metadata", "labels", ORIGIN_LABEL);
  const isOwners =
    origin === undefined || labels[ORIGIN_LABEL] === undefined || origin === labels[ORIGIN_LABEL];
  if (isType && isInMesh && isOwners) return;
  throw new KumaError(
    "conflict",
    `${keyOf(key)} was not deleted in the cluster of context ${context}: what has its name there is of another type, mesh or owner. ` +
      `Does the control plane tell of its own cluster? Look at that object, and run it again.`,
  );
}

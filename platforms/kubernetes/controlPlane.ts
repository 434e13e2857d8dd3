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
import { HttpOptions, HttpResponse } from "../../kuma/http";
import { ClusterReference, KubernetesCluster, KubernetesObject, statusOf } from "./cluster";
import { ControlPlaneLocation, locationUrl } from "./location";
import { PortForward } from "./portForward";
import { toKubernetes } from "./resourceForm";

/** Owns the fields that this program writes (https://kubernetes.io/docs/reference/using-api/server-side-apply). */
export const FIELD_MANAGER = "kuma-federation";

const API_PORT = 5681;
/** Of `writeStage`. */
const SECRETS = 1;
const BEFORE_MESHES = -1;
/** For CRDs and webhooks that are just being installed to serve. */
const READINESS: ReadinessWait = { deadlineMs: 120_000, intervalMs: 1_000 };
/** How often a replacement is tried when someone else changes the object meanwhile, and the longest pause before the second. */
const REPLACE_ATTEMPTS = 8;
const REPLACE_PAUSE_MS = 20;

interface ReadinessWait {
  /** Milliseconds until it is given up. */
  deadlineMs: number;
  /** Milliseconds between two attempts. */
  intervalMs: number;
}

export interface OpenOptions extends HttpOptions {
  title: string;
  tokens?: string[];
}

/**
 * Opens a control plane that runs in a cluster: a port-forward to its API, and its admin token from the Secret
 * `admin-user-token` (a control plane on Kubernetes trusts nobody because of where he comes from).
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
    return new KubernetesControlPlane(address, cluster, forward, namespace);
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
      `It is made when a control plane starts for the first time; where that is switched off give a token with the setting globalToken.`,
  );
}

async function readAdminToken(cluster: KubernetesCluster, namespace: string): Promise<string[]> {
  const secret = await cluster.get<{ data?: { value?: string } }>(
    `/api/v1/namespaces/${namespace}/secrets/admin-user-token`,
  );
  const value = secret?.data?.value;
  return value === undefined ? [] : [Buffer.from(value, "base64").toString("utf8")];
}

interface AppliedObject {
  metadata: { managedFields?: { manager: string; operation: string }[]; resourceVersion: string };
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

  /**
   * Secrets before meshes: a control plane makes keys of its own for a mesh that has none, the moment that it sees the
   * mesh, and here the API server takes a secret of a mesh that is not there yet.
   */
  override stageOf(key: ResourceKey): number {
    const stage = super.stageOf(key);
    return stage === SECRETS ? BEFORE_MESHES : stage;
  }

  /**
   * Applies a resource. Fields that someone else manages are left alone, with an error that names him, unless
   * `overwrite` is set: then the object becomes what is given, whoever wrote it.
   */
  override async put(
    _: ResourceType,
    resource: Resource,
    { overwrite = false }: PutOptions = {},
  ): Promise<void> {
    const { plural, namespaced } = await this.kindOf(resource);
    const object = toKubernetes(resource, { systemNamespace: this.systemNamespace, namespaced });
    const path = this.pathOf(resource, { plural, namespaced });
    const response = await this.whenWebhooksServe(() =>
      overwrite ? this.replace(path, object) : this.apply(path, object),
    );
    if (response.status >= 300) throw this.refusal(response, resource);
  }

  override async delete(_: ResourceType, key: ResourceKey): Promise<void> {
    const response = await this.whenWebhooksServe(async () =>
      this.cluster.request("DELETE", this.pathOf(key, await this.kindOf(key))),
    );
    if (response.status >= 300 && response.status !== 404) throw this.refusal(response, key);
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
    const { managedFields = [], resourceVersion } = (JSON.parse(applied.body) as AppliedObject).metadata;
    const kept = managedFields.filter(
      ({ manager, operation }) => manager !== FIELD_MANAGER || operation !== "Update",
    );
    const patch = { metadata: { managedFields: kept, resourceVersion } };
    return this.cluster.request("PATCH", path, patch, "application/merge-patch+json");
  }

  /** A control plane that was just installed refuses every write until its webhooks serve. */
  private async whenWebhooksServe(send: () => Promise<HttpResponse>): Promise<HttpResponse> {
    const deadline = Date.now() + this.readiness.deadlineMs;
    for (;;) {
      const response = await send();
      const isAway =
        response.status === 500 && /failed calling webhook/.test(statusOf(response).message ?? "");
      if (!isAway || Date.now() > deadline) return response;
      await pause(this.readiness.intervalMs);
    }
  }

  private async kindOf({ type }: ResourceKey): Promise<Kind> {
    if (type === "Secret" || type === "GlobalSecret") return { plural: "secrets", namespaced: true };
    const deadline = Date.now() + this.readiness.deadlineMs;
    for (;;) {
      const kind = this.kinds.get(type) ?? (await this.discover()).get(type);
      if (kind) return kind;
      if (Date.now() > deadline) {
        throw new KumaError(
          "refused",
          `The cluster of context ${this.cluster.context} has no CustomResourceDefinition of ${type} (kuma.io/v1alpha1) after ${this.readiness.deadlineMs / 1000} s. ` +
            `Is its control plane older than the zone, or were its CRDs not installed?`,
        );
      }
      await pause(this.readiness.intervalMs);
    }
  }

  private async discover(): Promise<ReadonlyMap<string, Kind>> {
    const list = await this.cluster.get<{
      resources: { name: string; kind: string; namespaced: boolean }[];
    }>("/apis/kuma.io/v1alpha1");
    const found = (list?.resources ?? []).filter(({ name }) => !name.includes("/"));
    this.kinds = new Map(found.map(({ name, kind, namespaced }) => [kind, { plural: name, namespaced }]));
    return this.kinds;
  }

  private pathOf({ type, name }: ResourceKey, { plural, namespaced }: Kind): string {
    const group = type === "Secret" || type === "GlobalSecret" ? "/api/v1" : "/apis/kuma.io/v1alpha1";
    const namespace = namespaced ? `/namespaces/${this.systemNamespace}` : "";
    return `${group}${namespace}/${plural}/${encodeURIComponent(name)}`;
  }

  private refusal(response: HttpResponse, key: ResourceKey): KumaError {
    return this.cluster.failure(response, keyOf(key), { withMessage: !isSecret(key) });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

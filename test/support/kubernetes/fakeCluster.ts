import * as http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gzipSync } from "node:zlib";
import type { HttpOptions } from "../../../kuma/api/http/transport";
import { ClusterReference, KubernetesCluster, KubernetesObject } from "../../../platforms/kubernetes/cluster";
import { later } from "../cleanUp";
import type { SeenRequest } from "../controlPlane/fakeControlPlane";

interface Answer {
  status: number;
  body: unknown;
}

interface Kind {
  name: string;
  kind: string;
  namespaced: boolean;
}

/** Kinds of the group kuma.io/v1alpha1; one with a slash is a subresource. */
const KUMA_KINDS: Kind[] = [
  { name: "meshes", kind: "Mesh", namespaced: false },
  { name: "meshes/status", kind: "Mesh", namespaced: false },
  { name: "zones", kind: "Zone", namespaced: false },
  { name: "trafficroutes", kind: "TrafficRoute", namespaced: false },
  { name: "meshtimeouts", kind: "MeshTimeout", namespaced: true },
];

const COLLECTIONS = new Set(["secrets", "pods", "services", "namespaces", "deployments"]);

/** Kinds of other groups, by where they are served. */
const KINDS: Record<string, Kind[]> = {
  "/api/v1": [
    { name: "secrets", kind: "Secret", namespaced: true },
    { name: "services", kind: "Service", namespaced: true },
    { name: "services/status", kind: "Service", namespaced: true },
    { name: "namespaces", kind: "Namespace", namespaced: false },
  ],
  "/apis/apps/v1": [{ name: "deployments", kind: "Deployment", namespaced: true }],
};

/**
 * The parts of a Kubernetes API server that this program uses, on the loopback interface: enough for its own logic.
 * Ownership of fields is that of server-side apply, without merging of lists.
 */
export class FakeCluster {
  readonly requests: SeenRequest[] = [];
  /** By path. */
  readonly objects = new Map<string, KubernetesObject>();
  /** Served at the discovery of kuma.io/v1alpha1; undefined as before its CRDs are installed. */
  kinds: Kind[] | undefined = KUMA_KINDS;
  port = 0;
  private readonly owners = new Map<string, Map<string, string>>();
  private readonly faults: { where: string; answer: Answer; left: number; then?: () => void }[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server: http.Server;
  private revision = 100;

  private constructor() {
    this.server = http.createServer((request, response) => void this.serve(request, response));
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
  }

  /** Stops after the test. */
  static async start(): Promise<FakeCluster> {
    const fake = new FakeCluster();
    await new Promise<void>((resolve) => fake.server.listen(0, "127.0.0.1", resolve));
    fake.port = (fake.server.address() as AddressInfo).port;
    later(() => fake.stop());
    return fake;
  }

  /** A kubeconfig with one context for each name, all of them of this cluster. */
  kubeconfig(...contexts: string[]): string {
    const names = contexts.length > 0 ? contexts : ["fake"];
    return [
      "apiVersion: v1",
      "kind: Config",
      "clusters:",
      "  - name: fake",
      `    cluster: { server: "http://127.0.0.1:${this.port}", insecure-skip-tls-verify: true }`,
      "users:",
      "  - name: fake",
      "    user: { token: canary-token }",
      "contexts:",
      ...names.map((name) => `  - { name: ${name}, context: { cluster: fake, user: fake } }`),
      "",
    ].join("\n");
  }

  reference(context = "fake"): Required<ClusterReference> {
    return { context, kubeconfig: this.kubeconfig(context) };
  }

  async client(options: HttpOptions = {}): Promise<KubernetesCluster> {
    const client = await KubernetesCluster.load(this.reference(), { attempts: 1, ...options });
    later(() => client.close());
    return client;
  }

  /** Puts an object there, all of whose fields `manager` owns. */
  add(path: string, object: KubernetesObject, manager = "kubectl"): void {
    this.store(path, object);
    this.owners.set(path, new Map(leavesOf(object).map(([field]) => [field, manager])));
  }

  /** Puts the Secret there in which Helm keeps a revision of a release. */
  addRelease(namespace: string, name: string, revision: number, stored: Record<string, unknown>): void {
    const json = JSON.stringify({ name, namespace, version: revision, ...stored });
    const data = Buffer.from(gzipSync(json).toString("base64")).toString("base64");
    const secret = `sh.helm.release.v1.${name}.v${revision}`;
    this.add(`/api/v1/namespaces/${namespace}/secrets/${secret}`, {
      apiVersion: "v1",
      kind: "Secret",
      type: "helm.sh/release.v1",
      metadata: { name: secret, namespace, labels: { owner: "helm", name, version: String(revision) } },
      data: { release: data },
    });
  }

  /** Answers the next `times` requests that begin with this method and path; `then` runs after each. */
  answer(where: string, status: number, body: unknown, { times = 1, then = () => {} } = {}): void {
    this.faults.push({ where, answer: { status, body }, left: times, then });
  }

  /** Method and path of each request. */
  get asked(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  get writes(): string[] {
    return this.asked.filter((line) => !line.startsWith("GET "));
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString("utf8");
    const { method = "", url = "", headers } = request;
    this.requests.push({ method, path: url, headers, body });
    const fault = this.faults.find(({ where, left }) => left > 0 && `${method} ${url}`.startsWith(where));
    const answer = fault?.answer ?? this.serveObject(method, new URL(`http://fake${url}`), headers, body);
    if (fault) {
      fault.left--;
      fault.then?.();
    }
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  }

  private serveObject(method: string, url: URL, headers: http.IncomingHttpHeaders, body: string): Answer {
    const path = decodeURIComponent(url.pathname);
    switch (method) {
      case "GET":
        return this.read(path, url.searchParams);
      case "PATCH":
        switch (headers["content-type"]) {
          case "application/apply-patch+yaml":
            return this.apply(path, JSON.parse(body) as KubernetesObject, url.searchParams);
          case "application/merge-patch+json":
            return this.merge(path, JSON.parse(body) as KubernetesObject);
          default:
            return status(415, "UnsupportedMediaType", "the body of the request was in an unknown format");
        }
      case "POST":
        return this.create(path, JSON.parse(body) as KubernetesObject, url.searchParams);
      case "PUT":
        return this.replace(path, JSON.parse(body) as KubernetesObject, url.searchParams);
      case "DELETE":
        return this.objects.delete(path) ? status(200, "", "") : notFound(path);
      default:
        return status(405, "MethodNotAllowed", "the server does not allow this method");
    }
  }

  private read(path: string, query: URLSearchParams): Answer {
    if (path === "/apis/kuma.io/v1alpha1")
      return this.kinds ? { status: 200, body: { resources: this.kinds } } : notFound(path);
    if (path in KINDS) return { status: 200, body: { resources: KINDS[path] } };
    const object = this.objects.get(path);
    if (object) return { status: 200, body: object };
    if (!COLLECTIONS.has(path.split("/").at(-1) ?? "")) return notFound(path);
    const wanted = (query.get("labelSelector") ?? "").split(",").filter(Boolean);
    const items = [...this.objects].flatMap(([at, each]) => {
      const labels = Object.entries(each.metadata.labels ?? {}).map((pair) => pair.join("="));
      const fits = wanted.every((one) => labels.includes(one));
      return at.startsWith(`${path}/`) && fits ? [each] : [];
    });
    return { status: 200, body: { items } };
  }

  private apply(path: string, object: KubernetesObject, query: URLSearchParams): Answer {
    const manager = query.get("fieldManager");
    if (!manager) return status(422, "Invalid", "fieldManager is required for apply patch");
    const live = this.objects.get(path);
    const liveLeaves = new Map(live ? leavesOf(live) : []);
    const owners = this.owners.get(path) ?? new Map<string, string>();
    const causes = leavesOf(object)
      .filter(([field, value]) => {
        const owner = owners.get(field);
        return owner !== undefined && owner !== manager && liveLeaves.get(field) !== value;
      })
      .map(([field]) => ({
        reason: "FieldManagerConflict",
        message: `conflict with ${JSON.stringify(owners.get(field))} using ${object.apiVersion.split("/").at(-1)}`,
        field,
      }));
    if (causes.length > 0 && query.get("force") !== "true") {
      const message = `Apply failed with ${causes.length} conflict: ${causes[0].message}: ${causes[0].field}`;
      return status(409, "Conflict", message, { causes });
    }
    for (const [field] of leavesOf(object)) owners.set(field, manager);
    this.owners.set(path, owners);
    this.store(path, mergeObjects(live ?? {}, object) as KubernetesObject);
    return { status: live ? 200 : 201, body: this.objects.get(path) };
  }

  private merge(path: string, patch: KubernetesObject): Answer {
    const live = this.objects.get(path);
    if (!live) return notFound(path);
    if (patch.metadata?.resourceVersion !== undefined && !isSameVersion(patch, live)) return modified(path);
    this.store(path, withoutNull(mergeObjects(live, patch)) as KubernetesObject);
    return { status: 200, body: this.objects.get(path) };
  }

  private create(path: string, object: KubernetesObject, query: URLSearchParams): Answer {
    const at = `${path}/${object.metadata.name}`;
    if (this.objects.has(at)) return status(409, "AlreadyExists", `${at} already exists`);
    const manager = query.get("fieldManager");
    const managedFields = manager === null ? {} : { managedFields: [{ manager, operation: "Update" }] };
    this.add(at, { ...object, metadata: { ...object.metadata, ...managedFields } });
    return { status: 201, body: this.objects.get(at) };
  }

  private replace(path: string, object: KubernetesObject, query: URLSearchParams): Answer {
    const live = this.objects.get(path);
    if (!live) return notFound(path);
    if (!isSameVersion(object, live)) return modified(path);
    this.add(path, object, query.get("fieldManager") ?? "unknown");
    return { status: 200, body: this.objects.get(path) };
  }

  private store(path: string, object: KubernetesObject): void {
    const resourceVersion = String(++this.revision);
    this.objects.set(path, { ...object, metadata: { ...object.metadata, resourceVersion } });
  }
}

/** The body of an error answer, as the API server gives it. */
export function status(code: number, reason: string, message: string, details?: unknown): Answer {
  return {
    status: code,
    body: { kind: "Status", apiVersion: "v1", status: "Failure", reason, message, details, code },
  };
}

function isSameVersion(a: KubernetesObject, b: KubernetesObject): boolean {
  return a.metadata.resourceVersion === b.metadata.resourceVersion;
}

function modified(path: string): Answer {
  const message = `Operation cannot be fulfilled on ${path}: the object has been modified; please apply your changes to the latest version and try again`;
  return status(409, "Conflict", message);
}

function notFound(path: string): Answer {
  return status(404, "NotFound", `${path} not found`);
}

/** Paths of the fields as a manager owns them, with their values. */
function leavesOf(object: KubernetesObject): [field: string, value: string][] {
  const { apiVersion, kind, metadata, ...content } = object;
  const found: [string, string][] = [];
  const walk = (value: unknown, path: string): void => {
    if (value !== null && typeof value === "object" && !Array.isArray(value))
      for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`);
    else found.push([path, JSON.stringify(value)]);
  };
  walk({ metadata: { labels: metadata.labels ?? {} }, ...content }, "");
  return found;
}

/** What a merge patch (RFC 7396) takes away. */
function withoutNull(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNull(inner)]));
}

function mergeObjects(a: unknown, b: unknown): unknown {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    value !== null && typeof value === "object" && !Array.isArray(value);
  if (!isObject(a) || !isObject(b)) return b;
  const merged = Object.entries(b).map(([key, value]) => [key, mergeObjects(a[key], value)]);
  return { ...a, ...Object.fromEntries(merged) };
}

import * as http from "node:http";
import type { KubeConfig } from "@kubernetes/client-node";
import { KumaError } from "../../kuma";
import { HttpOptions, HttpResponse, HttpTransport } from "../../kuma/http";

/** How a cluster is named in settings. */
export interface ClusterReference {
  /** Name of a context of the kubeconfig. */
  context: string;
  /** Path or content of a kubeconfig; the usual places (KUBECONFIG, ~/.kube/config) when left out. Content is secret. */
  kubeconfig?: string;
}

/** The body of an error answer (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status). */
interface Status {
  reason?: string;
  message?: string;
  details?: { causes?: { reason?: string; message?: string; field?: string }[] };
}

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    resourceVersion?: string;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

const READ_ONLY = ["GET"];

/**
 * A Kubernetes API server, reached with a kubeconfig and whatever way to log in that names (certificates, tokens,
 * programs such as `aws eks get-token`). Errors are `KumaError`s that name the context and the object.
 */
export class KubernetesCluster {
  private transport: HttpTransport | undefined;

  private constructor(
    readonly context: string,
    readonly config: KubeConfig,
    private readonly options: HttpOptions,
  ) {}

  static async load(
    { context, kubeconfig }: ClusterReference,
    options: HttpOptions = {},
  ): Promise<KubernetesCluster> {
    // takes over a second to load, so only stacks with a cluster do
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    try {
      if (kubeconfig === undefined) config.loadFromDefault();
      else if (kubeconfig.includes("\n")) config.loadFromString(kubeconfig);
      else config.loadFromFile(kubeconfig);
    } catch (error) {
      const where = kubeconfig === undefined || kubeconfig.includes("\n") ? "" : ` ${kubeconfig}`;
      throw new KumaError("invalid", `The kubeconfig${where} cannot be read: ${describe(error)}.`);
    }
    if (config.getContextObject(context) === null) {
      const there = config.getContexts().map(({ name }) => name);
      throw new KumaError(
        "invalid",
        `The kubeconfig has no context ${context}; it has ${there.join(", ") || "none"}. Nothing was changed.`,
      );
    }
    config.setCurrentContext(context);
    if (!config.getCurrentCluster()) {
      throw new KumaError("invalid", `The cluster of context ${context} is missing in the kubeconfig.`);
    }
    return new KubernetesCluster(context, config, options);
  }

  get server(): string {
    return this.config.getCurrentCluster()?.server ?? "";
  }

  close(): void {
    this.transport?.close();
  }

  /** An object, or undefined when there is none. */
  async get<T = KubernetesObject>(path: string): Promise<T | undefined> {
    const response = await this.request("GET", path);
    if (response.status === 404) return undefined;
    return this.parsed<T>(response, path);
  }

  /** Sends a request; a status of 400 and more is returned like any other. */
  async request(
    method: string,
    path: string,
    body?: unknown,
    contentType = "application/json",
  ): Promise<HttpResponse> {
    const { headers, transport } = await this.open();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const base = new URL(this.server).pathname.replace(/\/+$/, "");
    try {
      return await transport.request(
        method,
        base + path,
        text === undefined ? headers : { ...headers, "content-type": contentType },
        text,
      );
    } catch (error) {
      if (!(error instanceof KumaError) || error.code !== "unreachable") throw error;
      throw new KumaError(
        "unreachable",
        `The API server of context ${this.context} (${this.server}) cannot be reached: ${error.message}.` +
          (READ_ONLY.includes(method) ? " Nothing was changed." : ""),
      );
    }
  }

  /** The body of a good answer; otherwise throws what `failure` makes of it. */
  parsed<T>(response: HttpResponse, what: string): T {
    if (response.status >= 300) throw this.failure(response, what);
    return JSON.parse(response.body) as T;
  }

  /** `withMessage` is false for objects whose content the API server might repeat in its message (secrets). */
  failure(response: HttpResponse, what: string, { withMessage = true } = {}): KumaError {
    const status = statusOf(response);
    const told = (withMessage ? status.message : undefined) ?? status.reason ?? `status ${response.status}`;
    const subject = `${what} in the cluster of context ${this.context}`;
    if (response.status === 401) {
      return new KumaError(
        "unauthenticated",
        `${subject}: the API server does not accept the credentials of the kubeconfig.`,
        401,
      );
    }
    if (response.status === 403 && status.reason === "Forbidden" && / cannot /.test(status.message ?? "")) {
      return new KumaError("forbidden", `${subject}: ${status.message}`, 403);
    }
    const owners = conflictingManagers(status);
    if (owners.length > 0) {
      return new KumaError(
        "conflict",
        `${subject} is managed by someone else: ${owners.join(", ")}. It was not changed. ` +
          `Let that one give it up, or choose overwrite for it with the setting onConflict.`,
        409,
      );
    }
    const code = response.status === 429 ? "rateLimited" : response.status >= 500 ? "server" : "refused";
    return new KumaError(code, `${subject} was refused: ${told}`, response.status);
  }

  private async open(): Promise<{ transport: HttpTransport; headers: http.OutgoingHttpHeaders }> {
    const options: Parameters<KubeConfig["applyToHTTPSOptions"]>[0] = {};
    try {
      await this.config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new KumaError(
        "unauthenticated",
        `The kubeconfig's way to log in to context ${this.context} does not work: ${describe(error)}. Nothing was changed.`,
      );
    }
    if (!this.transport) {
      const agent = options.agent as http.Agent & { keepAlive: boolean };
      agent.keepAlive = true;
      this.transport = new HttpTransport(new URL(this.server), { ...this.options, agent });
    }
    const headers = options.headers as http.OutgoingHttpHeaders | undefined;
    const basic = options.auth
      ? { authorization: `Basic ${Buffer.from(options.auth).toString("base64")}` }
      : {};
    return { transport: this.transport, headers: { ...headers, ...basic } };
  }
}

/** Field managers that own what another one wants to apply, each with the field. */
function conflictingManagers({ details }: Status): string[] {
  return (details?.causes ?? [])
    .filter(({ reason }) => reason === "FieldManagerConflict")
    .map(({ message, field }) => {
      const manager = /conflict with "([^"]+)"/.exec(message ?? "")?.[1] ?? "another manager";
      return `${manager} owns ${field}`;
    });
}

export function statusOf(response: HttpResponse): Status {
  try {
    return JSON.parse(response.body) as Status;
  } catch {
    return {};
  }
}

/** The first line of what a library says: later ones may hold what a program printed. */
function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0].replace(/\.$/, "");
}

import * as http from "node:http";
import type { KubeConfig } from "@kubernetes/client-node";
import { KumaError, isPrivate, withoutCredentials } from "../../kuma";
import { HttpOptions, HttpResponse, HttpTransport } from "../../kuma/api/http/transport";
import { objectIn, objectsIn, parseJson, valueAt } from "../../kuma/api/json";
import { isName } from "../../kuma/resource/names";
import { oneLine } from "../../kuma/printable";
import { UNSPOKEN, repeats, secretsIn } from "../../kuma/api/refusals";

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

/** The content type of a change that is merged into an object (RFC 7396). */
export const MERGE_PATCH = "application/merge-patch+json";

const READ_ONLY = ["GET"];
/** Bounds of a list that comes to no end. */
const MOST_PAGES = 1_000;
const LIST_DEADLINE_MS = 300_000;

interface FailureOptions {
  /** False for objects whose content the API server, or a webhook, might repeat in its message (secrets). */
  withMessage?: boolean;
  /** What was sent: a message that repeats a value of it which may be secret is not shown. */
  sent?: unknown;
}

/** Reasons of the API server (apimachinery, meta/v1, StatusReason); others are somebody's own words. */
const REASONS = new Set(
  (
    "Unauthorized Forbidden NotFound AlreadyExists Conflict Gone Invalid ServerTimeout Timeout TooManyRequests BadRequest " +
    "MethodNotAllowed NotAcceptable RequestEntityTooLarge UnsupportedMediaType InternalError Expired ServiceUnavailable"
  ).split(" "),
);

/** Whether a kubeconfig is given by its content, and not by its path. */
export function isContent(kubeconfig: string): boolean {
  return /[\n{]/.test(kubeconfig);
}

async function readKubeconfig(kubeconfig: string | undefined): Promise<KubeConfig> {
  // takes over a second to load, so only stacks with a cluster do
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else if (isContent(kubeconfig)) config.loadFromString(kubeconfig);
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    const where = kubeconfig === undefined || isContent(kubeconfig) ? "" : ` ${kubeconfig}`;
    throw new KumaError("invalid", `The kubeconfig${where} cannot be read: ${describe(error)}.`);
  }
  return config;
}

/** The context that a kubeconfig names as the current one. */
export async function currentContext(kubeconfig: string | undefined): Promise<string> {
  const config = await readKubeconfig(kubeconfig);
  const name = config.getCurrentContext();
  if (name && config.getContextObject(name) !== null) return name;
  throw new KumaError(
    "invalid",
    "The kubeconfig names no current context, so the context must be given. Nothing was changed.",
  );
}

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
    const config = await readKubeconfig(kubeconfig);
    if (config.getContextObject(context) === null) {
      const there = config.getContexts().map(({ name }) => name);
      // what @kubernetes/client-node 1.4.0 makes up where it finds no kubeconfig at all
      if (there.join() === "loaded-context") {
        throw new KumaError(
          "invalid",
          `There is no kubeconfig for context ${context}: the variable KUBECONFIG names none, and ~/.kube/config is not there. Nothing was changed. ` +
            `Name one with the setting kubeconfig of the global or the zone, or with the variable.`,
        );
      }
      throw new KumaError(
        "invalid",
        `The kubeconfig has no context ${context}; it has ${there.join(", ") || "none"}. Nothing was changed.`,
      );
    }
    config.setCurrentContext(context);
    if (!config.getCurrentCluster()) {
      throw new KumaError("invalid", `The cluster of context ${context} is missing in the kubeconfig.`);
    }
    const server = config.getCurrentCluster()?.server ?? "";
    if (!URL.canParse(server) || !isPrivate(new URL(server))) {
      throw new KumaError(
        "invalid",
        `The API server of context ${context}, ${withoutCredentials(server)}, is no https address: tokens and keys would cross the network in clear. Nothing was sent.`,
      );
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

  /** Every object of a list. `query` selects some of them. */
  async list<T extends KubernetesObject>(
    path: string,
    what: string,
    query: Record<string, string> = {},
  ): Promise<T[]> {
    const found = new Map<string, T>();
    const deadline = Date.now() + LIST_DEADLINE_MS;
    let next: Record<string, string> = {};
    for (let pages = 1; ; pages++) {
      const response = await this.request("GET", `${path}?${new URLSearchParams({ ...query, ...next })}`);
      const page = this.parsed<{ items?: unknown }>(response, what);
      const items = objectsIn(page.items);
      const isList = Array.isArray(page.items) && items.length === page.items.length;
      if (!isList || !items.every(isObject)) throw this.notKubernetes(what);
      const before = found.size;
      for (const item of items as unknown as T[]) {
        found.set(`${item.metadata.namespace ?? ""}/${item.metadata.name}`, item);
      }
      const token = valueAt(page, "metadata", "continue");
      if (typeof token !== "string" || token === "") return [...found.values()];
      if (found.size === before || pages >= MOST_PAGES || Date.now() > deadline)
        throw this.endless(what, pages);
      next = { continue: token };
    }
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

  /** The body of a good answer, which is an object; otherwise throws what `failure` makes of it. */
  parsed<T>(response: HttpResponse, what: string): T {
    if (response.status >= 300) throw this.failure(response, what);
    const body = objectIn(parseJson(response.body));
    // not shown, as it may hold a secret
    if (!body) throw this.notKubernetes(what);
    return body as T;
  }

  failure(
    response: HttpResponse,
    what: string,
    { withMessage = true, sent }: FailureOptions = {},
  ): KumaError {
    const status = statusOf(response);
    const isShown = withMessage && !repeats(response.body, secretsIn(sent));
    const reason = REASONS.has(status.reason ?? "") ? status.reason : undefined;
    const told = (isShown ? status.message : undefined) ?? reason ?? `status ${response.status}`;
    const subject = `${what} in the cluster of context ${this.context}`;
    if (response.status === 401) {
      return new KumaError(
        "unauthenticated",
        `${subject}: the API server does not accept the credentials of the kubeconfig.`,
        401,
      );
    }
    if (response.status === 403 && status.reason === "Forbidden" && / cannot /.test(status.message ?? "")) {
      return new KumaError("forbidden", `${subject}: ${told}`, 403);
    }
    const owners = conflictingManagers(status);
    if (owners.length > 0) {
      return new KumaError(
        "conflict",
        `${subject} is managed by someone else${isShown ? `: ${owners.join(", ")}` : UNSPOKEN}. It was not changed. ` +
          `Let that one give it up, or choose overwrite for it with the setting onConflict.`,
        409,
      );
    }
    const code = response.status === 429 ? "rateLimited" : response.status >= 500 ? "server" : "refused";
    return new KumaError(code, `${subject} was refused: ${told}`, response.status);
  }

  private notKubernetes(what: string): KumaError {
    return new KumaError(
      "notKuma",
      `${what} in the cluster of context ${this.context}: what answers at ${this.server} does not speak Kubernetes' API.`,
    );
  }

  private endless(what: string, pages: number): KumaError {
    return new KumaError(
      "incomplete",
      `${what} in the cluster of context ${this.context}: the list comes to no end, ${pages} pages were read. Nothing was changed.`,
    );
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
  const body = parseJson(response.body);
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? oneLine(value) : undefined);
  const causes = objectsIn(valueAt(body, "details", "causes")).map(({ reason, message, field }) => ({
    reason: text(reason),
    message: text(message),
    field: text(field),
  }));
  const [reason, message] = [text(valueAt(body, "reason")), text(valueAt(body, "message"))];
  return { reason, message, details: { causes } };
}

function isObject({ metadata }: Record<string, unknown>): boolean {
  return isName(valueAt(metadata, "name"));
}

/** The first line of what a library says: later ones may hold what a program printed. */
function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0].replace(/\.$/, "");
}

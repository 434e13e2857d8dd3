import {
  ControlPlaneConfig,
  ControlPlaneInfo,
  Page,
  WrongAnswer,
  readConfig,
  readInfo,
  readItem,
  readPage,
  readTypes,
} from "./answers";
import { KumaError, isKumaError } from "../errors";
import { HttpOptions, HttpResponse, HttpTransport } from "./http";
import { parseJson } from "./json";
import { HOSTED_TOKEN_ADVICE, HostedApi, hostedApi, isRetriedByKonnect } from "../konnect/hostedApi";
import { urlPath } from "../resource/names";
import { UNSPOKEN, secretsIn, withoutPlace, wordsOf } from "./refusals";
import { Environment, Resource, ResourceKey, isSecret, keyOf } from "../resource/resource";
import { FALLBACK_TYPES, ResourceType, writeStage } from "./resourceTypes";
import { isPrivate, withoutCredentials } from "./tls";

/** The most that one page holds (Kuma v2.14.3, pkg/api-server/pagination.go); the default is 100. */
const PAGE_SIZE = 1000;
/** A list that changes while it is read is read again this often. */
const LIST_ATTEMPTS = 4;
/** Bounds of one list, for control planes that come to no end. Kuma's own pages are full but for the last one. */
const MOST_PAGES = 2_000;
const MOST_ITEMS = 200_000;
const LIST_DEADLINE_MS = 300_000;

export interface ControlPlaneAddress extends HttpOptions {
  /** How messages call it, for example "the zone control plane". */
  title: string;
  /** Base of the REST API, for example `http://localhost:5681`. */
  url: string;
  /** What stands for the URL in messages, where that leads through a port of this process's own. */
  reference?: string;
  /** Bearer tokens; when one is refused (401, 403) the others are tried, and the one that is accepted goes on serving. */
  tokens?: string[];
  /** Milliseconds for a whole list. Default 300,000. */
  listDeadlineMs?: number;
}

export interface PutOptions {
  /**
   * Replaces what is there also where someone else is known to manage it. Kuma's REST API knows no managers and always
   * replaces; Kubernetes does.
   */
  overwrite?: boolean;
}

/**
 * A control plane's REST API (https://kuma.io/docs/latest/reference/http-api). Errors are `KumaError`s that name the
 * control plane and the resource.
 */
export class ControlPlane {
  private readonly transport: HttpTransport;
  private readonly base: URL;
  /** The first one serves. Undefined stands for asking without a token. */
  private tokens: (string | undefined)[];
  /** Set where Konnect hosts it. */
  readonly hosted: HostedApi | undefined;
  /** In a cluster: the namespace that holds what belongs to no other one. */
  readonly systemNamespace: string | undefined;
  private types: Promise<readonly ResourceType[]> | undefined;

  constructor(readonly address: ControlPlaneAddress) {
    this.base = parseUrl(address);
    this.hosted = hostedApi(this.base);
    const options = this.hosted ? { isRetried: isRetriedByKonnect, ...address } : address;
    this.transport = new HttpTransport(this.base, options);
    const given = (address.tokens ?? []).filter((token) => token !== "");
    this.tokens = given.length > 0 ? given : [undefined];
  }

  /**
   * Adds a token for the case that those at hand are refused. A global that has got a zone's signing keys accepts the
   * zone's tokens, and its own no longer. Not so in Konnect, where a zone's tokens mean nothing and never go.
   */
  offerToken(token: string): void {
    if (this.hosted === undefined && !this.tokens.includes(token)) this.tokens.push(token);
  }

  /** Those that are at hand, the one that serves first. */
  get tokensAtHand(): readonly string[] {
    return this.tokens.filter((token) => token !== undefined);
  }

  /** Whether it takes a caller without a token for an admin, as it may do for programs on its own machine. */
  async isOpen(): Promise<boolean> {
    const response = await this.sendWith(undefined, "GET", "/who-am-i");
    const { groups } = (parseJson(response.body) ?? {}) as { groups?: unknown };
    return response.status === 200 && Array.isArray(groups) && groups.includes("mesh-system:admin");
  }

  get environment(): Environment {
    return this.systemNamespace === undefined ? "universal" : "kubernetes";
  }

  get title(): string {
    return this.address.title;
  }

  /** How many writes to send at once. Konnect's limits are not published, and its own clients write one by one. */
  get concurrency(): number {
    return this.hosted ? 1 : this.transport.concurrency;
  }

  /** Requests sent so far, by method, retries included. */
  get sent(): Readonly<Record<string, number>> {
    return this.transport.sent;
  }

  /** Ends all connections and whatever is still under way; nothing is sent from then on. */
  close(): void {
    this.transport.close();
  }

  /** Product and version. Fails with "notKuma" when something else answers. */
  async info(): Promise<ControlPlaneInfo> {
    // the index is open to everyone, but not to a token that is refused: a global's own one, after the zone's keys came
    const withToken = await this.send("GET", "/");
    const response = isRefused(withToken) ? await this.sendWith(undefined, "GET", "/") : withToken;
    if (isRefused(response) || response.status === 429 || response.status >= 500) {
      throw this.failure(response, "its version");
    }
    const info = response.status === 200 ? readInfo(response.body) : undefined;
    if (info) return info;
    throw new KumaError(
      "notKuma",
      `What answers at ${this.reference} is not a Kuma or Kong Mesh control plane (status ${response.status}, no product and version). ` +
        `Give the address of the control plane's API server, by default port 5681.`,
    );
  }

  config(): Promise<ControlPlaneConfig> {
    return this.read("/config", "its configuration", readConfig);
  }

  /**
   * The types that this control plane knows; the fallback table where it is too old to tell (before 2.6). Asked for
   * once: they do not change while a program runs.
   */
  resourceTypes(): Promise<readonly ResourceType[]> {
    this.types ??= this.readResourceTypes().catch((error: unknown) => {
      this.types = undefined;
      throw error;
    });
    return this.types;
  }

  private async readResourceTypes(): Promise<readonly ResourceType[]> {
    try {
      return await this.read("/_resources", "its resource types", readTypes);
    } catch (error) {
      if (isKumaError(error, "notFound")) return FALLBACK_TYPES;
      throw error;
    }
  }

  /**
   * Every resource of a type, over all meshes, paged to the end and checked against `total`. A type that the control
   * plane does not know counts as empty.
   */
  async list(type: ResourceType): Promise<Resource[]> {
    const deadline = Date.now() + (this.address.listDeadlineMs ?? LIST_DEADLINE_MS);
    for (let attempt = 1; ; attempt++) {
      const { items, total } = await this.listOnce(type, deadline);
      if (total === undefined || items.length === total) return items;
      if (attempt === LIST_ATTEMPTS) {
        throw new KumaError(
          "incomplete",
          `${capital(this.title)} announces ${total} ${type.name} resources, but ${items.length} arrived in ${LIST_ATTEMPTS} attempts. ` +
            `Nothing was changed. Is something writing to it all the time? Try again when it is quiet.`,
        );
      }
    }
  }

  private async listOnce(
    type: ResourceType,
    deadline: number,
  ): Promise<{ items: Resource[]; total?: number }> {
    const path = urlPath`/${type.path}`;
    const found = new Map<string, Resource>();
    let total: number | undefined;
    let offset: string | undefined;
    for (let pages = 1; ; pages++) {
      const page = await this.page(path, type, offset);
      if (page === undefined) return { items: [] };
      const before = found.size;
      for (const item of page.items) found.set(keyOf(item), item);
      total = page.total ?? total;
      // one that has more than it announces is read again, or told of
      if (page.offset === undefined || (total !== undefined && found.size > total)) {
        return { items: [...found.values()], total };
      }
      if (found.size === before)
        throw this.malformed(path, "a page brings nothing new, and names a next one");
      if (pages >= MOST_PAGES || found.size > MOST_ITEMS || Date.now() > deadline)
        throw this.endless(type, found.size, pages);
      offset = page.offset;
    }
  }

  /** Undefined where the control plane does not know the type. */
  private async page(
    path: string,
    type: ResourceType,
    offset: string | undefined,
  ): Promise<Page | undefined> {
    const query = new URLSearchParams({
      size: String(PAGE_SIZE),
      ...(offset === undefined ? {} : { offset }),
    });
    try {
      return await this.read(
        `${path}?${query}`,
        `the list of ${type.name}`,
        (body) => readPage(body, type),
        type,
      );
    } catch (error) {
      if (isKumaError(error, "notFound") && offset === undefined) return undefined;
      throw error;
    }
  }

  private endless(type: ResourceType, items: number, pages: number): KumaError {
    return new KumaError(
      "incomplete",
      `The list of ${type.name} of ${this.title} (${this.reference}) comes to no end: ${items} resources in ${pages} pages, and a next one. ` +
        `Nothing was changed. Is that the control plane that is meant?`,
    );
  }

  /** One resource; undefined when there is none. */
  async get(type: ResourceType, key: ResourceKey): Promise<Resource | undefined> {
    try {
      return await this.read(itemPath(type, key), keyOf(key), (body) => readItem(body, type, key), type);
    } catch (error) {
      if (isKumaError(error, "notFound")) return undefined;
      throw error;
    }
  }

  /** When a resource is to be written, lower numbers first. See `writeStage`. */
  stageOf(key: ResourceKey): number {
    return writeStage(key);
  }

  /** Creates or replaces a resource. */
  async put(type: ResourceType, resource: Resource, _options?: PutOptions): Promise<void> {
    const response = await this.send("PUT", itemPath(type, resource), JSON.stringify(resource));
    if (response.status === 200 || response.status === 201) return;
    const isMeshMissing = response.status === 404 && type.scope === "Mesh" && !isSecret(resource);
    const what = isMeshMissing ? `mesh ${resource.mesh} for ${keyOf(resource)}` : keyOf(resource);
    throw this.failure(response, what, isSecret(resource) ? "never" : secretsIn(resource));
  }

  /**
   * Why this control plane would refuse a resource, in one sentence; undefined where it would take it, or cannot tell.
   * Nothing is written: the resource is sent under another name than its own, which Kuma refuses after it has looked at
   * the rest (v2.14.3, pkg/api-server/resource_endpoints.go, createOrUpdateResource). One on Kubernetes takes no writes at
   * its API, and cannot tell; nor is Konnect asked. `meshes` are those that it has: one that is not there yet is looked at as
   * if it were in another.
   */
  async refusalOf(
    type: ResourceType,
    resource: Resource,
    meshes: readonly string[],
  ): Promise<string | undefined> {
    if (this.hosted) return undefined;
    const mesh = meshes.find((name) => name === resource.mesh) ?? meshes.at(0);
    if (type.scope === "Mesh" && mesh === undefined) return undefined;
    const elsewhere = { type: type.name, mesh, name: `${resource.name.slice(0, 200)}.not-written` };
    const response = await this.send("PUT", itemPath(type, elsewhere), JSON.stringify(resource));
    // one that does not look at the name has written it
    if (response.status < 300) await this.delete(type, elsewhere);
    const others = response.status === 400 ? withoutPlace(response.body) : undefined;
    if (others === undefined) return undefined;
    const secrets = isSecret(resource) ? "never" : secretsIn(resource);
    return this.failure({ ...response, body: others }, keyOf(resource), secrets).message;
  }

  /** Deletes a resource; one that is not there counts as deleted. */
  async delete(type: ResourceType, key: ResourceKey): Promise<void> {
    const response = await this.send("DELETE", itemPath(type, key));
    if (response.status >= 300 && response.status !== 404)
      throw this.failure(response, keyOf(key), isSecret(key) ? "never" : []);
  }

  /** A document below the API's address. `what` names it in messages. Fails with "notFound" on 404. */
  getJson(path: string, what: string): Promise<unknown> {
    return this.read(path, what, (body) => body);
  }

  /** As `getJson`, with a look at what comes. `type` is what is read, where that is resources. */
  private async read<T>(
    path: string,
    what: string,
    look: (body: unknown) => T,
    type?: ResourceType,
  ): Promise<T> {
    const response = await this.send("GET", path);
    if (response.status !== 200)
      throw this.failure(response, what, type && isSecret({ type: type.name, name: "" }) ? "never" : []);
    const body = parseJson(response.body);
    const [shown] = path.split("?");
    if (body === undefined || body === null) throw this.malformed(shown);
    try {
      return look(body);
    } catch (error) {
      if (error instanceof WrongAnswer) throw this.malformed(shown, error.message);
      throw error;
    }
  }

  private async send(method: string, path: string, body?: string): Promise<HttpResponse> {
    const [current, ...others] = this.tokens;
    const first = await this.sendWith(current, method, path, body);
    if (!isRefused(first)) return first;
    for (const token of others) {
      const response = await this.sendWith(token, method, path, body);
      if (isRefused(response)) continue;
      this.tokens = [token, ...this.tokens.filter((each) => each !== token)];
      return response;
    }
    return first;
  }

  private async sendWith(
    token: string | undefined,
    method: string,
    path: string,
    body?: string,
  ): Promise<HttpResponse> {
    const below = this.base.pathname.replace(/\/+$/, "");
    // Konnect documents the index without a slash at its end
    const target = this.hosted && path === "/" ? below : below + path;
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    try {
      return await this.transport.request(method, target, headers, body);
    } catch (error) {
      if (!isKumaError(error, "unreachable")) throw error;
      throw new KumaError(
        "unreachable",
        `${capital(this.title)} at ${this.reference} cannot be reached: ${error.message}. ` +
          `Check that it runs, and that its address is right.`,
      );
    }
  }

  /** Words of the server are shown unless they repeat `secrets` or a token; "never" for what is about a secret. */
  private failure(
    response: HttpResponse,
    what: string,
    secrets: readonly string[] | "never" = [],
  ): KumaError {
    const { status } = response;
    const who = `${this.title} (${this.reference})`;
    const tokens = this.tokens.filter((token) => token !== undefined);
    const reason = secrets === "never" ? UNSPOKEN : wordsOf(response.body, [...tokens, ...secrets]);
    switch (status) {
      case 401:
        return new KumaError(
          "unauthenticated",
          `${capital(who)} does not accept the token that was given, or wants one, for ${what}. ` +
            (this.hosted
              ? HOSTED_TOKEN_ADVICE[401]
              : `Give an admin token of that control plane (its global secret admin-user-token holds one).`),
          status,
        );
      case 403:
        return new KumaError(
          "forbidden",
          `${capital(who)} denies access to ${what}${reason}. ` +
            (this.hosted
              ? HOSTED_TOKEN_ADVICE[403]
              : `An admin token is needed (the control plane's global secret admin-user-token holds one).`),
          status,
        );
      case 404:
        return new KumaError("notFound", `${capital(who)} has no ${what}${reason}.`, status);
      case 429:
        return new KumaError(
          "rateLimited",
          `${capital(who)} keeps answering 429 (too many requests) to ${what}.`,
          status,
        );
      default:
        return new KumaError(
          status >= 500 ? "server" : "refused",
          status >= 500
            ? `${capital(who)} failed on ${what} with status ${status}${reason}, also when asked again.`
            : `${capital(who)} refuses ${what} with status ${status}${reason}.`,
          status,
        );
    }
  }

  private malformed(path: string, why?: string): KumaError {
    return new KumaError(
      "notKuma",
      `${capital(this.title)} at ${this.reference} gives an answer to ${path} that is not one of a Kuma control plane` +
        `${why === undefined ? "" : `: ${why}`}.`,
    );
  }

  /** How its address is told to people: without credentials. */
  get reference(): string {
    return this.address.reference ?? this.base.origin + this.base.pathname.replace(/\/+$/, "");
  }
}

function isRefused({ status }: HttpResponse): boolean {
  return status === 401 || status === 403;
}

export function itemPath(type: ResourceType, { mesh, name }: ResourceKey): string {
  const inMesh = type.scope === "Mesh" ? urlPath`/meshes/${mesh ?? "default"}` : "";
  return inMesh + urlPath`/${type.path}/${name}`;
}

function parseUrl({ url, title }: ControlPlaneAddress): URL {
  let parsed: URL | undefined;
  try {
    parsed = new URL(url);
  } catch {
    // told below
  }
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new KumaError(
      "invalid",
      `The address of ${title} must be a URL such as http://localhost:5681, not ${JSON.stringify(withoutCredentials(url))}.`,
    );
  }
  if (isPrivate(parsed)) return parsed;
  throw new KumaError(
    "invalid",
    `The address of ${title}, ${withoutCredentials(url)}, is without TLS: tokens and keys would cross the network in clear. ` +
      `Nothing was sent. Use https://, with apiCaFile where its authority is not one of the system's; http:// leads to this machine only.`,
  );
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

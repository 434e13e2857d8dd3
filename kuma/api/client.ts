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
import { isKumaError } from "../errors";
import { ControlPlaneAddress, parseUrl } from "./http/address";
import { failureOf, malformed, noControlPlane, unreachable } from "./failures";
import { HttpResponse, HttpTransport } from "./http/transport";
import { parseJson } from "./json";
import { readList } from "./readList";
import { HostedApi, hostedApi, isRetriedByKonnect } from "../konnect/hostedApi";
import { urlPath } from "../resource/names";
import { secretsIn, withoutPlace } from "./refusals";
import { Environment, Resource, ResourceKey, isSecret, keyOf } from "../resource/resource";
import { FALLBACK_TYPES, ResourceType, writeStage } from "./resourceTypes";
import type { Vantage } from "./vantage";

/** Milliseconds for which an answer is kept, where that is asked for. */
const KEPT_MS = 30_000;

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
  /** By path; undefined where each question is asked anew. */
  private kept: Map<string, { asked: Promise<HttpResponse>; at: number }> | undefined;

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

  /**
   * From now on an answer serves for half a minute to whoever asks what it is, how it is configured, or what it has. For a time in
   * which nothing is written, and nothing is waited for.
   */
  keepAnswers(): void {
    this.kept ??= new Map();
  }

  /** Those that are at hand, the one that serves first. */
  get tokensAtHand(): readonly string[] {
    return this.tokens.filter((token) => token !== undefined);
  }

  /** The token that serves; undefined where it is asked without one. */
  get acceptedToken(): string | undefined {
    return this.tokens[0];
  }

  /** Whether it takes a caller without a token for an admin, as it may do for programs on its own machine. */
  async isOpen(): Promise<boolean> {
    const response = await this.sendWith(undefined, "GET", "/who-am-i");
    const { groups } = (parseJson(response.body) ?? {}) as { groups?: unknown };
    return response.status === 200 && Array.isArray(groups) && groups.includes("mesh-system:admin");
  }

  /** Whether it refuses a token, whatever else may serve. */
  async refuses(token: string): Promise<boolean> {
    return isRefused(await this.sendWith(token, "GET", "/who-am-i"));
  }

  /** Where its machine is reached by this program; undefined otherwise. */
  get vantage(): Vantage | undefined {
    return undefined;
  }

  /** Of pods by `namespace/name` those that its cluster has no more, or that have ended. Outside a cluster there are none. */
  async endedPods(_names: readonly string[]): Promise<string[]> {
    return [];
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
    const withToken = await this.ask("/");
    const response = isRefused(withToken) ? await this.sendWith(undefined, "GET", "/") : withToken;
    if (isRefused(response) || response.status === 429 || response.status >= 500) {
      throw failureOf(this, response, "its version");
    }
    const info = response.status === 200 ? readInfo(response.body) : undefined;
    if (info) return info;
    throw noControlPlane(this, response.status);
  }

  config(): Promise<ControlPlaneConfig> {
    return this.read("/config", "its configuration", readConfig, undefined, this.ask("/config"));
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

  /** Every resource of a type, over all meshes. See `readList`. */
  list(type: ResourceType): Promise<Resource[]> {
    return readList({
      of: this,
      type,
      deadlineMs: this.address.listDeadlineMs,
      page: (path, isFirst) => this.page(path, type, isFirst),
    });
  }

  /** Undefined where the control plane does not know the type. */
  private async page(path: string, type: ResourceType, isFirst: boolean): Promise<Page | undefined> {
    try {
      const what = `the list of ${type.name}`;
      return await this.read(path, what, (body) => readPage(body, type), type, this.ask(path));
    } catch (error) {
      if (isKumaError(error, "notFound") && isFirst) return undefined;
      throw error;
    }
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
    throw failureOf(this, response, what, isSecret(resource) ? "never" : secretsIn(resource));
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
    return failureOf(this, { ...response, body: others }, keyOf(resource), secrets).message;
  }

  /** Deletes a resource; one that is not there counts as deleted. */
  async delete(type: ResourceType, key: ResourceKey): Promise<void> {
    const response = await this.send("DELETE", itemPath(type, key));
    if (response.status >= 300 && response.status !== 404)
      throw failureOf(this, response, keyOf(key), isSecret(key) ? "never" : []);
  }

  /** A document below the API's address. `what` names it in messages. Fails with "notFound" on 404. */
  getJson(path: string, what: string): Promise<unknown> {
    return this.read(path, what, (body) => body);
  }

  /** Has the control plane issue something; gives the text of its answer, which may be a secret. */
  async post(path: string, body: object, what: string): Promise<string> {
    const response = await this.send("POST", path, JSON.stringify(body));
    if (response.status === 200) return response.body;
    throw failureOf(this, response, what, "never");
  }

  /** As `getJson`, with a look at what comes. `type` is what is read, where that is resources. */
  private async read<T>(
    path: string,
    what: string,
    look: (body: unknown) => T,
    type?: ResourceType,
    asked = this.send("GET", path),
  ): Promise<T> {
    const response = await asked;
    if (response.status !== 200)
      throw failureOf(this, response, what, type && isSecret({ type: type.name }) ? "never" : []);
    const body = parseJson(response.body);
    const [shown] = path.split("?");
    if (body === undefined || body === null) throw malformed(this, shown);
    try {
      return look(body);
    } catch (error) {
      if (error instanceof WrongAnswer) throw malformed(this, shown, error.message);
      throw error;
    }
  }

  /** GETs what may be kept. A refusal is no answer. */
  private ask(path: string): Promise<HttpResponse> {
    const kept = this.kept?.get(path);
    if (kept && Date.now() - kept.at < KEPT_MS) return kept.asked;
    const asked = this.send("GET", path);
    this.kept?.set(path, { asked, at: Date.now() });
    const forget = () => this.kept?.delete(path);
    asked.then(({ status }) => status === 200 || forget(), forget);
    return asked;
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
      throw unreachable(this, error.message);
    }
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

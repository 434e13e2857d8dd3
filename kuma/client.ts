import { Database } from "./database";
import { KumaError, isKumaError } from "./errors";
import { HttpOptions, HttpResponse, HttpTransport } from "./http";
import { HOSTED_TOKEN_ADVICE, HostedApi, hostedApi, isRetriedByKonnect } from "./konnect/hostedApi";
import { Environment, Resource, ResourceKey, keyOf } from "./resource";
import { FALLBACK_TYPES, ResourceType, writeStage } from "./resourceTypes";

/** The most that one page holds (Kuma v2.14.3, pkg/api-server/pagination.go); the default is 100. */
const PAGE_SIZE = 1000;
/** A list that changes while it is read is read again this often. */
const LIST_ATTEMPTS = 4;

export interface ControlPlaneAddress extends HttpOptions {
  /** How messages call it, for example "the zone control plane". */
  title: string;
  /** Base of the REST API, for example `http://localhost:5681`. */
  url: string;
  /** What stands for the URL in messages, where that leads through a port of this process's own. */
  reference?: string;
  /** Bearer tokens; when one is refused (401, 403) the others are tried, and the one that is accepted goes on serving. */
  tokens?: string[];
}

export interface ControlPlaneInfo {
  product: string;
  version: string;
  instanceId?: string;
  clusterId?: string;
  /** Path of the GUI below the API's address. */
  gui?: string;
}

/** What a control plane tells of its configuration, as far as it is looked at here. */
export interface ConfigDocument {
  mode?: string;
  environment?: string;
  store?: { type?: string; postgres?: { host?: string; port?: number; dbName?: string } };
  multizone?: {
    zone?: {
      name?: string;
      globalAddress?: string;
      kds?: { rootCaFile?: string; tlsSkipVerify?: boolean; maxMsgSize?: number };
    };
    global?: { kds?: { maxMsgSize?: number } };
  };
  kmesh?: { multizone?: { zone?: { konnect?: { cpId?: string } } } };
  apiServer?: {
    readOnly?: boolean;
    authn?: { tokens?: { validator?: { publicKeys?: unknown[] | null } } };
  };
}

/** The database that a control plane is on; undefined where its store is another one, or it does not tell. */
export function databaseIn({ store }: ConfigDocument): Database | undefined {
  const { host, port, dbName } = store?.postgres ?? {};
  if (store?.type !== "postgres" || host === undefined || port === undefined || dbName === undefined) {
    return undefined;
  }
  return { host, port, name: dbName };
}

export interface ControlPlaneConfig {
  mode: "zone" | "global";
  environment: string;
  zoneName?: string;
  /** Address of the global that this zone dials; absent when it runs alone. */
  globalAddress?: string;
  storeType?: string;
  /** For store type postgres. */
  database?: Database;
  /** What a zone trusts in place of the system's authorities when it dials its global, and whether it checks at all. */
  kdsRootCaFile?: string;
  kdsSkipsVerify?: boolean;
  /** Kong Mesh: the control plane in Konnect that this zone belongs to. */
  konnectControlPlaneId?: string;
  /** The API takes no writes; on Kubernetes they go to Kubernetes' own API. */
  readOnly?: boolean;
  /** The most bytes of a message of KDS, as either kind of control plane takes and sends it. */
  kdsMaxMsgSize?: { global?: number; zone?: number };
  /** Accepts user tokens that were signed elsewhere, with keys of its configuration. */
  hasPublicKeys?: boolean;
}

export interface PutOptions {
  /**
   * Replaces what is there also where someone else is known to manage it. Kuma's REST API knows no managers and always
   * replaces; Kubernetes does.
   */
  overwrite?: boolean;
}

/** The body of an error answer (Kuma: `/std-errors`, older ones: `/error`). */
interface ErrorBody {
  title?: string;
  detail?: string;
  details?: string;
  invalid_parameters?: { field?: string; reason?: string }[];
  causes?: { field?: string; message?: string }[];
}

interface Page {
  total?: number;
  items?: Resource[];
  next?: string | null;
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
    const body = parseJson(response.body) as Partial<ControlPlaneInfo & { tagline: string }> | undefined;
    const product = body?.product ?? body?.tagline;
    if (response.status !== 200 || typeof product !== "string" || typeof body?.version !== "string") {
      throw new KumaError(
        "notKuma",
        `What answers at ${this.reference} is not a Kuma or Kong Mesh control plane (status ${response.status}, no product and version). ` +
          `Give the address of the control plane's API server, by default port 5681.`,
      );
    }
    return { ...body, product, version: body.version };
  }

  async config(): Promise<ControlPlaneConfig> {
    const body = (await this.getJson("/config", "its configuration")) as ConfigDocument;
    const zone = body.multizone?.zone;
    const konnectControlPlaneId = body.kmesh?.multizone?.zone?.konnect?.cpId;
    const [global, own] = [body.multizone?.global?.kds?.maxMsgSize, zone?.kds?.maxMsgSize];
    const publicKeys = body.apiServer?.authn?.tokens?.validator?.publicKeys ?? [];
    return {
      // "standalone" is what 2.0 to 2.5 call a zone that runs alone
      mode: body.mode === "global" ? "global" : "zone",
      environment: body.environment ?? "universal",
      zoneName: zone?.name || undefined,
      globalAddress: zone?.globalAddress || undefined,
      storeType: body.store?.type,
      database: databaseIn(body),
      ...(zone?.kds?.rootCaFile && { kdsRootCaFile: zone.kds.rootCaFile }),
      ...(zone?.kds?.tlsSkipVerify && { kdsSkipsVerify: true }),
      ...(konnectControlPlaneId && { konnectControlPlaneId }),
      readOnly: body.apiServer?.readOnly === true,
      ...((global ?? own) && { kdsMaxMsgSize: { global, zone: own } }),
      ...(publicKeys.length > 0 && { hasPublicKeys: true }),
    };
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
      const body = (await this.getJson("/_resources", "its resource types")) as {
        resources?: ResourceType[];
      };
      if (!Array.isArray(body.resources)) throw this.malformed("/_resources");
      return body.resources;
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
    for (let attempt = 1; ; attempt++) {
      const { items, total } = await this.listOnce(type);
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

  private async listOnce(type: ResourceType): Promise<{ items: Resource[]; total?: number }> {
    const found = new Map<string, Resource>();
    let total: number | undefined;
    let offset: string | undefined;
    const seen = new Set<string>();
    do {
      const query = new URLSearchParams({
        size: String(PAGE_SIZE),
        ...(offset === undefined ? {} : { offset }),
      });
      let page: Page;
      try {
        page = (await this.getJson(`/${type.path}?${query}`, `the list of ${type.name}`)) as Page;
      } catch (error) {
        if (isKumaError(error, "notFound") && offset === undefined) return { items: [] };
        throw error;
      }
      // an empty list is `items: []`, in some versions `items: null`
      if (page.items !== null && !Array.isArray(page.items)) throw this.malformed(`/${type.path}`);
      for (const item of page.items ?? []) found.set(keyOf(item), item);
      total = page.total ?? total;
      offset = nextOffset(page.next);
      if (offset !== undefined && seen.has(offset)) throw this.malformed(`/${type.path}`);
      if (offset !== undefined) seen.add(offset);
    } while (offset !== undefined);
    return { items: [...found.values()], total };
  }

  /** One resource; undefined when there is none. */
  async get(type: ResourceType, key: ResourceKey): Promise<Resource | undefined> {
    try {
      return (await this.getJson(itemPath(type, key), keyOf(key))) as Resource;
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
    if (response.status !== 200 && response.status !== 201) throw this.failure(response, keyOf(resource));
  }

  /** Deletes a resource; one that is not there counts as deleted. */
  async delete(type: ResourceType, key: ResourceKey): Promise<void> {
    const response = await this.send("DELETE", itemPath(type, key));
    if (response.status >= 300 && response.status !== 404) throw this.failure(response, keyOf(key));
  }

  /** A document below the API's address. `what` names it in messages. Fails with "notFound" on 404. */
  async getJson(path: string, what: string): Promise<unknown> {
    const response = await this.send("GET", path);
    if (response.status !== 200) throw this.failure(response, what);
    const body = parseJson(response.body);
    if (body === undefined || body === null) throw this.malformed(path);
    return body;
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

  private failure(response: HttpResponse, what: string): KumaError {
    const { status } = response;
    const who = `${this.title} (${this.reference})`;
    const reason = describeError(response);
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

  private malformed(path: string): KumaError {
    return new KumaError(
      "notKuma",
      `${capital(this.title)} at ${this.reference} gives an answer to ${path} that is not one of a Kuma control plane.`,
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
  const inMesh = type.scope === "Mesh" ? `/meshes/${encodeURIComponent(mesh ?? "default")}` : "";
  return `${inMesh}/${type.path}/${encodeURIComponent(name)}`;
}

/**
 * Only the offset of `next` is used: the control plane builds that address from what it believes its own host to be,
 * and a token must not go to another one.
 */
function nextOffset(next: string | null | undefined): string | undefined {
  if (!next) return undefined;
  return /[?&]offset=([^&#]+)/.exec(next)?.[1];
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
  return parsed;
}

/** What stands between `//` and `@` may be a password. */
export function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/]*@/, "//");
}

function asList<T>(value: T[] | undefined): T[] {
  return Array.isArray(value) ? value : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What the control plane says of an error. Only its own words: titles and reasons of fields, never a value.
 */
function describeError(response: HttpResponse): string {
  const body = parseJson(response.body) as ErrorBody | undefined;
  if (!body) return "";
  const fields = [
    ...asList(body.invalid_parameters).map(({ field, reason }) => [field, reason]),
    ...asList(body.causes).map(({ field, message }) => [field, message]),
  ].map((parts) => parts.filter(Boolean).join(": "));
  const words = [body.title, body.detail ?? body.details, ...new Set(fields)].filter(Boolean);
  return words.length === 0 ? "" : ` (${[...new Set(words)].join("; ")})`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

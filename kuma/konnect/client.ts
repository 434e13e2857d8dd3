import { capital } from "../api/client";
import { KumaError, isKumaError } from "../errors";
import { HttpOptions, HttpResponse, HttpTransport } from "../api/http";
import { objectIn, parseJson, valueAt } from "../api/json";
import { urlPath } from "../resource/names";
import { oneLine } from "../printable";
import { UNSPOKEN, wordsOf } from "../api/refusals";
import { isRetriedByKonnect } from "./hostedApi";
import { KonnectAddresses } from "./regions";

export interface KonnectOptions extends HttpOptions, KonnectAddresses {
  region: string;
  token: string;
}

/** A control plane as Konnect's list shows it. Names are not unique. */
export interface HostedControlPlane {
  id: string;
  name: string;
  /** Of the API, such as `v2`; nothing follows from it for the version that runs. */
  version?: string;
}

export interface SystemAccount {
  id: string;
  name: string;
  konnect_managed?: boolean;
}

export interface AccessToken {
  id: string;
  name: string;
  /** RFC 3339. */
  expires_at: string;
}

export interface AssignedRole {
  id: string;
  role_name: string;
  entity_id: string;
  entity_type_name: string;
  entity_region: string;
}

interface Request {
  method: "GET" | "POST" | "DELETE";
  path: string;
  body?: object;
  /** What it is about, for messages: "the system account x". */
  what: string;
  /** The role without which it is denied. */
  role: string;
  /** The answer holds a token, so that nothing of it is ever shown. */
  isSecret?: true;
}

const PAGE_SIZE = 100;
/** Bounds a list that comes to no end. */
const MOST_PAGES = 1_000;
const MESH_ROLE = (role: string) => `"${role}" on Mesh Control Planes`;
const IDENTITY_ADMIN = `"Identity Admin" of the organisation`;
/** Answers that say that the other side may have done what it was asked for. */
const UNCERTAIN = ["unreachable", "server"] as const;

/**
 * Konnect's own API, as far as a federation needs it: control planes of a region, and system accounts with roles and
 * tokens of the organisation. Shapes follow Kong's published OpenAPI documents (mesh-control-planes v0, identity v3).
 * Errors are `KumaError`s; for 403 they name the role that is missing.
 */
export class Konnect {
  private readonly region: Api;
  private readonly identity: Api;

  constructor(private readonly options: KonnectOptions) {
    this.region = new Api(options, `Konnect in region ${options.region}`, options.apiUrl);
    this.identity = new Api(options, "Konnect's identity API", options.identityUrl);
  }

  close(): void {
    this.region.close();
    this.identity.close();
  }

  /** Control planes of exactly this name. */
  async controlPlanesNamed(name: string): Promise<HostedControlPlane[]> {
    const filter = new URLSearchParams({ "filter[name][eq]": name });
    const found = await this.region.list<HostedControlPlane>(`/v1/mesh/control-planes?${filter}`, {
      what: "the list of mesh control planes",
      role: MESH_ROLE("Viewer"),
    });
    return found.filter((each) => each.name === name);
  }

  /** Undefined when the region has none of this id, or the token cannot see it. */
  async controlPlane(id: string): Promise<HostedControlPlane | undefined> {
    const path = urlPath`/v1/mesh/control-planes/${id}`;
    const what = `the mesh control plane ${id}`;
    return orUndefined(
      this.region.json<HostedControlPlane>({ method: "GET", path, what, role: MESH_ROLE("Viewer") }),
    );
  }

  /**
   * Makes a control plane that makes no mesh and no hostname generators of its own. Names are not unique, so a request
   * whose answer got lost is not sent again before a look whether it was carried out.
   */
  async createControlPlane(name: string): Promise<HostedControlPlane> {
    const request: Request = {
      method: "POST",
      path: "/v1/mesh/control-planes",
      body: {
        name,
        description: "Made by kuma-federation",
        features: [
          { type: "MeshCreation", meshCreation: { enabled: false } },
          { type: "HostnameGeneratorCreation", hostnameGeneratorCreation: { enabled: false } },
        ],
      },
      what: `the mesh control plane ${name}`,
      role: MESH_ROLE("Creator"),
    };
    try {
      return await this.region.json<HostedControlPlane>(request, { attempts: 1 });
    } catch (error) {
      if (!isKumaError(error, ...UNCERTAIN)) throw error;
      const [made] = await this.controlPlanesNamed(name);
      return made ?? (await this.region.json<HostedControlPlane>(request, { attempts: 1 }));
    }
  }

  /** Konnect refuses it (400) while a zone is online. One that is not there counts as deleted. */
  async deleteControlPlane(id: string): Promise<void> {
    const path = urlPath`/v1/mesh/control-planes/${id}`;
    await orUndefined(
      this.region.send({
        method: "DELETE",
        path,
        what: `the mesh control plane ${id}`,
        role: MESH_ROLE("Admin"),
      }),
    );
  }

  async systemAccountNamed(name: string): Promise<SystemAccount | undefined> {
    const filter = new URLSearchParams({ "filter[name][eq]": name });
    const what = "the list of system accounts";
    const found = await this.identity.list<SystemAccount>(`/v3/system-accounts?${filter}`, {
      what,
      role: IDENTITY_ADMIN,
    });
    return found.find((each) => each.name === name);
  }

  async createSystemAccount(name: string, description: string): Promise<SystemAccount> {
    const body = { name, description, konnect_managed: false };
    const what = `the system account ${name}`;
    try {
      return await this.identity.json<SystemAccount>({
        method: "POST",
        path: "/v3/system-accounts",
        body,
        what,
        role: IDENTITY_ADMIN,
      });
    } catch (error) {
      // names are unique: a request whose answer got lost has made it
      const made = isKumaError(error, "refused") && error.status === 409;
      const account = made ? await this.systemAccountNamed(name) : undefined;
      if (account) return account;
      throw error;
    }
  }

  /** With its roles and tokens. One that is not there counts as deleted. */
  async deleteSystemAccount(id: string): Promise<void> {
    await orUndefined(
      this.identity.send({
        method: "DELETE",
        path: urlPath`/v3/system-accounts/${id}`,
        what: `the system account ${id}`,
        role: IDENTITY_ADMIN,
      }),
    );
  }

  /** Lets an account connect zones with a control plane. Assigned already counts as done. */
  async assignConnector(accountId: string, controlPlaneId: string): Promise<void> {
    try {
      await this.identity.send({
        method: "POST",
        path: urlPath`/v3/system-accounts/${accountId}/assigned-roles`,
        body: {
          role_name: "Connector",
          entity_type_name: "Mesh Control Planes",
          entity_id: controlPlaneId,
          entity_region: this.options.region,
        },
        what: `the role Connector of the system account ${accountId}`,
        role: IDENTITY_ADMIN,
      });
    } catch (error) {
      if (!(isKumaError(error, "refused") && error.status === 409)) throw error;
    }
  }

  /** Undefined when there is no such account. */
  async assignedRoles(accountId: string): Promise<AssignedRole[] | undefined> {
    const path = urlPath`/v3/system-accounts/${accountId}/assigned-roles`;
    const what = `the roles of the system account ${accountId}`;
    return orUndefined(this.identity.list<AssignedRole>(path, { what, role: IDENTITY_ADMIN }));
  }

  /** Undefined when there is no such account. */
  async accessTokens(accountId: string): Promise<AccessToken[] | undefined> {
    const path = urlPath`/v3/system-accounts/${accountId}/access-tokens`;
    const what = `the tokens of the system account ${accountId}`;
    return orUndefined(this.identity.list<AccessToken>(path, { what, role: IDENTITY_ADMIN }));
  }

  /** Konnect shows the token this once. A name serves only once: 409 where an answer got lost. */
  async createAccessToken(
    accountId: string,
    name: string,
    expiresAt: Date,
  ): Promise<AccessToken & { token: string }> {
    const made = await this.identity.json<Partial<AccessToken & { token: string }>>({
      method: "POST",
      path: urlPath`/v3/system-accounts/${accountId}/access-tokens`,
      body: { name, expires_at: expiresAt.toISOString() },
      what: `the access token ${name}`,
      role: IDENTITY_ADMIN,
      isSecret: true,
    });
    if (isToken(made.token) && typeof made.expires_at === "string")
      return made as AccessToken & { token: string };
    throw new KumaError("notKuma", `Konnect's identity API gave no token for the access token ${name}.`);
  }

  async deleteAccessToken(accountId: string, tokenId: string): Promise<void> {
    await orUndefined(
      this.identity.send({
        method: "DELETE",
        path: urlPath`/v3/system-accounts/${accountId}/access-tokens/${tokenId}`,
        what: `the access token ${tokenId}`,
        role: IDENTITY_ADMIN,
      }),
    );
  }

  /**
   * What the web wizard calls. Kong does not document it: it was seen in Kong's GUI and in scripts of 2023 to 2025,
   * below `/v0`. It makes an account that Konnect manages and removes together with the zone.
   */
  async provisionZone(controlPlaneId: string, zoneName: string): Promise<string> {
    const { token } = await this.region.json<{ token?: string }>({
      method: "POST",
      path: urlPath`/v1/mesh/control-planes/${controlPlaneId}/api/provision-zone`,
      body: { name: zoneName },
      what: `zone ${zoneName}`,
      role: MESH_ROLE("Admin"),
      isSecret: true,
    });
    if (isToken(token)) return token;
    throw new KumaError(
      "refused",
      `Konnect's undocumented call for the web wizard gave no token for zone ${zoneName}. Use zoneProvisioning: systemAccount.`,
    );
  }
}

/** One of Konnect's APIs. The token goes to this host only: no link or redirect is followed. */
class Api {
  private readonly transport: HttpTransport;
  private readonly once: HttpTransport;
  private readonly url: URL;

  constructor(
    private readonly options: KonnectOptions,
    private readonly title: string,
    address: string,
  ) {
    this.url = new URL(address);
    const published = { isRetried: isRetriedByKonnect, concurrency: 1, ...options };
    this.transport = new HttpTransport(this.url, published);
    this.once = new HttpTransport(this.url, { ...published, attempts: 1 });
  }

  close(): void {
    this.transport.close();
    this.once.close();
  }

  /** Page after page until all of `total` is there, or one brings nothing new. */
  async list<T extends { id: string }>(
    path: string,
    { what, role }: Pick<Request, "what" | "role">,
  ): Promise<T[]> {
    const found = new Map<string, T>();
    for (let number = 1; number <= MOST_PAGES; number++) {
      const page = new URLSearchParams({ "page[size]": String(PAGE_SIZE), "page[number]": String(number) });
      const request = {
        method: "GET",
        path: `${path}${path.includes("?") ? "&" : "?"}${page}`,
        what,
        role,
      } as const;
      const answer = await this.json<{ data?: unknown }>(request);
      if (!Array.isArray(answer.data)) throw this.notKonnect(what);
      const before = found.size;
      for (const each of answer.data) {
        if (!isEntry(each)) throw this.notKonnect(what);
        found.set(each.id, each as T);
      }
      const total = valueAt(answer, "meta", "page", "total");
      if (found.size === before || typeof total !== "number" || found.size >= total)
        return [...found.values()];
    }
    throw new KumaError(
      "incomplete",
      `${this.who()}: ${what} comes to no end: ${found.size} entries in ${MOST_PAGES} pages. Nothing was changed by this request.`,
    );
  }

  async json<T>(request: Request, { attempts }: { attempts?: 1 } = {}): Promise<T> {
    const { body } = await this.send(request, { attempts });
    const value = objectIn(parseJson(body));
    if (value && (value.id === undefined || isEntry(value))) return value as T;
    // the body may hold a token, so it is not shown
    throw this.notKonnect(request.what);
  }

  async send(request: Request, { attempts }: { attempts?: 1 } = {}): Promise<HttpResponse> {
    const { method, path, body } = request;
    const headers = { authorization: `Bearer ${this.options.token}` };
    const transport = attempts === 1 ? this.once : this.transport;
    let response: HttpResponse;
    try {
      response = await transport.request(
        method,
        this.url.pathname.replace(/\/+$/, "") + path,
        headers,
        body && JSON.stringify(body),
      );
    } catch (error) {
      if (!isKumaError(error, "unreachable")) throw error;
      throw new KumaError(
        "unreachable",
        `${this.who()} cannot be reached: ${error.message}. Check the setting global.region and the way to the internet.`,
      );
    }
    if (response.status >= 200 && response.status < 300) return response;
    throw this.failure(response, request);
  }

  private failure(response: HttpResponse, { what, role, isSecret }: Request): KumaError {
    const { status } = response;
    switch (status) {
      case 401:
        return new KumaError(
          "unauthenticated",
          `${this.who()} does not accept the token: it has expired, was revoked or is wrong. ` +
            `Set a new one as konnectToken or KONNECT_TOKEN. Nothing was changed.`,
          status,
        );
      case 403:
        return new KumaError(
          "forbidden",
          `${this.who()} denies access to ${what}: the token lacks the role ${role}. Nothing was changed by this request.`,
          status,
        );
      case 404:
        return new KumaError("notFound", `${this.who()} has no ${what}.`, status);
      case 429:
        return new KumaError("rateLimited", `${this.who()} keeps answering 429 (too many requests).`, status);
      default:
        return new KumaError(
          status >= 500 ? "server" : "refused",
          `${this.who()} refuses ${what} with status ${status}${isSecret ? UNSPOKEN : wordsOf(response.body, [this.options.token])}.`,
          status,
        );
    }
  }

  private notKonnect(what: string): KumaError {
    return new KumaError(
      "notKuma",
      `What answers at ${this.url.origin} is not Konnect: its answer about ${what} is not one of Konnect's API.`,
    );
  }

  private who(): string {
    return `${capital(this.title)} (${this.url.origin})`;
  }
}

/** What can go into a header. */
function isToken(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value);
}

/** What Konnect lists has an id, which becomes part of addresses, and most of it a name. */
function isEntry(value: unknown): value is { id: string } {
  const { id, name } = objectIn(value) ?? {};
  const isNamed = name === undefined || (typeof name === "string" && oneLine(name) === name);
  return typeof id === "string" && /^[\w-]{1,100}$/.test(id) && isNamed;
}

async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isKumaError(error, "notFound")) return undefined;
    throw error;
  }
}

import { KumaError, isKumaError } from "../errors";
import { HttpOptions, HttpResponse, HttpTransport } from "../api/http/transport";
import { objectIn, parseJson, valueAt } from "../api/json";
import { capital, oneLine } from "../printable";
import { UNSPOKEN, wordsOf } from "../api/refusals";
import { isRetriedByKonnect } from "./hostedApi";
import type { KonnectAddresses } from "./regions";

export interface KonnectOptions extends HttpOptions, KonnectAddresses {
  region: string;
  token: string;
}

export interface Request {
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

/** One of Konnect's APIs. The token goes to this host only: no link or redirect is followed. */
export class Api {
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
        `${this.who()} cannot be reached: ${error.message}. Check the setting region of the global, and the way to the internet.`,
      );
    }
    if (response.status < 300) return response;
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
        return new KumaError("notFound", `${this.who()} does not have ${what}.`, status);
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

/** What Konnect lists has an id, which becomes part of addresses, and most of it a name. */
function isEntry(value: unknown): value is { id: string } {
  const { id, name } = objectIn(value) ?? {};
  const isNamed = name === undefined || (typeof name === "string" && oneLine(name) === name);
  return typeof id === "string" && /^[\w-]{1,100}$/.test(id) && isNamed;
}

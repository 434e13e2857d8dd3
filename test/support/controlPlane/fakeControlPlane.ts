import * as http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { ControlPlane, ControlPlaneAddress, Resource, ResourceType, keyOf } from "../../../kuma";
import { UNIVERSAL_TYPES } from "../resources/types";

export interface SeenRequest {
  method: string;
  /** With the query. */
  path: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** What goes wrong with one request. Without a kind that ends it, the request is answered as usual afterwards. */
export interface Fault {
  /** Milliseconds before anything is answered. */
  delayMs?: number;
  status?: number;
  headers?: http.OutgoingHttpHeaders;
  body?: string;
  /** `cut` ends the connection unanswered, `cutInHead` in the middle of the head, `cutInBody` of the body. */
  ending?: "cut" | "cutInHead" | "cutInBody" | "freeze" | "freezeInBody";
  /** Changes a list's page before it is sent. */
  page?: (page: Page) => unknown;
}

export interface Page {
  total: number;
  items: Resource[] | null;
  next: string | null;
}

type Matcher = (request: SeenRequest) => boolean;

export interface FakeOptions {
  product?: string;
  version?: string;
  clusterId?: string;
  types?: readonly ResourceType[];
  /** The document at /config. */
  config?: unknown;
  resources?: readonly Resource[];
  /** Path below which everything is served, for example "/x/api". */
  basePath?: string;
}

/** A scriptable HTTP server on the loopback interface that speaks just enough of Kuma's REST API. */
export class FakeControlPlane {
  readonly requests: SeenRequest[] = [];
  readonly store = new Map<string, Resource>();
  /** Answers of /zones/NAME/_overview, one after the other; the last one repeats. */
  readonly overviews = new Map<string, unknown[]>();
  /** Further documents, by path. */
  readonly documents = new Map<string, unknown>();
  types: readonly ResourceType[];
  config: unknown;
  /** Connections accepted so far. */
  connections = 0;
  inFlight = 0;
  mostInFlight = 0;
  /** Kept when the server is stopped. */
  port = 0;
  private readonly faults: { matches: Matcher; fault: Fault; left: number }[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server: http.Server;

  private constructor(private readonly options: FakeOptions) {
    this.types = options.types ?? UNIVERSAL_TYPES;
    this.config = options.config ?? { mode: "global", environment: "universal", store: { type: "memory" } };
    this.add(...(options.resources ?? []));
    this.server = http.createServer((request, response) => void this.serve(request, response));
    this.server.on("connection", (socket) => {
      this.connections++;
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
  }

  static async start(options: FakeOptions = {}): Promise<FakeControlPlane> {
    const fake = new FakeControlPlane(options);
    await new Promise<void>((resolve) => fake.server.listen(0, "127.0.0.1", resolve));
    fake.port = (fake.server.address() as AddressInfo).port;
    running.add(fake);
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}${this.options.basePath ?? ""}`;
  }

  add(...resources: Resource[]): void {
    for (const resource of resources) this.store.set(keyOf(resource), resource);
  }

  /** Connections that are open now. */
  get open(): number {
    return this.sockets.size;
  }

  /** Lets something go wrong with the next `times` requests (default 1) that fit; `method` and start of the path. */
  fail(where: string | Matcher, fault: Fault, times = 1): void {
    const matches =
      typeof where === "function"
        ? where
        : ({ method, path }: SeenRequest) => `${method} ${path}`.startsWith(where);
    this.faults.push({ matches, fault, left: times });
  }

  /** Method and path of what was asked so far, without the base path's query changed. */
  get asked(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  /** Paths of the writes so far, in order. */
  get writes(): string[] {
    return this.asked.filter((line) => !line.startsWith("GET ") && !line.endsWith(NOT_WRITTEN));
  }

  async stop(): Promise<void> {
    running.delete(this);
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    response.on("close", () => this.inFlight--);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const seen: SeenRequest = {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      body: Buffer.concat(chunks).toString("utf8"),
    };
    this.requests.push(seen);
    const fault = this.takeFault(seen);
    if (fault?.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault && this.answerWrongly(fault, request.socket, response)) return;
    const { status, body } = this.answer(seen, fault);
    send(response, status, body, fault?.headers);
  }

  private takeFault(seen: SeenRequest): Fault | undefined {
    const found = this.faults.find(({ matches, left }) => left > 0 && matches(seen));
    if (found) found.left--;
    return found?.fault;
  }

  /** True when the fault ended the request. */
  private answerWrongly(
    { ending, status, headers, body }: Fault,
    socket: Socket,
    response: http.ServerResponse,
  ): boolean {
    switch (ending) {
      case "cut":
        socket.destroy();
        return true;
      case "cutInHead":
        socket.end("HTTP/1.1 200 OK\r\nContent-Le");
        return true;
      case "cutInBody":
        response
          .writeHead(200, { "content-length": 1000 })
          .write('{"total": 1, "ite', () => socket.destroy());
        return true;
      case "freeze":
        return true;
      case "freezeInBody":
        response.writeHead(200, { "content-length": 1000 }).write('{"total": 1, "ite');
        return true;
    }
    if (status === undefined && body === undefined) return false;
    send(response, status ?? 200, body ?? "", headers);
    return true;
  }

  private answer(seen: SeenRequest, fault: Fault | undefined): { status: number; body: unknown } {
    const base = this.options.basePath ?? "";
    if (!seen.path.startsWith(base)) return notFound;
    const url = new URL(`http://fake${seen.path.slice(base.length)}`);
    const segments = url.pathname.split("/").slice(1).map(decodeURIComponent);
    if (url.pathname === "/") return { status: 200, body: this.index() };
    const document = this.documents.get(url.pathname);
    if (document !== undefined) return { status: 200, body: document };
    if (url.pathname === "/config") return { status: 200, body: this.config };
    if (url.pathname === "/_resources") return { status: 200, body: { resources: this.types } };
    if (segments[0] === "zones" && segments[2] === "_overview") return this.overview(segments[1]);
    if (url.pathname === "/zones+insights") return this.allOverviews();
    if (segments.length === 1) return this.list(segments[0], url.searchParams, fault);
    return this.item(seen, segments);
  }

  private index(): unknown {
    const { product = "Kuma", version = "2.14.3", clusterId } = this.options;
    return { product, version, clusterId, tagline: product, instanceId: "fake-1", gui: "/gui" };
  }

  private overview(zone: string): { status: number; body: unknown } {
    const answers = this.overviews.get(zone);
    if (!answers) return notFound;
    return { status: 200, body: answers.length > 1 ? answers.shift() : answers[0] };
  }

  private allOverviews(): { status: number; body: unknown } {
    const items = [...this.overviews.keys()].map((zone) => ({
      type: "ZoneOverview",
      ...(this.overview(zone).body as object),
    }));
    return { status: 200, body: { total: items.length, items, next: null } };
  }

  private list(
    path: string,
    query: URLSearchParams,
    fault: Fault | undefined,
  ): { status: number; body: unknown } {
    const type = this.types.find((each) => each.path === path);
    if (!type) return notFound;
    const size = Number(query.get("size") ?? 100);
    if (size > 1000)
      return { status: 400, body: { title: "Could not parse page", detail: "invalid page size" } };
    const all = [...this.store.values()].filter((resource) => resource.type === type.name);
    const from = Number(query.get("offset") ?? 0);
    const to = from + size;
    const page: Page = {
      total: all.length,
      items: all.slice(from, to),
      next: to < all.length ? `${this.url}/${path}?offset=${to}&size=${size}` : null,
    };
    return { status: 200, body: fault?.page ? fault.page(page) : page };
  }

  private item(seen: SeenRequest, segments: string[]): { status: number; body: unknown } {
    const mesh = segments[0] === "meshes" && segments.length === 4 ? segments[1] : undefined;
    const [path, name] = mesh === undefined ? segments : segments.slice(2);
    const scope = mesh === undefined ? "Global" : "Mesh";
    const type = this.types.find((each) => each.path === path && each.scope === scope);
    if (!type) return notFound;
    const key = keyOf({ type: type.name, mesh, name });
    switch (seen.method) {
      case "PUT": {
        if (name.endsWith(NOT_WRITTEN)) return refusal("name from the URL has to be the same as in body");
        const status = this.store.has(key) ? 200 : 201;
        this.store.set(key, JSON.parse(seen.body) as Resource);
        return { status, body: {} };
      }
      case "DELETE":
        return this.store.delete(key) ? { status: 200, body: {} } : notFound;
      default: {
        const found = this.store.get(key);
        return found ? { status: 200, body: found } : notFound;
      }
    }
  }
}

const notFound = {
  status: 404,
  body: { type: "/std-errors", status: 404, title: "Could not find resource" },
};

function send(
  response: http.ServerResponse,
  status: number,
  body: unknown,
  headers: http.OutgoingHttpHeaders = {},
): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response
    .writeHead(status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
      ...headers,
    })
    .end(text);
}

const running = new Set<FakeControlPlane>();
const clients = new Set<ControlPlane>();

/** A client of a fake, with waits that suit a test. */
export function clientOf(fake: FakeControlPlane, options: Partial<ControlPlaneAddress> = {}): ControlPlane {
  const client = new ControlPlane({ title: "the control plane", url: fake.url, attempts: 3, ...options });
  clients.add(client);
  return client;
}

/** Stops every fake and client; to be called in `afterEach`. */
export async function stopFakes(): Promise<void> {
  for (const client of clients) client.close();
  clients.clear();
  await Promise.all([...running].map((fake) => fake.stop()));
}

/** How the names end under which is asked whether a resource would be taken, see `ControlPlane.refusalOf`. */
export const NOT_WRITTEN = ".not-written";

function refusal(reason: string) {
  return {
    status: 400,
    body: { title: "Could not process a resource", invalid_parameters: [{ field: "name", reason }] },
  };
}

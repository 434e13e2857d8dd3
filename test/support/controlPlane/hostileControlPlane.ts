import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as fc from "fast-check";
import { ControlPlane } from "../../../kuma";
import { later } from "../cleanUp";
import { UNIVERSAL_TYPES } from "../resources/types";

/** What is asked of a control plane, by what it answers with. */
export type Document = "index" | "config" | "types" | "list" | "item" | "overview" | "insight" | "whoAmI";

/** Answers of a control plane that is hostile or broken; what is left out is answered as a good one would. */
export interface Answers {
  status?: number;
  documents: Partial<Record<Document, unknown>>;
  /** In place of JSON. */
  text?: string;
}

/** Names that lead elsewhere, command a terminal or the log of CI, or hide something. */
export const EVIL_NAMES = [
  "..",
  ".",
  "",
  "../../meshes/default",
  "a/b",
  "a?size=1",
  "a%2f..",
  "x\n::add-mask::default",
  "x\r\n  create: Mesh forged",
  "\u001b[2J\u001b]0;owned\u0007",
  "a\u202eb",
  "a\u200bb",
  "\u2028",
  "\ud800",
  "a".repeat(100_000),
  "__proto__",
  "constructor",
  "<{%reset%}>",
] as const;

const evilName = fc.oneof(
  fc.constantFrom(...EVIL_NAMES),
  fc.string({ maxLength: 300 }),
  fc.stringMatching(/^[0-9a-z._-]{1,20}$/),
);
const anyJson = fc.jsonValue({ maxDepth: 4 });
const typeNames = UNIVERSAL_TYPES.map(({ name }) => name);

/** Much like a resource, with one thing or another that is not. */
const anyItem = fc.oneof(
  anyJson,
  fc.record(
    {
      type: fc.oneof(fc.constantFrom(...typeNames), evilName),
      name: evilName,
      mesh: fc.oneof(fc.constant("default"), evilName),
      labels: fc.oneof(
        anyJson,
        fc.dictionary(
          fc.constantFrom("kuma.io/origin", "kuma.io/zone", "kuma.io/display-name", "k8s.kuma.io/namespace"),
          fc.oneof(fc.constantFrom("zone", "global", "zone-1"), evilName),
        ),
      ),
      spec: anyJson,
      mtls: anyJson,
      data: anyJson,
      creationTime: anyJson,
    },
    { requiredKeys: [] },
  ),
);

const anyType = fc.oneof(
  anyJson,
  fc.record({
    name: fc.oneof(fc.constantFrom(...typeNames), evilName),
    scope: fc.oneof(fc.constantFrom("Global", "Mesh"), anyJson),
    path: fc.oneof(fc.constantFrom("meshes", "secrets", "meshtimeouts"), evilName),
    readOnly: anyJson,
    includeInFederation: anyJson,
    policy: anyJson,
  }),
);

/** `fc.webUrl()` takes more than a second to be made. */
const anyUrl = fc
  .tuple(fc.constantFrom("http://h", "https://h.example:1", "http://[::1]"), fc.string({ maxLength: 10 }))
  .map((parts) => parts.join("/"));

const anyPage = fc.oneof(
  anyJson,
  fc.record(
    {
      total: fc.oneof(fc.nat(3), anyJson),
      items: fc.oneof(fc.array(anyItem, { maxLength: 3 }), anyJson),
      next: fc.oneof(anyUrl, fc.constantFrom("?offset=1", "//evil?offset=../.."), anyJson),
    },
    { requiredKeys: [] },
  ),
);

/** Items of the right type and mesh, whose content is anything: what gets past the first look. */
const plausiblePage = fc.array(
  fc.dictionary(fc.constantFrom("spec", "conf", "mtls", "data", "networking"), anyJson),
  {
    maxLength: 3,
  },
);

const anyOverview = fc.oneof(
  anyJson,
  fc.record({
    zoneInsight: fc.oneof(
      anyJson,
      fc.record({
        subscriptions: fc.oneof(
          anyJson,
          fc.array(
            fc.dictionary(fc.constantFrom("id", "connectTime", "status", "version", "config"), anyJson),
          ),
        ),
      }),
    ),
  }),
);

const anyConfig = fc.oneof(
  anyJson,
  fc.record({
    mode: fc.oneof(fc.constantFrom("zone", "global"), anyJson),
    environment: fc.oneof(evilName, anyJson),
    store: fc.oneof(anyJson, fc.record({ type: fc.constant("postgres"), postgres: anyJson })),
    multizone: fc.oneof(anyJson, fc.record({ zone: fc.record({ name: evilName, globalAddress: evilName }) })),
  }),
);

/** Any way in which a control plane may answer wrongly. */
export const hostileAnswers: fc.Arbitrary<Answers> = fc.record(
  {
    status: fc.constantFrom(200, 201, 204, 301, 400, 401, 403, 404, 405, 409, 418),
    documents: fc.record(
      {
        index: fc.oneof(anyJson, fc.record({ product: evilName, version: evilName })),
        config: anyConfig,
        types: fc.oneof(anyJson, fc.record({ resources: fc.array(anyType, { maxLength: 4 }) })),
        list: fc.oneof(anyPage, plausiblePage),
        item: anyItem,
        overview: anyOverview,
        insight: fc.oneof(
          anyJson,
          fc.record({
            zones: fc.record({ controlPlanes: fc.record({ total: fc.double() }) }),
            dataplanes: anyJson,
          }),
        ),
        whoAmI: fc.oneof(anyJson, fc.record({ name: evilName, groups: anyJson })),
      },
      { requiredKeys: [] },
    ),
    text: fc.constantFrom("", "<html>", "[".repeat(200_000), '{"a":'.repeat(200_000), "nul", '"\\ud800"'),
  },
  { requiredKeys: ["documents"] },
);

/** A control plane that answers as it is told, and notes what it is asked; on the loopback interface. */
export class HostileControlPlane {
  answers: Answers = { documents: {} };
  readonly asked: string[] = [];
  private readonly server = http.createServer((request, response) => {
    request.resume();
    this.asked.push(`${request.method} ${request.url}`);
    const { status = 200, text } = this.answers;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(text ?? JSON.stringify(this.document(request.url ?? "/") ?? null));
  });

  /** Stops after the test. */
  static async start(): Promise<HostileControlPlane> {
    const made = new HostileControlPlane();
    await new Promise<void>((resolve) => made.server.listen(0, "127.0.0.1", resolve));
    later(async () => {
      made.server.closeAllConnections();
      await new Promise((resolve) => made.server.close(resolve));
    });
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get writes(): string[] {
    return this.asked.filter((line) => !line.startsWith("GET "));
  }

  client(title = "the control plane"): ControlPlane {
    const made = new ControlPlane({
      title,
      url: this.url,
      attempts: 1,
      tokens: ["canary-token"],
      listDeadlineMs: 5_000,
    });
    later(() => made.close());
    return made;
  }

  private document(url: string): unknown {
    const { pathname } = new URL(url, "http://x");
    const segments = pathname.split("/").slice(1);
    const { documents } = this.answers;
    const given = (name: Document, otherwise: unknown) => (name in documents ? documents[name] : otherwise);
    switch (true) {
      case pathname === "/":
        return given("index", { product: "Kuma", version: "2.14.3" });
      case pathname === "/config":
        return given("config", {
          mode: "zone",
          environment: "universal",
          multizone: { zone: { name: "zone-1" } },
        });
      case pathname === "/_resources":
        return given("types", { resources: UNIVERSAL_TYPES });
      case pathname === "/global-insight":
        return given("insight", {});
      case pathname === "/who-am-i":
        return given("whoAmI", { name: "me", groups: [] });
      case segments.at(-1) === "_overview":
        return given("overview", { zoneInsight: {} });
      case segments.length === 1:
        return listed(segments[0], given("list", { total: 0, items: [], next: null }));
      default:
        return given("item", null);
    }
  }
}

/** A list of bare contents becomes one of resources of the type that is asked for. */
function listed(path: string, given: unknown): unknown {
  const type = UNIVERSAL_TYPES.find((each) => each.path === path);
  if (!Array.isArray(given) || !type) return given;
  const items = given.map((content: unknown, index) => ({
    ...(content as object),
    type: type.name,
    name: `n-${index}`,
    ...(type.scope === "Mesh" && { mesh: "default" }),
  }));
  return { total: items.length, items, next: null };
}

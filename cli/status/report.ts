import * as v from "valibot";

/** Everything that a program may rely on has a description: docs/status.schema.json is made of it. */
const told = <S extends v.GenericSchema>(schema: S, description: string) =>
  v.pipe(schema, v.description(description));

const count = () => v.pipe(v.number(), v.integer(), v.minValue(0));
const list = <S extends v.GenericSchema>(item: S, description: string) => told(v.array(item), description);
const moment = (description: string) => told(v.nullable(v.string()), `${description} (RFC 3339)`);

const SYNC = v.object({
  at: moment("when the global last heard of what it had sent; null where it never did"),
  sent: told(count(), "responses since the zone connected"),
  refused: told(
    count(),
    "of them those that the zone did not accept, without those of which it keeps its own",
  ),
  types: list(
    v.object({
      ...{ type: v.string(), sent: count(), acknowledged: count(), refused: count() },
      kept: told(
        count(),
        "refused as the zone has resources of these names from before it joined and keeps them; the comparison tells whether they are equal",
      ),
    }),
    "by type of resource",
  ),
});

const ZONE_PROXY = v.object({
  name: v.string(),
  address: told(v.nullable(v.string()), "host:port that it tells others; null where it tells none"),
  connected: told(v.nullable(v.boolean()), "with its control plane; null where the zone is offline"),
});

const PROXIES = v.object({ registered: count(), connected: count() });

const ZONE = v.object({
  name: v.string(),
  online: told(v.boolean(), "connected with the global, as the global sees it"),
  disabled: v.optional(told(v.literal(true), "the global gives other zones nothing of it")),
  since: moment("when it connected, or where it is offline, when its connection ended; null where not known"),
  version: v.optional(told(v.string(), "of its control plane, as the global knows it")),
  skew: told(v.picklist(["same", "older", "newer", "unknown"]), "its version beside the global's"),
  globalToZone: told(v.nullable(v.boolean()), "the zone has all that the global gives; null: not checked"),
  zoneToGlobal: told(v.nullable(v.boolean()), "the global has all that the zone owns; null: not checked"),
  proxies: told(
    v.nullable(PROXIES),
    "its data plane proxies, by the zone's own control plane; null where that could not be read",
  ),
  sync: told(v.nullable(SYNC), "what the global sent it; null where the global could not be asked"),
  ingress: list(ZONE_PROXY, "its zone ingresses"),
  egress: list(ZONE_PROXY, "its zone egresses"),
});

const LINK = v.object({
  from: told(v.string(), "the zone of the client"),
  to: told(v.string(), "the zone of the service"),
  mesh: v.string(),
  state: told(
    v.picklist(["open", "stale", "closed"]),
    "open: calls can go; stale: so it was when one of the two was last connected; closed: they cannot",
  ),
  why: list(v.string(), "why it is not open"),
});

const MESH = v.object({
  name: v.string(),
  mtls: told(v.boolean(), "its proxies have certificates"),
  egress: told(v.boolean(), "calls to other zones leave through a zone egress"),
  zones: list(v.string(), "zones in which it has data plane proxies"),
  proxies: PROXIES,
  services: told(count(), "how many services it has"),
});

const SERVICE = v.object({
  mesh: v.string(),
  service: v.string(),
  zones: list(
    v.object({
      zone: v.string(),
      registered: count(),
      connected: told(v.nullable(count()), "null where the zone is offline"),
    }),
    "where it has data plane proxies",
  ),
});

const ENDING = v.object({
  what: v.string(),
  zone: told(v.nullable(v.string()), "null for what is the global's"),
  ends: told(v.string(), "when it is no longer valid (RFC 3339)"),
  renewed: told(v.boolean(), "the mesh renews it by itself in time"),
});

const CHECK = v.object({
  code: told(v.string(), "stable"),
  title: v.string(),
  verdict: v.picklist(["ok", "warning", "blocker", "inconclusive", "pending"]),
  sentence: v.string(),
  evidence: v.array(v.string()),
  remedy: v.optional(v.string()),
  doc: v.optional(told(v.string(), "the page and heading that tell more")),
});

const LEDGER = v.object({
  zone: v.string(),
  occasion: v.picklist(["joined", "handedOver"]),
  recorded: told(count(), "how many resources the zone had"),
  comparedBy: told(v.string(), "the comparison is not younger (RFC 3339)"),
  explained: told(
    v.nullable(v.record(v.string(), count())),
    "how many resources each rule explains something of; null where that was not kept",
  ),
  unexplained: list(v.string(), "what no rule explains, one sentence each"),
});

const PAST = v.object({
  time: told(v.string(), "RFC 3339"),
  outcome: v.picklist(["healthy", "unhealthy", "inconclusive"]),
  problems: count(),
  warnings: count(),
  zones: told(v.record(v.string(), v.picklist(["online", "offline", "disabled"])), "each zone's state"),
});

/** What `status --output json` prints. */
export const STATUS_REPORT = v.object({
  version: told(v.literal(1), "of this form"),
  stack: v.string(),
  time: told(v.string(), "when it was looked (RFC 3339)"),
  ok: told(v.boolean(), "no problem was found, and every check could run"),
  outcome: told(
    v.picklist(["healthy", "unhealthy", "inconclusive"]),
    "inconclusive: no problem was found, but something could not be checked",
  ),
  global: told(
    v.nullable(
      v.object({ address: v.string(), version: v.nullable(v.string()), product: v.nullable(v.string()) }),
    ),
    "null where the stack has carried nothing to one yet; its version and product where it does not answer",
  ),
  problems: list(v.string(), "one sentence each; what could not be checked is among them"),
  warnings: list(v.string(), "what is to be known and is no problem, one sentence each"),
  checks: list(CHECK, "checks of the mesh over its zones, see docs/multi-zone.md"),
  zones: list(ZONE, "those that are federated, or were carried to the global"),
  alone: list(
    v.object({ name: v.string(), version: v.nullable(v.string()) }),
    "zones that run alone; version null where one did not answer",
  ),
  links: list(LINK, "whether clients of a zone can call services of another one, by mesh"),
  meshes: list(MESH, "meshes of the global"),
  services: list(SERVICE, "services by the tag of their data plane proxies"),
  ends: list(ENDING, "certificates and tokens by their end, the first one first"),
  resources: list(
    v.object({
      type: v.string(),
      mesh: v.optional(v.string()),
      expected: told(count(), "how many the global should hold"),
      present: count(),
      different: told(count(), "with other content than when they were carried, or than the zone has"),
    }),
    "what was federated, by type and mesh",
  ),
  ledger: list(LEDGER, "comparisons of zones with what they were before, see docs/ledger.md"),
  markers: list(
    v.object({
      zone: v.string(),
      crossed: told(v.nullable(v.boolean()), "null where it was not tried"),
      told: v.string(),
    }),
    "with --marker: whether a policy has crossed from each side to the other",
  ),
  history: list(PAST, "earlier looks from this machine, the oldest first"),
});

export type StatusReport = v.InferOutput<typeof STATUS_REPORT>;
export type ZoneInStatus = StatusReport["zones"][number];
export type CheckInStatus = StatusReport["checks"][number];
export type LinkInStatus = StatusReport["links"][number];
export type PastLook = StatusReport["history"][number];
export type Ending = StatusReport["ends"][number];

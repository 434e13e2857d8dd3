import * as v from "valibot";

/** Everything that a program may rely on has a description: docs/preview.schema.json is made of it. */
const told = <S extends v.GenericSchema>(schema: S, description: string) =>
  v.pipe(schema, v.description(description));

const count = () => v.pipe(v.number(), v.integer(), v.minValue(0));
const list = <S extends v.GenericSchema>(item: S, description: string) => told(v.array(item), description);

const REACHED = v.object({
  proxies: count(),
  services: count(),
  by: told(
    v.picklist(["policy", "mesh"]),
    "policy: the control plane has told which proxies it selects; mesh: all of its mesh are counted, the most that it can be",
  ),
});

const POLICY = v.object({
  key: told(v.string(), "type, mesh and name"),
  change: v.picklist(["appears", "changes", "goes"]),
  at: told(
    v.picklist(["global", "zone"]),
    "where: on the global, or in the zone, where the global's content takes the place of the zone's",
  ),
  detail: v.optional(told(v.string(), "where it differs; secrets as digests")),
  reached: v.optional(told(REACHED, "whose configuration may change; left out where it could not be read")),
});

export const ACTIONS = ["create", "same", "replaceGenerated", "overwrite", "keepGlobal", "conflict"] as const;
const ACTION = v.picklist(ACTIONS);

const PLAN = v.object({
  types: list(
    v.object({ type: v.string(), counts: v.object(v.entriesFromList(ACTIONS, v.optional(count()))) }),
    "how many resources of each type meet with each action",
  ),
  resources: list(
    v.object({
      key: v.string(),
      action: ACTION,
      detail: v.optional(told(v.string(), "where it differs; a secret's digest")),
    }),
    "everything that is not the same on both sides",
  ),
  kept: told(count(), "resources that the zone goes on owning"),
  keptAlone: list(v.string(), "of them those that stay in the zone alone"),
  leftOut: list(v.object({ key: v.string(), reason: v.string() }), "what is not carried, and why"),
  mtlsEnds: list(v.string(), "meshes whose mTLS ends"),
});

const CHECK = v.object({
  code: v.string(),
  title: v.string(),
  verdict: v.picklist(["warning", "blocker", "inconclusive"]),
  sentence: v.string(),
  evidence: v.optional(v.array(v.string())),
  remedy: v.optional(v.string()),
  error: v.optional(v.string()),
});

const ZONE = v.object({
  zone: v.string(),
  change: told(
    v.picklist(["joins", "leaves", "changes", "stays", "alone"]),
    "what becomes of its membership",
  ),
  restarts: told(v.boolean(), "its control plane restarts"),
  plan: told(
    v.nullable(PLAN),
    "what it brings to the global; null where it is a member, leaves, or could not be looked at",
  ),
  checks: list(CHECK, "what preflight has found against it, see docs/preflight.md"),
});

const CHANGE = v.object({
  name: v.string(),
  type: v.string(),
  op: told(v.string(), "create, update, delete, replace or import, as the engine calls it"),
  component: told(v.nullable(v.string()), "the component of this program that it belongs to"),
  changed: list(v.string(), "names of the inputs that change; no values"),
  values: list(
    v.object({ path: v.string(), before: v.nullable(v.string()), after: v.nullable(v.string()) }),
    "values of a chart, or variables in the drop-in of a host's unit, that change, as JSON; what may be secret is masked",
  ),
});

const GUARDRAIL = v.object({
  policy: v.string(),
  level: told(v.string(), "mandatory, advisory or remediate, as the policy pack says"),
  resource: v.string(),
  message: v.string(),
  at: v.optional(told(v.string(), "of what is live or will be: where, the global or a zone that owns it")),
  change: v.optional(
    told(
      v.picklist(["brings", "keeps"]),
      "of what is live or will be: whether the change breaks the rule, or touches what breaks it today without mending it",
    ),
  ),
});

const BROKEN_BEFORE = v.object({
  policy: v.string(),
  resource: told(v.string(), "type, mesh and name"),
  at: told(v.string(), "the global, or a zone that owns it"),
  message: v.string(),
});

const BLAST_RADIUS = v.object({
  restarts: list(v.object({ controlPlane: v.string(), why: v.string() }), "control planes that restart"),
  reconnects: list(
    v.object({
      zone: v.string(),
      connected: told(v.nullable(count()), "proxies that are connected now; null where it could not be read"),
    }),
    "zones whose data plane proxies reconnect",
  ),
  meshes: list(
    v.object({
      mesh: told(v.nullable(v.string()), "null for what belongs to no mesh"),
      ...{ appears: count(), changes: count(), goes: count() },
      proxies: told(v.nullable(count()), "of the policy that reaches most; null where it could not be read"),
      services: v.nullable(count()),
    }),
    "meshes in which policies appear, change or go, and whom that reaches",
  ),
  cannotBeUndone: list(v.string(), "one sentence each"),
});

/** What `preview --output json` prints. */
export const PREVIEW_REPORT = v.object({
  version: told(v.literal(1), "of this form"),
  stack: v.string(),
  outcome: told(
    v.picklist(["changes", "same", "incomplete", "failed"]),
    "incomplete: a control plane could not be read; failed: up would stop as this preview did",
  ),
  error: told(v.nullable(v.string()), "why it failed"),
  changes: list(CHANGE, "resources of the stack that change"),
  zones: list(ZONE, "the zones of the stack"),
  policies: list(POLICY, "resources of meshes that proxies see appear, change or go"),
  guardrails: list(GUARDRAIL, "rules that the stack, or what its change brings, breaks"),
  brokenBefore: v.optional(
    list(
      BROKEN_BEFORE,
      "rules that what is live breaks, and that the change does not touch; they block nothing",
    ),
  ),
  notes: list(v.string(), "what the program told beside"),
  warnings: list(v.string(), "what the engine warned of"),
  blastRadius: told(BLAST_RADIUS, "what the change means for what runs"),
});

export type PreviewReport = v.InferOutput<typeof PREVIEW_REPORT>;
export type BlastRadius = PreviewReport["blastRadius"];
export type Change = PreviewReport["changes"][number];
export type ZoneInPreview = PreviewReport["zones"][number];
export type PolicyInPreview = PreviewReport["policies"][number];

/**
 * Begins the error of a preview that fails for its guardrails alone (cli/guardrails/guardrails.ts). They are a preview's matter: `up`
 * itself asks for none.
 */
const BARRED = "Guardrails that are mandatory are broken";

/** Whether nothing but a mandatory guardrail has a preview fail. */
export function isBarred({ outcome, error, guardrails }: PreviewReport): boolean {
  const isBroken = guardrails.some(({ level }) => level === "mandatory");
  return isBroken && (outcome !== "failed" || (error ?? "").startsWith(BARRED));
}

const NOTHING: BlastRadius = { restarts: [], reconnects: [], meshes: [], cannotBeUndone: [] };

/** Of a preview that ended before anything was looked at. */
export function failedReport(stack: string, error: string): PreviewReport {
  return {
    ...{ version: 1, stack, outcome: "failed", error },
    ...{ changes: [], zones: [], policies: [], guardrails: [], notes: [], warnings: [] },
    blastRadius: NOTHING,
  };
}

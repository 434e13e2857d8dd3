import { isSecret, parseKey } from "../../kuma/resource/resource";
import type { PreviewReport, ZoneInPreview } from "../preview/report";
import { code, row } from "./text";
import { plural } from "../../kuma/plural";

/** A row of what a stack changes: what a reviewer looks for first stands first. */
const ORDER = ["Zone", "Mesh", "Policy", "Secret", "Resource"] as const;
type Kind = (typeof ORDER)[number];

const ACTIONS = {
  create: "comes to the global",
  same: "is there already",
  replaceGenerated: "replaces what the global generated",
  overwrite: "**overwrites** what the global has",
  keepGlobal: "stays as the global has it",
};

const ZONES: Record<ZoneInPreview["change"], string> = {
  joins: "joins the global",
  leaves: "**leaves** the global",
  changes: "changes",
  stays: "stays a member",
  alone: "runs alone",
};

const AT = { global: "on the global", zone: "in the zone" };

/** What changes, in the words of a mesh: its zones, meshes, policies, and secrets by digest. */
export function meshTerms({ zones, policies }: PreviewReport): string[] {
  const rows: { kind: Kind; text: string }[] = [];
  const add = (kind: Kind, name: string, what: string, detail = "") =>
    rows.push({ kind, text: row(kind, name, what, detail === "" ? "" : code(detail)) });
  const isOne = zones.filter(({ plan }) => plan !== null).length === 1;
  for (const { zone, change, restarts, plan } of zones) {
    const from = isOne ? "" : ` (zone ${code(zone)})`;
    if ((change === "stays" || change === "alone") && !restarts) continue;
    add("Zone", code(zone), [ZONES[change], ...(restarts ? ["its control plane restarts"] : [])].join(", "));
    for (const { key, action, detail } of plan?.resources ?? [])
      // those have a table of their own
      if (action !== "conflict") add(kindOf(key), code(key), `${ACTIONS[action]}${from}`, detail);
  }
  for (const { key, change, at, detail, reached } of policies) {
    const whom = reached
      ? `${reached.by === "mesh" ? "up to " : ""}${plural(reached.proxies, "proxy")}, ${plural(reached.services, "service")}`
      : "whom it reaches could not be read";
    add(kindOf(key), code(key), `${change} ${AT[at]}: ${whom}`, detail);
  }
  return rows.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind)).map(({ text }) => text);
}

function kindOf(key: string): Kind {
  const parsed = parseKey(key);
  if (isSecret(parsed)) return "Secret";
  if (parsed.type === "Mesh") return "Mesh";
  return parsed.mesh === undefined ? "Resource" : "Policy";
}

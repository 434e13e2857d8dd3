import { policyCounts } from "../preview/policyCounts";
import type { PreviewReport, ZoneInPreview } from "../preview/report";
import { label } from "./text";
import { plural } from "../../kuma/plural";

/** Of each kind; a diagram of more helps nobody, and GitHub draws none of more than 500 lines. */
const MOST_DRAWN = 20;

const EDGES: Record<ZoneInPreview["change"], string> = {
  joins: "==>",
  leaves: "-. leaves .->",
  changes: "-->",
  stays: "-->",
  alone: "",
};

/** The global, its zones and the meshes in which something changes, as Mermaid; what changes is marked. */
export function topology({ zones, blastRadius }: PreviewReport): string | undefined {
  if (zones.length === 0) return undefined;
  const drawn = zones.slice(0, MOST_DRAWN);
  const meshes = blastRadius.meshes.slice(0, MOST_DRAWN);
  const isGlobalChanged = blastRadius.restarts.some(({ controlPlane }) => controlPlane === "global");
  const lines = ["flowchart LR", `  g[("global")]`];
  const changed = isGlobalChanged ? ["g"] : [];
  drawn.forEach((zone, index) => {
    const id = `z${index}`;
    const what = [zone.change === "stays" ? "" : WORDS[zone.change], zone.restarts ? "restarts" : ""].filter(
      Boolean,
    );
    lines.push(`  ${id}["${[label(zone.zone), what.join(", ")].filter(Boolean).join("<br/>")}"]`);
    if (zone.change !== "alone") lines.push(`  ${id} ${edge(zone)} g`);
    if (what.length > 0 && zone.change !== "alone") changed.push(id);
  });
  if (zones.length > drawn.length)
    lines.push(`  z["and ${zones.length - drawn.length} more zones"]`, "  z --> g");
  meshes.forEach(({ mesh, proxies, ...counts }, index) => {
    const id = `m${index}`;
    const what = policyCounts(counts);
    const whom = proxies === null ? [] : [`up to ${plural(proxies, "proxy")}`];
    lines.push(
      `  ${id}(["mesh ${label(mesh ?? "none")}<br/>${[...what, ...whom].join(", ")}"])`,
      `  g --- ${id}`,
    );
    changed.push(id);
  });
  lines.push("  classDef changed stroke:#d29922,stroke-width:3px");
  if (changed.length > 0) lines.push(`  class ${changed.join(",")} changed`);
  return ["```mermaid", ...lines, "```"].join("\n");
}

function edge({ change, plan }: ZoneInPreview): string {
  if (change !== "joins" || !plan) return EDGES[change];
  return `== "${plural(plan.resources.length, "resource")}" ==>`;
}

const WORDS: Record<ZoneInPreview["change"], string> = {
  ...{ joins: "joins", leaves: "leaves", changes: "changes", stays: "stays", alone: "runs alone" },
};

import { type PreviewReport, failedReport } from "../../../cli/preview/report";

/** What a preview of a stack has found, with nothing in it but what is given. */
export function reportOf(stack: string, more: Partial<PreviewReport> = {}): PreviewReport {
  return { ...failedReport(stack, ""), outcome: "changes", error: null, ...more };
}

/** A zone that brings resources to the global. */
export function joiningZone(
  zone: string,
  resources: NonNullable<PreviewReport["zones"][number]["plan"]>["resources"],
): PreviewReport["zones"][number] {
  const plan = { resources, kept: 1, keptAlone: [], leftOut: [], mtlsEnds: [] };
  const types = [{ type: "MeshTimeout", counts: { create: resources.length } }];
  return { zone, change: "joins", restarts: true, plan: { ...plan, types }, checks: [] };
}

/** A report in which each text is the one that is given. */
export function reportFullOf(text: string, lines = text): PreviewReport {
  const reached = { proxies: 1, services: 1, by: "mesh" as const };
  const actions = ["create", "overwrite", "keepGlobal", "conflict", "replaceGenerated"] as const;
  return {
    ...{ version: 1, stack: text, outcome: "failed", error: lines },
    changes: [
      {
        ...{ name: text, type: text, op: text, component: text, changed: [text, text] },
        values: [{ path: text, before: text, after: text }],
      },
    ],
    zones: [
      {
        ...{ zone: text, change: "joins", restarts: true },
        plan: {
          types: [{ type: text, counts: { create: 1 } }],
          resources: actions.map((action) => ({ key: text, action, detail: text })),
          ...{ kept: 2, keptAlone: [text], leftOut: [{ key: text, reason: text }], mtlsEnds: [text] },
        },
        checks: [
          { code: text, title: text, verdict: "warning", sentence: text, evidence: [text], remedy: text },
        ],
      },
    ],
    policies: [{ key: text, change: "changes", at: "global", detail: text, reached }],
    guardrails: [
      { policy: text, level: "mandatory", resource: text, message: text },
      { policy: text, level: text, resource: text, message: text, at: text, change: "keeps" },
    ],
    brokenBefore: [{ policy: text, resource: text, at: text, message: text }],
    ...{ notes: [lines], warnings: [lines] },
    blastRadius: {
      restarts: [{ controlPlane: text, why: text }],
      reconnects: [{ zone: text, connected: null }],
      meshes: [{ mesh: text, appears: 1, changes: 1, goes: 1, proxies: 1, services: 1 }],
      cannotBeUndone: [text],
    },
  };
}

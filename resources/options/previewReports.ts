import type { CheckResult, PlanReport, Reached } from "../../kuma";
import type { BrokenLive } from "../../policies/pack/held";
import { ReportFile } from "./reportFile";

/** A resource of a mesh that appears on a control plane, changes there or goes, and whom it reaches there today. */
export interface PolicyChange {
  key: string;
  change: "appears" | "changes" | "goes";
  /** On the global, or in the zone alone, where the global's content takes the place of the zone's. */
  at: "global" | "zone";
  detail?: string;
  /** Left out where it could not be read. */
  reached?: Reached;
}

/** What a zone has of proxies while it runs alone. */
export interface ZoneProxies {
  /** Those that are connected with its control plane. */
  connected: number;
  perMesh: Record<string, { proxies: number; services: number }>;
}

/** What a preview finds in the provider's process, and the engine's events do not tell. */
export type FoundInPreview =
  | {
      kind: "zone";
      zone: string;
      plan?: PlanReport;
      /** What was found against it. */
      checks: (CheckResult & { verdict: "blocker" | "warning" | "inconclusive" })[];
      policies: PolicyChange[];
      /** Left out where they could not be read. */
      proxies?: ZoneProxies;
    }
  /** Policies of the stack. */
  | { kind: "policies"; policies: PolicyChange[] }
  /** Rules that are broken by what is live or is to be, as far as it was known then: the last one counts. */
  | { kind: "guardrails"; broken: BrokenLive[] };

export type FoundZone = Extract<FoundInPreview, { kind: "zone" }>;

/** For `npm run preview`, which shows the plan by words of its own as well. */
export const PREVIEW_REPORTS = new ReportFile<FoundInPreview>("KUMA_FEDERATION_PREVIEW");

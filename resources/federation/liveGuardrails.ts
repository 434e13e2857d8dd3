import { type ControlPlane, type Resource, isSecret, readZone } from "../../kuma";
import { brokenLive } from "../../policies/pack/held";
import type { JoiningZone, Parts } from "../../policies/pack/world";
import { guardrailSettings } from "../options/guardrailSettings";
import { PREVIEW_REPORTS } from "../options/previewReports";
import { orNothing } from "./orNothing";
import { ofOneRun } from "../provider/oneRun";

const NOTHING: Parts["written"] = { before: [], after: [] };

/** What this run has learnt of the global and of what is to come to it. */
const run = ofOneRun({
  joining: new Map<string, JoiningZone>(),
  handedOver: new Map<string, JoiningZone>(),
  onGlobal: undefined as Promise<readonly Resource[] | undefined> | undefined,
  written: NOTHING,
  clear() {
    this.joining.clear();
    this.handedOver.clear();
    this.onGlobal = undefined;
    this.written = NOTHING;
  },
});

/** What a preview has learnt anew. */
interface Learnt {
  /** Read already; otherwise it is read here. */
  global?: { resources: readonly Resource[] } | ControlPlane;
  zone?: JoiningZone;
  /** Of a zone's own policies, those that it hands over. */
  handOver?: Omit<JoiningZone, "kept">;
  written?: Parts["written"];
}

/** Holds the rules to what is live and to what is to be, as far as it is known by now; the last report counts. */
export async function holdToLive({ global, zone, handOver, written: policies }: Learnt): Promise<void> {
  const settings = guardrailSettings();
  if (!settings || !PREVIEW_REPORTS.isWanted) return;
  if (!zone && !handOver && !policies && (await run.onGlobal)) return;
  if (zone) run.joining.set(zone.zoneName, withoutSecrets(zone));
  if (handOver) run.handedOver.set(handOver.zoneName, withoutSecrets({ ...handOver, kept: [] }));
  if (policies) run.written = policies;
  if (global && !(await run.onGlobal))
    run.onGlobal = "resources" in global ? Promise.resolve(global.resources) : readLive(global);
  const known = await run.onGlobal;
  const joining = [...run.joining.values(), ...run.handedOver.values()];
  const parts = { onGlobal: (known ?? []).filter(isNoSecret), joining, written: run.written };
  PREVIEW_REPORTS.write({ kind: "guardrails", broken: brokenLive(parts, settings) });
}

function readLive(global: ControlPlane): Promise<readonly Resource[] | undefined> {
  const isLookedAt = (type: string) =>
    isNoSecret({ type }) && type !== "ZoneIngress" && type !== "ZoneEgress";
  return orNothing(async () => (await readZone(global, isLookedAt)).resources);
}

function withoutSecrets({ brought, kept, ...zone }: JoiningZone): JoiningZone {
  return {
    ...zone,
    brought: brought.filter(({ resource }) => isNoSecret(resource)),
    kept: kept.filter(isNoSecret),
  };
}

function isNoSecret({ type }: Pick<Resource, "type">): boolean {
  return !isSecret({ type });
}

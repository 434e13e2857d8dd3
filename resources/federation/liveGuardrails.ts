import { type ControlPlane, type Resource, isSecret, readZone } from "../../kuma";
import { brokenLive } from "../../policies/pack/held";
import type { JoiningZone, Parts } from "../../policies/pack/world";
import { guardrailSettings } from "../options/guardrailSettings";
import { PREVIEW_REPORTS } from "../options/previewReports";
import { orNothing } from "./orNothing";

/** What this run of the provider's process has learnt of the global and of what is to come to it. */
const joining = new Map<string, JoiningZone>();
const handedOver = new Map<string, JoiningZone>();
let onGlobal: Promise<readonly Resource[] | undefined> | undefined;
let written: Parts["written"] = { before: [], after: [] };

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
  if (zone) joining.set(zone.zoneName, withoutSecrets(zone));
  if (handOver) handedOver.set(handOver.zoneName, withoutSecrets({ ...handOver, kept: [] }));
  if (policies) written = policies;
  if (global && !(await onGlobal))
    onGlobal = "resources" in global ? Promise.resolve(global.resources) : readLive(global);
  const known = await onGlobal;
  const zones = [...joining.values(), ...handedOver.values()];
  const parts = { onGlobal: (known ?? []).filter(isNoSecret), joining: zones, written };
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

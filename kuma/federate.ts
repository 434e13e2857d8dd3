import { ApplyResult, applyPlan, assertComplete, readBack } from "./apply";
import { ControlPlane } from "./client";
import { KumaError } from "./errors";
import { Manifest, ZoneExport, exportZone, forGlobal } from "./export";
import { OnConflict, Plan, assertNoConflict, planFederation, readGlobal } from "./plan";
import { Resource, keyOf, parseKey } from "./resource";
import { ResourceType } from "./resourceTypes";
import { Snapshot } from "./snapshot";
import { assertSupported } from "./versions";
import { assertJoinable, federatedTo, zoneNames } from "./zone";

/** The two sides of a federation. */
export interface Federation {
  zoneName: string;
  zone: ControlPlane;
  /** Undefined as long as there is no global, as in the first preview: everything counts as missing there. */
  global: ControlPlane | undefined;
  /** What the zone dials, or is to dial; undefined when that is not known yet. */
  kdsAddress: string | undefined;
  onConflict: OnConflict;
}

/** What would be done. */
export interface Prospect {
  exported: ZoneExport;
  plan: Plan;
  /** Types that the global knows. */
  types: ReadonlyMap<string, ResourceType>;
}

/**
 * Reads both sides and plans; writes nothing. Undefined when the zone is federated with this global already: then the
 * global owns what was carried, and the zone's copies are no source any more.
 */
export async function planZone(federation: Federation): Promise<Prospect | undefined> {
  const { zone, global, zoneName, kdsAddress, onConflict } = federation;
  const [zoneInfo, config] = await Promise.all([zone.info(), zone.config()]);
  assertSupported(zone, zoneInfo);
  assertJoinable(zone, config, zoneName, kdsAddress ?? config.globalAddress);
  if (federatedTo(config) !== undefined) return undefined;

  const exported = await exportZone(zone);
  if (!exported.carried.some(({ type }) => type === "Mesh")) {
    throw new KumaError(
      "incomplete",
      `Zone ${zoneName} has no mesh, so there is nothing to federate. Nothing was changed.`,
    );
  }
  if (!global) {
    const plan = planFederation(exported.carried, new Map(), { onConflict, otherZones: [] });
    return { exported, plan, types: exported.types };
  }
  // an earlier run may have got as far as the signing keys
  offerAdminToken(exported, global);
  const globalInfo = await global.info();
  assertSupported(global, globalInfo);
  if (globalInfo.product !== zoneInfo.product) {
    throw new KumaError(
      "invalid",
      `Zone ${zoneName} runs ${zoneInfo.product} and the global control plane ${globalInfo.product}; both must be the same product. Nothing was changed.`,
    );
  }
  const { existing, types } = await readGlobal(
    global,
    exported.carried.map(({ type }) => type),
  );
  const otherZones = (await zoneNames(global)).filter((name) => name !== zoneName);
  const plan = planFederation(exported.carried, existing, { onConflict, otherZones });
  assertNoConflict(plan, zoneName);
  return { exported, plan, types };
}

/** The zone's admin token: a global that has got the zone's signing keys accepts it, and its own no longer. */
export function adminToken(carried: readonly Resource[]): string | undefined {
  const secret = carried.find(({ type, name }) => type === "GlobalSecret" && name === "admin-user-token");
  return typeof secret?.data === "string" ? Buffer.from(secret.data, "base64").toString("utf8") : undefined;
}

/** Writes what was planned, reads everything back, and fails unless the global holds all of it. */
export async function carryOver(
  { exported, plan, types }: Prospect,
  { global, zoneName }: Federation & { global: ControlPlane },
  progress?: (done: number, total: number) => void,
): Promise<ApplyResult> {
  offerAdminToken(exported, global);
  const result = await applyPlan(plan, global, types, progress);
  await assertOnGlobal(plan, global, zoneName);
  return result;
}

function offerAdminToken({ carried }: ZoneExport, global: ControlPlane): void {
  const token = adminToken(carried);
  if (token !== undefined) global.offerToken(token);
}

/** Whether the global has forgotten every mesh that was carried to it, as one that keeps its store in memory does. */
export async function hasLostItsStore(global: ControlPlane, manifest: Manifest): Promise<boolean> {
  const page = (await global.getJson("/meshes?size=1000", "its meshes")) as { items?: Resource[] };
  const there = new Set((page.items ?? []).map(keyOf));
  const meshes = Object.keys(manifest).filter((key) => parseKey(key).type === "Mesh");
  return meshes.length > 0 && !meshes.some((key) => there.has(key));
}

/** Puts back on a global that lost its store what was carried to it. */
export async function refillGlobal(
  global: ControlPlane,
  { originals }: Snapshot,
  zoneName: string,
): Promise<ApplyResult> {
  const carried = originals.map(forGlobal);
  const { existing, types } = await readGlobal(
    global,
    carried.map(({ type }) => type),
  );
  const plan = planFederation(carried, existing, { onConflict: "keepGlobal", otherZones: [] });
  const result = await applyPlan(plan, global, types);
  await assertOnGlobal(plan, global, zoneName);
  return result;
}

/** The gate: what the plan wants on the global is there, equal by content; what is the global's by choice is there. */
async function assertOnGlobal(plan: Plan, global: ControlPlane, zoneName: string): Promise<void> {
  const wanted = plan.resources.map(({ action, resource, existing }) =>
    action === "keepGlobal" && existing ? existing : resource,
  );
  assertComplete(await readBack(wanted, global), zoneName);
}

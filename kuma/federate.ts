import { ApplyResult, applyPlan, assertComplete, readBack } from "./apply";
import { ControlPlane } from "./client";
import { KumaError } from "./errors";
import { Manifest, ZoneExport, exportZone, forGlobal } from "./export";
import { KnownTypes } from "./knownTypes";
import { OnConflict, Plan, assertNoConflict, planFederation, readGlobal } from "./plan";
import { Resource, keyOf, parseKey } from "./resource";
import { isGenerated } from "./resourceTypes";
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
  /** What the zone dialled until now, where the stack moves its global. */
  formerKdsAddress?: string;
  onConflict: OnConflict;
}

/** What would be done. */
export interface Prospect {
  exported: ZoneExport;
  plan: Plan;
  /** Types that the global knows. */
  types: KnownTypes;
}

/**
 * Reads both sides and plans; writes nothing. Undefined when the zone is federated with this global already: then the
 * global owns what was carried, and the zone's copies are no source any more.
 */
export async function planZone(federation: Federation): Promise<Prospect | undefined> {
  const { zone, global, zoneName, kdsAddress, formerKdsAddress, onConflict } = federation;
  const [zoneInfo, config] = await Promise.all([zone.info(), zone.config()]);
  assertSupported(zone, zoneInfo);
  assertJoinable(zone, config, zoneName, [kdsAddress ?? config.globalAddress, formerKdsAddress]);
  if (federatedTo(config) !== undefined) return undefined;

  const exported = await exportZone(zone);
  if (!exported.carried.some(({ type }) => type === "Mesh")) {
    throw new KumaError(
      "incomplete",
      `Zone ${zoneName} has no mesh, so there is nothing to federate. Nothing was changed.`,
    );
  }
  if (!global) {
    return { exported, plan: planForNewGlobal(exported.carried), types: exported.types };
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
  const zones = await zoneNames(global);
  const plan = planFederation(exported.carried, existing, { onConflict, zones });
  assertNoConflict(plan, zoneName);
  return { exported, plan, types };
}

/** A global that is yet to be made will have made its own secrets by then. */
function planForNewGlobal(carried: readonly Resource[]): Plan {
  const resources = carried.map((resource) => {
    const action = isGenerated(resource) ? ("replaceGenerated" as const) : ("create" as const);
    return { key: keyOf(resource), resource, action };
  });
  return { resources };
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

/** What was carried to the global and is not there any more. */
export async function missingOnGlobal(global: ControlPlane, manifest: Manifest): Promise<string[]> {
  const keys = Object.keys(manifest);
  const { existing } = await readGlobal(
    global,
    keys.map((key) => parseKey(key).type),
  );
  return keys.filter((key) => !existing.has(key));
}

/** Whether every mesh is among what is missing, as on a global that kept its store in memory and was started again. */
export function isWholeStore(missing: readonly string[], manifest: Manifest): boolean {
  const meshes = Object.keys(manifest).filter((key) => parseKey(key).type === "Mesh");
  return meshes.every((mesh) => missing.includes(mesh));
}

/** Puts back on the global what was carried to it and is missing; what it has by now stays as it is. */
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
  const plan = planFederation(carried, existing, { onConflict: "keepGlobal", zones: [] });
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

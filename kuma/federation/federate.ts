import { ApplyResult, applyPlan, assertComplete, settledReadBack } from "./apply";
import { ControlPlane } from "../api/client";
import type { EarlierZone } from "./earlier";
import { KumaError } from "../errors";
import { ZoneExport, adminToken, forGlobal } from "./export";
import type { OnConflict } from "./conflicts";
import type { Federation } from "./federation";
import { KnownTypes } from "../api/knownTypes";
import { hostedRecipient } from "../konnect/recipient";
import { Action, Plan, PlannedResource, planFederation, readGlobal, wantedOnGlobal } from "./plan";
import { Facts } from "../preflight/facts";
import { PreflightReport, assertNoBlocker, preflight } from "../preflight/preflight";
import { keyOf } from "../resource/resource";
import { Snapshot } from "./snapshot";
import { assertSupported } from "../api/versions";
import { assertJoinable } from "../zone/zone";

/** What would be done. */
export interface Prospect {
  exported: ZoneExport;
  plan: Plan;
  /** Types that the global knows. */
  types: KnownTypes;
  /** What was found before; without a blocker. */
  report: PreflightReport;
}

/**
 * Reads both sides and plans; writes nothing. Undefined when the zone is federated with this global already: then the
 * global owns what was carried, and the zone's copies are no source any more.
 */
export async function planZone(federation: Federation): Promise<Prospect | undefined> {
  const survey = await surveyZone(federation);
  return survey && prospectOfSurvey(survey);
}

/** Both sides as they were read, and what was found. */
export interface Survey {
  facts: Facts;
  report: PreflightReport;
}

/** As `planZone`, without failing over what stands against it. */
export async function surveyZone(federation: Federation): Promise<Survey | undefined> {
  const facts = new Facts(federation);
  // a zone that does not answer is told of by itself
  const [info, config] = await Promise.all([facts.zoneInfo(), facts.zoneConfig()]);
  if (await facts.joined()) {
    const { zone, zoneName, kdsAddress = config.globalAddress, formerKdsAddress } = federation;
    assertSupported(zone, info);
    assertJoinable(zone, config, zoneName, [kdsAddress, formerKdsAddress], federation.global);
    return undefined;
  }
  return { facts, report: await preflight(facts) };
}

/** Fails with every blocker. */
export async function prospectOfSurvey({ facts, report }: Survey): Promise<Prospect> {
  assertNoBlocker(report);
  const [exported, plan] = [await facts.exported(), await facts.plan()];
  const { types } = facts.federation.global ? await facts.onGlobal() : exported;
  return { exported, plan, types, report };
}

/** What zones that join later are to know of one that has not joined yet. */
export async function asEarlier({ zoneName, plan, exported }: Facts): Promise<EarlierZone> {
  try {
    return { zoneName, plan: await plan(), kept: (await exported()).kept };
  } catch (error) {
    if (error instanceof KumaError) return { zoneName, plan: undefined, kept: [] };
    throw error;
  }
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

/** Writes again what was carried to the global and is missing or changed there; everything else stays as it is. */
export async function restoreOnGlobal(
  global: ControlPlane,
  { originals }: Snapshot,
  keys: readonly string[],
  zoneName: string,
): Promise<ApplyResult> {
  const wanted = new Set(keys);
  const recipient = global.hosted ? await hostedRecipient(global) : undefined;
  const carried = originals
    .map((original) => forGlobal(recipient ? recipient.form(original) : original))
    .filter((resource) => wanted.has(keyOf(resource)));
  const { existing, types } = await readGlobal(
    global,
    carried.map(({ type }) => type),
  );
  const resources = carried.map((resource): PlannedResource => {
    const key = keyOf(resource);
    const there = existing.get(key);
    return { key, resource, existing: there, action: there === undefined ? "create" : "overwrite" };
  });
  const result = await applyPlan({ resources }, global, types);
  await assertOnGlobal({ resources }, global, zoneName);
  return result;
}

/** The gate: what the plan wants on the global is there, equal by content; what is the global's by choice is there. */
async function assertOnGlobal(plan: Plan, global: ControlPlane, zoneName: string): Promise<void> {
  assertComplete(await settledReadBack(wantedOnGlobal(plan), global), zoneName);
}

/**
 * The last look before a zone is switched: everything that it hands over today is on the global, equal by content or
 * left there with other content because the stack says so.
 */
export async function assertCarried(
  { carried, kept }: Pick<ZoneExport, "carried" | "kept">,
  global: ControlPlane,
  zoneName: string,
  onConflict: OnConflict,
): Promise<void> {
  const { existing } = await readGlobal(global, [...carried.map(({ type }) => type), "MeshIdentity"]);
  const identities = [...kept, ...existing.values()].filter(({ type }) => type === "MeshIdentity");
  // a zone that is known there means that no secret is taken for one that the global made for itself
  const { resources } = planFederation(carried, existing, { onConflict, zones: [zoneName], identities });
  const keysOf = (...actions: Action[]) =>
    resources.filter(({ action }) => actions.includes(action)).map(({ key }) => key);
  assertComplete({ missing: keysOf("create"), different: keysOf("overwrite", "conflict") }, zoneName);
}

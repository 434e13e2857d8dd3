import { ControlPlane } from "../../api/client";
import { OnConflict } from "../../federation/conflicts";
import { KumaError } from "../../errors";
import { Manifest, readZone } from "../../federation/export";
import { otherZones } from "../../konnect/admission";
import { enumerated, shortened } from "../../lists";
import { Action, PlannedResource, planFederation, readGlobal } from "../../federation/plan";
import { Resource, digest, keyOf } from "../../resource/resource";
import { describeDifferences } from "../../resource/difference";
import { EarlierZone, expectedOnGlobal, rivalsOf, withRivals } from "../../federation/earlier";
import { zoneNames } from "../../zone/zone";
import { Selection, asGlobals, readZonePolicies, selectPolicies, userKey } from "./selection";

/** What a zone's policies are to become, as far as that is not done or recorded yet. */
export interface PolicyProspect extends Selection {
  planned: PlannedResource[];
  /** One sentence each. */
  warnings: string[];
}

export interface PolicySides {
  zoneName: string;
  zone: ControlPlane;
  /** Undefined as long as there is no global. */
  global: ControlPlane | undefined;
  onConflict: OnConflict;
  /** Zones of the stack that come before, by what they are still to bring or to hand over. */
  earlier?: readonly EarlierZone[];
}

/** As `surveyPolicies`; fails on what the global has with other content, or gets before. */
export async function planPolicies(sides: PolicySides, known: Manifest): Promise<PolicyProspect> {
  const prospect = await surveyPolicies(sides, known);
  assertNoConflict(prospect.planned, sides.zoneName);
  return prospect;
}

/**
 * Reads both sides and plans; writes nothing. `known` are policies that were recorded before: one that is back in the
 * zone with the same content has lost nothing and is no news.
 */
export async function surveyPolicies(
  { zoneName, zone, global, onConflict, earlier = [] }: PolicySides,
  known: Manifest,
): Promise<PolicyProspect> {
  const { own } = await readZonePolicies(zone, zoneName);
  const isKnown = (policy: Resource) => known[keyOf(userKey(policy))] === digest(asGlobals(policy));
  if (own.every(isKnown)) return { handedOver: [], staying: [], planned: [], warnings: [] };
  const { resources } = await readZone(zone);
  const selected = selectPolicies(own, resources, zone);
  const handedOver = selected.handedOver.filter((policy) => !isKnown(policy));
  const { existing } = global
    ? await readGlobal(
        global,
        handedOver.map(({ type }) => type),
      )
    : NOTHING;
  const expected = expectedOnGlobal(existing, earlier);
  const plan = planFederation(handedOver, expected, { onConflict, zones: [zoneName] });
  const planned = withRivals(plan, zoneName, existing, earlier).resources;
  const others = global ? await namesOfOthers(global, zoneName) : [];
  const warnings = [...warnOfOthers(planned, others), ...warnOfOrder(planned, [...existing.values()])];
  return { handedOver, staying: selected.staying, planned, warnings };
}

const NOTHING = { existing: new Map<string, Resource>() };

async function namesOfOthers(global: ControlPlane, zoneName: string): Promise<string[]> {
  const names = global.hosted ? await otherZones(global, zoneName) : await zoneNames(global);
  return names.filter((name) => name !== zoneName);
}

/** Fails on what the global has with other content, where the stack does not decide. */
export function assertNoConflict(planned: readonly PlannedResource[], zoneName: string): void {
  const open = planned.filter(({ action }) => action === "conflict");
  if (open.length === 0) return;
  const lines = open.flatMap((each) => describeDifferences(each).map((line) => `  ${each.key}: ${line}`));
  const zones = rivalsOf(open);
  const there = zones.length > 0 ? `there, or come from zone ${zones.join(", ")},` : "there";
  throw new KumaError(
    "conflict",
    `The policies of zone ${zoneName} were not handed over to the global, and nothing was written: ${open.length} of them are ${there} with other content. ` +
      `Make them equal, or choose with the setting onConflict, for all or by a pattern such as "${open[0].key}": ` +
      `keepGlobal retires the zone's, overwrite replaces the global's.\n` +
      shortened(lines, MOST_LISTED, (left) => `  and ${left} more`).join("\n"),
  );
}

function warnOfOthers(planned: readonly PlannedResource[], others: readonly string[]): string[] {
  const isNew = planned.some(({ action }) => action === "create" || action === "overwrite");
  if (!isNew || others.length === 0) return [];
  return [
    `what is the global's is every zone's: ${enumerated(others)} will have these policies too, in the same meshes`,
  ];
}

/** Kuma v2.14.3, pkg/plugins/policies/core/rules/sort: zone before global, then the display name. */
function warnOfOrder(planned: readonly PlannedResource[], existing: readonly Resource[]): string[] {
  const moved = new Set(planned.map(({ key }) => key));
  const rivals = existing.filter(
    (policy) =>
      !moved.has(keyOf(policy)) &&
      policy.labels?.["kuma.io/origin"] !== "zone" &&
      planned.some(({ resource: { type, mesh } }) => type === policy.type && mesh === policy.mesh),
  );
  if (rivals.length === 0) return [];
  return [
    `of two policies whose targetRef is of one kind, the zone's came before the global's until now; from now on the one whose name comes first in the alphabet does. ` +
      `The global has of these types: ${enumerated(rivals.map(keyOf))}`,
  ];
}

/** Lists at most so many in one message. */
const MOST_LISTED = 50;

const ACTION_WORDS: Partial<Record<Action, string>> = {
  create: "create on the global, then retire in the zone",
  same: "on the global already, retire in the zone",
  overwrite: "overwrite on the global, then retire in the zone",
  keepGlobal: "retire in the zone in favour of the global's",
};

/** For people: what becomes the global's, what stays and why, and what to think of. */
export function describePolicies({ planned, staying, warnings }: PolicyProspect, zoneName: string): string {
  const lines = planned.map(({ key, action }) => `  ${ACTION_WORDS[action] ?? action}: ${key}`);
  const stays = staying.map(({ key, reason }) => `  stays the zone's: ${key} (${reason})`);
  const more = (left: number) => `  and ${left} more (preview --diff lists all)`;
  return [
    `zone ${zoneName}: ${planned.length} policies become the global's`,
    ...shortened(lines, MOST_LISTED, more),
    ...shortened(stays, MOST_LISTED, (left) => `  and ${left} more stay`),
    ...warnings.map((warning) => `warning: zone ${zoneName}: ${warning}`),
  ].join("\n");
}

/** Copies that the zone has of the global's policies, by the keys that users know. */
export function byUserKey(copies: readonly Resource[]): Map<string, Resource> {
  return new Map(copies.map((copy) => [keyOf(userKey(copy)), copy]));
}

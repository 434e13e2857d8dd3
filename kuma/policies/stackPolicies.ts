import type { ControlPlane } from "../api/client";
import { type ZoneExport, adminToken } from "../federation/export";
import type { Federation } from "../federation/federation";
import { FoundResource } from "./files";
import { KnownTypes, knownTypes } from "../api/knownTypes";
import { assertNoFault, faultsOf, meshesOf, refusalsOf } from "./policies";
import { foundFor } from "./policyFiles";
import { Resource } from "../resource/resource";

const GLOBAL = "the global control plane";
const WHAT = "Policies in the directory of the setting policies";

/** What a zone brings, and the types that it knows. */
interface FromZone {
  carried: readonly Resource[];
  types: KnownTypes;
}

/** The policies that are for the global of a federation, and what of them it cannot take. */
export async function lookAtPolicies(
  { policies = [], global }: Pick<Federation, "policies" | "global">,
  zone: FromZone | undefined,
): Promise<{ found: FoundResource[]; faults: string[] }> {
  const brought = meshesIn(zone?.carried ?? []);
  if (!global) {
    const found = foundFor(policies, "");
    // a global that is still to be made begins with what the zone brings
    return { found, faults: zone ? faultsOf(found, zone.types, brought, GLOBAL) : [] };
  }
  const { version } = await global.info();
  const found = foundFor(policies, version);
  return { found, faults: await faultsOn(global, found, brought) };
}

/** Fails where the stack's policies could not be written once the zone has joined. Nothing has been written then. */
export async function assertPoliciesFit(
  federation: Pick<Federation, "policies" | "global">,
  prospect: { exported: ZoneExport } | undefined,
): Promise<void> {
  if (!federation.policies?.length) return;
  const { exported } = prospect ?? {};
  const token = exported && adminToken(exported.carried);
  // an earlier run may have got as far as the signing keys
  if (token !== undefined) federation.global?.offerToken(token);
  assertNoFault((await lookAtPolicies(federation, exported)).faults, WHAT);
}

/**
 * Fails where a control plane would refuse one of the stack's policies. A global without any mesh cannot tell; then the
 * zone is asked.
 */
export async function assertPoliciesTaken({ policies, global, zone }: Federation): Promise<void> {
  if (!global || !policies?.length) return;
  const found = foundFor(policies, (await global.info()).version);
  const hasMesh = (await meshesOf(global)).length > 0;
  assertNoFault(await refusalsOf(found, hasMesh ? global : zone), WHAT);
}

/** As both, for policies that are about to be written. */
export async function assertPoliciesWritable(
  found: readonly FoundResource[],
  global: ControlPlane,
): Promise<void> {
  assertNoFault(await faultsOn(global, found, []), WHAT);
  assertNoFault(await refusalsOf(found, global), WHAT);
}

/** Fails where a zone could not take the files of its content. */
export async function assertContentWritable(
  found: readonly FoundResource[],
  zone: ControlPlane,
  what: string,
): Promise<void> {
  assertNoFault(await faultsOn(zone, found, []), what);
  assertNoFault(await refusalsOf(found, zone, { asTheyAre: true }), what);
}

async function faultsOn(
  controlPlane: ControlPlane,
  found: readonly FoundResource[],
  brought: readonly string[],
): Promise<string[]> {
  const meshes = [...brought, ...(await meshesOf(controlPlane))];
  return faultsOf(found, await knownTypes(controlPlane), meshes, controlPlane.title);
}

function meshesIn(resources: readonly Resource[]): string[] {
  return resources.filter(({ type }) => type === "Mesh").map(({ name }) => name);
}

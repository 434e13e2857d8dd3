import * as fs from "node:fs";
import { Federation, Prospect, planZone } from "../../kuma";
import { withConnections, withZone } from "../connections";
import { isKnown } from "../provider/handler";
import { saying } from "../provider/progress";
import type { FederationArgs } from "./federationArgs";

/**
 * The engine calls the check, diff and create or update of two resources one after another, and all of them need the
 * plan; what was read longer ago is read anew.
 */
const FRESH_MS = 10_000;
const prospects = new Map<string, { prospect: Prospect; at: number }>();

/** What was planned a moment ago. */
export function freshProspect(zoneName: string): Prospect | undefined {
  const seen = prospects.get(zoneName);
  return seen && Date.now() - seen.at < FRESH_MS ? seen.prospect : undefined;
}

/** What was planned a moment ago, or a plan made now; undefined when the zone is federated with this global already. */
export async function prospectOf(federation: Federation): Promise<Prospect | undefined> {
  const fresh = freshProspect(federation.zoneName);
  if (fresh) return fresh;
  const prospect = await saying(
    (seconds) => `zone ${federation.zoneName}: both sides are read and compared, for ${seconds} s until now`,
    () => planZone(federation),
  );
  if (prospect) prospects.set(federation.zoneName, { prospect, at: Date.now() });
  return prospect;
}

/** What was planned is being carried out, so that it is no plan any more. */
export function forgetProspect(zoneName: string): void {
  prospects.delete(zoneName);
}

/** Opens both sides for one call. As long as the global does not exist, its version is unknown. */
export function withFederation<T>(
  inputs: FederationArgs,
  formerKdsAddress: string | undefined,
  work: (federation: Federation) => Promise<T>,
): Promise<T> {
  const { zoneName, zoneRunsHere, nextDatabase, onConflict, policies, hosted, kdsSystemCaFile } = inputs;
  const known = <V>(value: V): V | undefined => (isKnown(value) ? value : undefined);
  const federation = {
    zoneName,
    kdsAddress: known(inputs.kdsAddress),
    formerKdsAddress,
    kdsCa: kdsSystemCaFile === undefined ? known(inputs.kdsCa) : fs.readFileSync(kdsSystemCaFile, "utf8"),
    zoneRunsHere,
    nextDatabase,
    onConflict,
    policies,
    hosted,
  };
  return isKnown(inputs.globalVersion)
    ? withConnections(inputs, (zone, global) => work({ ...federation, zone, global }))
    : withZone(inputs, (zone) => work({ ...federation, zone, global: undefined }));
}

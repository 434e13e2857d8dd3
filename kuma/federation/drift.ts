import { ControlPlane } from "../api/client";
import { Manifest, forGlobal } from "./export";
import { enumerated } from "../lists";
import { readGlobal } from "./plan";
import { digest, keyOf, parseKey } from "../resource/resource";
import { Snapshot } from "./snapshot";

/** What became of what was carried to a global: by key, whatever is not there any more or has other content. */
export type Drift = Record<string, "missing" | "changed">;

/**
 * What `up` does about it:
 * - `repairMissing` (default): puts back what is missing; what was changed is told of, as the global owns it;
 * - `repair`: puts back what is missing, and what was changed as the zone had it;
 * - `report`: tells of both and changes nothing.
 */
export type OnDrift = "repairMissing" | "repair" | "report";

/** Compares what was carried with what the global holds now. Fails when the global cannot be read. */
export async function driftOf(global: ControlPlane, manifest: Manifest): Promise<Drift> {
  const { existing } = await readGlobal(
    global,
    Object.keys(manifest).map((key) => parseKey(key).type),
  );
  return Object.fromEntries(
    Object.entries(manifest).flatMap(([key, expected]): [string, Drift[string]][] => {
      const there = existing.get(key);
      if (!there) return [[key, "missing"]];
      return digest(there) === expected ? [] : [[key, "changed"]];
    }),
  );
}

export function keysOf(drift: Drift, kind: Drift[string]): string[] {
  return Object.keys(drift).filter((key) => drift[key] === kind);
}

/** The same without what somebody wants as it is. */
export function without<T>(
  byKey: Record<string, T>,
  isAccepted: (key: string) => boolean,
): Record<string, T> {
  return Object.fromEntries(Object.entries(byKey).filter(([key]) => !isAccepted(key)));
}

/**
 * Keys of what is to be written again. What the global had with other content from the beginning, and was left so, is
 * not known to the snapshot: it is put back where it is missing, and never where it was changed.
 */
export function toRepair(
  drift: Drift,
  onDrift: OnDrift,
  manifest: Manifest,
  { originals }: Pick<Snapshot, "originals">,
): string[] {
  if (onDrift === "report") return [];
  const missing = keysOf(drift, "missing");
  if (onDrift === "repairMissing") return missing;
  const carried = new Map(originals.map(forGlobal).map((resource) => [keyOf(resource), digest(resource)]));
  return [...missing, ...keysOf(drift, "changed").filter((key) => carried.get(key) === manifest[key])];
}

/** One sentence for what is put back, and one for what is left as it is; none where there is no drift. */
export function describeDrift(drift: Drift, repaired: readonly string[]): string[] {
  const line = (kind: Drift[string], again: boolean, words: string) => {
    const keys = keysOf(drift, kind).filter((key) => repaired.includes(key) === again);
    return keys.length === 0 ? [] : [`${words}: ${enumerated(keys)}`];
  };
  return [
    ...line("missing", true, "gone from the global, to be put back"),
    ...line("changed", true, "changed on the global, to be put back as the zone had it"),
    ...line("missing", false, "gone from the global, and not put back"),
    ...line("changed", false, "changed on the global, and not put back"),
  ];
}

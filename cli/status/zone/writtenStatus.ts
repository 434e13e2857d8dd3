import {
  ControlPlane,
  CountedResource,
  Drift,
  Manifest,
  driftOf,
  enumerated,
  keysOf,
  parseKey,
  withDigestKey,
} from "../../../kuma";

/** How many resources one sentence names. */
const MOST_NAMED = 10;

/** Compares what the stack itself has written to the global, its `policies`, with what is there. */
export async function writtenStatus(
  global: ControlPlane,
  { stored, digestKey }: { stored: Manifest; digestKey?: string },
): Promise<{ counted: CountedResource[]; problems: string[] }> {
  const drift = await withDigestKey(digestKey, () => driftOf(global, stored));
  const told = (kind: Drift[string], words: string) => {
    const keys = keysOf(drift, kind);
    return keys.length === 0
      ? []
      : [
          `Written to the global by the stack's policies and ${words}: ${enumerated(keys, MOST_NAMED)}. npm run up puts them back.`,
        ];
  };
  return {
    counted: countedIn(stored, drift),
    problems: [...told("missing", "missing there"), ...told("changed", "changed there since")],
  };
}

/** For the table. */
export function countedIn(manifest: Manifest, drift: Drift): CountedResource[] {
  return Object.keys(manifest).map((key) => ({
    ...parseKey(key),
    present: drift[key] !== "missing",
    different: drift[key] === "changed",
  }));
}

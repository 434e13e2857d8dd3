/**
 * Types of which a zone refuses what the global sends as long as it has resources of these names from before it joined: their
 * copies keep the name and carry no origin, so that the zone keeps its own (Kuma v2.14.3, pkg/kds/v2/store/sync.go,
 * SkipConflictResource). Each connection begins with such a refusal. Whether they are equal is told by comparing them.
 */
const KEPT_TYPES = new Set(["Config", "Secret", "GlobalSecret"]);

/** Whether a refusal of this type says no more than that the zone has resources of its own by these names. */
export function isKept(type: string): boolean {
  return KEPT_TYPES.has(type);
}

/** Types of which a zone refused what the global sent, and was not to be expected to. */
export function refusedTypes({ rejected }: { rejected: Record<string, number> }): string[] {
  return Object.keys(rejected).filter((type) => !isKept(type));
}

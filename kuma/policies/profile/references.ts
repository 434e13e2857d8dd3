import { Resource, ResourceKey, keyOf } from "../../resource/resource";

/** What a policy names, as `targetRef` and `backendRef` do it, wherever in its document: by kind and name, in its mesh. */
export function referencesOf(policy: Resource): ResourceKey[] {
  const found: ResourceKey[] = [];
  const walk = (value: unknown) => {
    if (value === null || typeof value !== "object") return;
    const { kind, name } = value as { kind?: unknown; name?: unknown };
    if (typeof kind === "string" && typeof name === "string")
      found.push({ type: kind, mesh: policy.mesh, name });
    Object.values(value).forEach(walk);
  };
  walk(policy);
  return found;
}

/**
 * Policies in groups: what others name comes in an earlier group than those. A route that is the global's goes with
 * timeouts that are the global's, so the zone's route has to go before the zone's timeouts for it, and come back after
 * them.
 */
export function namedFirst(policies: readonly Resource[]): Resource[][] {
  const byKey = new Map(policies.map((policy) => [keyOf(policy), policy]));
  const levels = new Map<string, number>();
  const levelOf = (key: string, policy: Resource): number => {
    const known = levels.get(key);
    if (known !== undefined) return known;
    // in place of an answer for policies that name each other in a circle
    levels.set(key, 0);
    const below = referencesOf(policy).flatMap((reference) => {
      const named = byKey.get(keyOf(reference));
      return named && named !== policy ? [levelOf(keyOf(reference), named) + 1] : [];
    });
    const level = Math.max(0, ...below);
    levels.set(key, level);
    return level;
  };
  const groups: Resource[][] = [];
  for (const [key, policy] of byKey) (groups[levelOf(key, policy)] ??= []).push(policy);
  // a circle leaves levels without a policy
  return Object.values(groups);
}

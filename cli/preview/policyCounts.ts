const PLURAL = { appears: "appear", changes: "change", goes: "go" };

/** How many policies appear, change and go, as far as any do: `1 appears`, `2 change`. */
export function policyCounts(counts: Readonly<Record<keyof typeof PLURAL, number>>): string[] {
  return (["appears", "changes", "goes"] as const)
    .filter((change) => counts[change] > 0)
    .map((change) => `${counts[change]} ${counts[change] === 1 ? change : PLURAL[change]}`);
}

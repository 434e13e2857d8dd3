/**
 * Resources whose differences somebody has looked at and wants as they are, those of a zone from its record as well as
 * those of the global from what was carried or handed over: the setting `acceptDifferences`, as
 * JSON. A variable, as what is deleted is deleted as the state says (see undoMode.ts); it reaches the provider's process
 * through the engine.
 */
export const ACCEPT_VARIABLE = "KUMA_FEDERATION_ACCEPT_DIFFERENCES";

/** Whether the stack accepts what differs in a resource, by its name as messages tell it. */
export function acceptedDifferences(): (key: string) => boolean {
  const names = new Set(JSON.parse(process.env[ACCEPT_VARIABLE] ?? "[]") as string[]);
  return (key) => names.has(key);
}

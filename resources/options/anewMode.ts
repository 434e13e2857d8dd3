/**
 * Names of zones, separated by commas, that lack what their global gives though nothing of the stack has changed: `up`
 * has them ask their global anew. It reaches the provider's process through the engine.
 */
export const ASK_ANEW_VARIABLE = "KUMA_FEDERATION_ASK_ANEW";

export function isToAskAnew(zoneName: string): boolean {
  return (process.env[ASK_ANEW_VARIABLE] ?? "").split(",").includes(zoneName);
}

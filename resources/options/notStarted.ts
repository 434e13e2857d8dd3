/**
 * Control planes of this machine that a command which only looks has not started, and so cannot look at, each with one
 * sentence why: `global`, and `zone/NAME`, as JSON. It reaches the provider's process through the engine.
 */
export const NOT_STARTED_VARIABLE = "KUMA_FEDERATION_NOT_STARTED";

export type NotStarted = Record<string, string>;

function notStarted(): NotStarted {
  return JSON.parse(process.env[NOT_STARTED_VARIABLE] ?? "{}") as NotStarted;
}

export function isGlobalStopped(): boolean {
  return "global" in notStarted();
}

/** Why a zone cannot be looked at; undefined when it can. */
export function whyNotStarted(zoneName: string): string | undefined {
  return notStarted()[`zone/${zoneName}`];
}

/** What to do about it. */
export const START_IT = "npm run up starts what is stopped, and checks both sides before it writes anything.";

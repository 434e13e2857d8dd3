/**
 * Control planes of this machine whose process has ended, and which a preview leaves so: `global`, and `zone/NAME`, as
 * JSON. It reaches the provider's process through the engine.
 */
export const STOPPED_VARIABLE = "KUMA_FEDERATION_STOPPED";

function stopped(): string[] {
  return JSON.parse(process.env[STOPPED_VARIABLE] ?? "[]") as string[];
}

export function isGlobalStopped(): boolean {
  return stopped().includes("global");
}

export function isZoneStopped(name: string): boolean {
  return stopped().includes(`zone/${name}`);
}

/** What is said of a zone that could not be looked at, and what to do. */
export function describeStopped(zone: string): { sentence: string; remedy: string } {
  return {
    sentence: `Zone ${zone} is a process of this machine that has ended, and it was left so: what it holds could not be looked at.`,
    remedy: "npm run up starts it again, and looks before it writes anything.",
  };
}

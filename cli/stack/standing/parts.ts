import type { Exported } from "../deployment";

/** A resource of a state, with its secrets in clear where the state was given out with them. */
export interface Part {
  /** The component of this program that it belongs to; empty where it stands alone. */
  component: string;
  type: string;
  name: string;
  outputs: Record<string, unknown>;
  modified?: string;
}

/** `urn:pulumi:<stack>::<project>::<type of the parents>$<type>::<name>` */
export function partsOf({ deployment: { resources = [] } }: Exported): Part[] {
  return resources.flatMap(({ urn, outputs = {}, modified, delete: isToGo }): Part[] => {
    const [, , types, name] = urn.split("::");
    // providers and the stack itself are there before anything else is, and say nothing of control planes
    if (isToGo || types.startsWith("pulumi:")) return [];
    const component = /^kuma-federation:index:(\w+)\$/.exec(types)?.[1] ?? "";
    const type = types.split("$").at(-1) ?? "";
    return [{ component, type, name, outputs: revealed(outputs) as Record<string, unknown>, modified }];
  });
}

/** Marks a secret in a state (Pulumi 3.246, sdk/go/common/resource/sig). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** The same with each secret that the engine has given in clear in the place of its envelope. */
export function revealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealed);
  if (value === null || typeof value !== "object") return value;
  const { [SIGNATURE]: mark, plaintext } = value as Record<string, unknown>;
  if (mark !== undefined && typeof plaintext === "string") return revealed(JSON.parse(plaintext));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revealed(each)]));
}

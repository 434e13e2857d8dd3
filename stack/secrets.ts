import type { Fault } from "./faults";
import { isObject } from "./schema/fields";

/**
 * Paths of the secrets within a setting, such as `global.values.controlPlane.license`: the objects `{secure: …}` of a
 * stack's file. Pulumi hands them to the program decrypted, and tells only that the whole setting holds one.
 */
export function secretPaths(path: string, value: unknown): string[] {
  if (value === null || typeof value !== "object") return [];
  if (Array.isArray(value)) return value.flatMap((each, at) => secretPaths(`${path}[${at}]`, each));
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0][0] === "secure" && typeof entries[0][1] === "string") return [path];
  return entries.flatMap(([name, inner]) => secretPaths(`${path}.${name}`, inner));
}

/**
 * Tells of a secret where it would not stay one. Values for a chart are secret from the program to Helm; everything else is
 * printed, or stands in the state as it is. `paths` are those of the secrets, or `global` and `zones` where no more is known.
 */
export function unkeptSecrets(
  { global, zones }: Readonly<Record<string, unknown>>,
  paths: readonly string[],
): Fault[] {
  const sections: [key: string, config: unknown][] = [
    ["global", global],
    ...(Array.isArray(zones) ? zones : []).map((zone, at): [string, unknown] => [`zones[${at}]`, zone]),
  ];
  return paths.flatMap((path) => {
    const within = sections.filter(([key]) => path === key || path.startsWith(`${key}.`) || path === "zones");
    const isKnown = !["global", "zones"].includes(path);
    const holders = within.filter(
      ([key, config]) => hasValues(config) && (!isKnown || path.startsWith(`${key}.values.`)),
    );
    if (holders.length === 0)
      return [refused(path, "only what stands below values of a control plane in a cluster stays secret")];
    if (!holders.some(([, config]) => isWithoutHelm(config))) return [];
    return [
      refused(
        path,
        "without Helm the values end in objects that stand in the state in clear. Put it into a Secret of the cluster and name that in the values, or install with Helm",
      ),
    ];
  });
}

function hasValues(config: unknown): boolean {
  if (!isObject(config) || config.platform !== "kubernetes" || !isObject(config.values)) return false;
  return Object.keys(config.values).length > 0;
}

function isWithoutHelm(config: unknown): boolean {
  return isObject(config) && (config.installer ?? config.install) === "kumactl";
}

function refused(path: string, reason: string): Fault {
  return { key: path, message: `The setting ${path} is or holds a secret, but ${reason}.` };
}

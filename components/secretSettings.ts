import { KumaError } from "../kuma";

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

/** Of the settings of a control plane those that decide where its values come to stand. */
interface ControlPlaneSettings {
  platform: string;
  values?: object;
  /** Of a global in a cluster. */
  installer?: string;
  /** Of a zone in a cluster. */
  install?: string;
}

/**
 * Refuses a secret where it would not stay one. Values for a chart are secret from the program to Helm; everything else is
 * printed, or stands in the state as it is. `paths` are those of the secrets, or `global` and `zones` where no more is known.
 */
export function assertSecretsStaySecret(
  { global, zones }: { global: ControlPlaneSettings; zones: readonly ControlPlaneSettings[] },
  paths: readonly string[],
): void {
  const sections: [key: string, config: ControlPlaneSettings][] = [
    ["global", global],
    ...zones.map((zone, at): [string, ControlPlaneSettings] => [`zones[${at}]`, zone]),
  ];
  for (const path of paths) {
    const within = sections.filter(([key]) => path === key || path.startsWith(`${key}.`) || path === "zones");
    const isKnown = !["global", "zones"].includes(path);
    const holders = within.filter(
      ([key, config]) => valuesOf(config) && (!isKnown || path.startsWith(`${key}.values.`)),
    );
    if (holders.length === 0)
      throw refused(path, "only what stands below values of a control plane in a cluster stays secret");
    const withKumactl = holders.find(([, config]) => isWithoutHelm(config));
    if (withKumactl)
      throw refused(
        path,
        "without Helm the values end in objects that stand in the state in clear. Put it into a Secret of the cluster and name that in the values, or install with Helm",
      );
  }
}

function valuesOf({ platform, values = {} }: ControlPlaneSettings): boolean {
  return platform === "kubernetes" && Object.keys(values).length > 0;
}

function isWithoutHelm({ installer, install }: ControlPlaneSettings): boolean {
  return (installer ?? install) === "kumactl";
}

function refused(path: string, reason: string): KumaError {
  return new KumaError("invalid", `The setting ${path} is or holds a secret, but ${reason}.`);
}

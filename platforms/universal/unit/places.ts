/** Where this program's files lie on a host: one drop-in, and what that names. */

export const ROOT = "/var/lib/kuma-federation";

/** Of a unit; removed when the zone has left its global. */
export function directoryOf(unit: string): string {
  return `${ROOT}/${unit}`;
}

/** Drop-ins count in the order of their names: this one after what `systemctl edit` makes, which is override.conf. */
const DROP_IN = "zz-kuma-federation.conf";

export function dropInOf(unit: string): string {
  return `/etc/systemd/system/${unit}.d/${DROP_IN}`;
}

/** Its name in earlier versions; it counts until the unit is switched again, or taken back. */
export function formerDropInOf(unit: string): string {
  return `/etc/systemd/system/${unit}.d/90-kuma-federation.conf`;
}

/** Whether a drop-in, wherever it lies, has the last word over this program's. */
export function isLater(dropIn: string): boolean {
  return dropIn.slice(dropIn.lastIndexOf("/") + 1) > DROP_IN;
}

export const VARIABLES = "federation.env";

/** The variables of the drop-in. */
export function variablesOf(unit: string): string {
  return `${directoryOf(unit)}/${VARIABLES}`;
}

/** Environment files that are this program's. */
export function ownFiles(unit: string): string[] {
  return [variablesOf(unit)];
}

/**
 * The drop-in itself has no variables: what stands in `Environment=` loses against any `EnvironmentFile=` of the unit's
 * (systemd.exec(5)), and of those the last one wins.
 */
export function dropInText(unit: string): string {
  return `# Written by kuma-federation: this zone is a member of a global. Removed when it leaves that.\n[Service]\nEnvironmentFile=${variablesOf(unit)}\n`;
}

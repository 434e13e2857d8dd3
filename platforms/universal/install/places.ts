/** Where an installation lies on a host. Nothing outside of these is written. */

/** Programs, a directory for each archive, shared by the units that run them. */
export const PROGRAMS = "/opt/kuma-federation";

/** Where an archive comes to, until it is unpacked. */
export const UPLOAD = `${PROGRAMS}/.upload`;

/** Of all units that are installed here. */
export const SETTINGS = "/etc/kuma-federation";

/** For example "kuma-cp", of the unit kuma-cp.service. */
export function baseOf(unit: string): string {
  return unit.replace(/\.service$/, "");
}

export function unitFileOf(unit: string): string {
  return `/etc/systemd/system/${unit}`;
}

/** Of one unit: what it is told, with keys and tokens. */
export function settingsOf(unit: string): string {
  return `${SETTINGS}/${baseOf(unit)}`;
}

/** What a unit writes itself (StateDirectory). */
export function dataOf(unit: string): string {
  return `/var/lib/${baseOf(unit)}`;
}

import { KumaError } from "../../../kuma";
import type { Host } from "../hosts/host";
import { hostAt } from "../hosts/hosts";
import { type UnitAccess, parseUnitUrl } from "./location";

/** A unit, and the host that it is on. */
export interface UnitOnHost {
  host: Host;
  /** Its whole name. */
  unit: string;
}

/** To be given back with `release`. */
export function openUnitHost({ url, ssh }: UnitAccess): UnitOnHost & { release: () => void } {
  const location = parseUnitUrl(url);
  if (!location) throw new KumaError("invalid", `${url} is no unit on a host. Nothing was changed.`);
  const { unit, ...place } = location;
  return { ...hostAt({ ...place, ...ssh }), unit };
}

/** Opens the hosts of units for the time of some work. */
export async function withUnitHosts<T>(
  units: readonly UnitAccess[],
  work: (units: readonly UnitOnHost[]) => Promise<T>,
): Promise<T> {
  const opened = units.map(openUnitHost);
  try {
    return await work(opened);
  } finally {
    opened.forEach(({ release }) => release());
  }
}

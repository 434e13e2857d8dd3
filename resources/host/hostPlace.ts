import type { NamedArchive } from "../../toolchain/kumaCp/kumaArchive";
import type { Host } from "../../platforms/universal/hosts/host";
import { SshKeys, UnitAccess, parseUnitUrl } from "../../platforms/universal/unit/location";
import { withUnitHosts } from "../../platforms/universal/unit/unitHost";

/** How a resource's inputs name a unit that the stack installs on a host. */
export interface HostPlace {
  /** `ssh://<user>@<host>:<port>/<unit>` */
  url: string;
  /** Secret. */
  ssh: SshKeys;
  /** How messages call what it is. */
  title: string;
  /** Which resource of which stack it belongs to. */
  owner: string;
  /** Of Kuma's programs; the official release when left out. */
  archive?: NamedArchive;
}

/** Opens the host of a unit for the time of some work. */
export function withUnitHost<T>(
  access: UnitAccess,
  work: (host: Host, unit: string) => Promise<T>,
): Promise<T> {
  return withUnitHosts([access], ([{ host, unit }]) => work(host, unit));
}

/** A unit on another host, or of another name, is another unit: what is there is taken away before. */
export function replacesUnit(olds: Pick<HostPlace, "url">, news: Pick<HostPlace, "url">) {
  const [former, next] = [olds.url, news.url].map((url) => {
    const { host, unit } = parseUnitUrl(url) ?? {};
    return `${host}/${unit}`;
  });
  return { replaces: former === next ? [] : ["url"], deleteBeforeReplace: true };
}

import type { NamedArchive } from "../../toolchain/kumaCp/kumaArchive";
import { KumaError } from "../../kuma";
import type { Host } from "../../platforms/universal/hosts/host";
import { withHost } from "../../platforms/universal/hosts/hosts";
import { SshKeys, parseUnitUrl } from "../../platforms/universal/unit/location";

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
  { url, ssh }: Pick<HostPlace, "url"> & Partial<Pick<HostPlace, "ssh">>,
  work: (host: Host, unit: string) => Promise<T>,
): Promise<T> {
  const location = parseUnitUrl(url);
  if (!location) throw new KumaError("invalid", `${url} is no unit on a host. Nothing was changed.`);
  const { unit, ...place } = location;
  return withHost({ ...place, ...ssh }, (host) => work(host, unit));
}

/** A unit on another host, or of another name, is another unit: what is there is taken away before. */
export function replacesUnit(olds: Pick<HostPlace, "url">, news: Pick<HostPlace, "url">) {
  const [former, next] = [olds.url, news.url].map((url) => {
    const { host, unit } = parseUnitUrl(url) ?? {};
    return `${host}/${unit}`;
  });
  return { replaces: former === next ? [] : ["url"], deleteBeforeReplace: true };
}

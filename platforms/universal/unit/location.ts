import { KumaError } from "../../../kuma";
import type { SshAccess } from "../hosts/sshAccess";

/** Where a control plane runs as a unit of systemd. */
export interface UnitLocation extends Pick<SshAccess, "host" | "port" | "user"> {
  unit: string;
}

/** What it takes to reach the host beside that; key and passphrase are secrets. */
export type SshKeys = Omit<SshAccess, keyof UnitLocation>;

/** How a resource's inputs name a unit on a host. */
export interface UnitAccess {
  /** `ssh://<user>@<host>:<port>/<unit>` */
  url: string;
  /** Secret. */
  ssh?: SshKeys;
}

/** `ssh://<user>@<host>:<port>/<unit>`: how such a control plane is named where others have a URL. */
export function unitUrl({ host, port = 22, user = "root", unit }: UnitLocation): string {
  const address = host.includes(":") ? `[${host}]` : host;
  return `ssh://${encodeURIComponent(user)}@${address}:${port}/${unitName(unit)}`;
}

export function parseUnitUrl(url: string): UnitLocation | undefined {
  if (!url.startsWith("ssh://")) return undefined;
  const match = /^ssh:\/\/([^@/]+)@(\[[^\]]+\]|[^:/@]+):(\d+)\/([^/]+)$/.exec(url);
  if (!match)
    throw new KumaError(
      "invalid",
      `${url} is no address of a unit, such as ssh://root@zone-a:22/kuma-cp.service.`,
    );
  const [, user, host, port, unit] = match;
  return {
    user: decodeURIComponent(user),
    host: host.replace(/^\[|\]$/g, ""),
    port: Number(port),
    unit: unitName(unit),
  };
}

/** Its whole name, as `systemctl` shows it. Fails on what is none: it becomes part of paths. */
export function unitName(unit: string): string {
  const name = unit.includes(".") ? unit : `${unit}.service`;
  if (/^[A-Za-z0-9:_.\\@-]{1,240}\.service$/.test(name)) return name;
  throw new KumaError(
    "invalid",
    `${JSON.stringify(unit)} is no name of a service of systemd, such as kuma-cp.service. Nothing was changed.`,
  );
}

import { createHash } from "node:crypto";
import { Host } from "./host";
import { SshAccess } from "./sshAccess";
import { SshHost } from "./sshHost";

/** How long a connection is kept for whoever wants the host next. */
const KEPT_MS = 20_000;

interface Kept {
  host: SshHost;
  users: number;
  timer?: NodeJS.Timeout;
}

/** Hosts that are in use, or were a moment ago: all that is done in one run shares one connection to each. */
const kept = new Map<string, Kept>();

/** A host; to be given back with `release`. */
export function hostAt(access: SshAccess): { host: Host; release: () => void } {
  const key = createHash("sha256")
    .update(JSON.stringify(parts(access)))
    .digest("base64");
  const entry = kept.get(key) ?? { host: new SshHost(access), users: 0 };
  kept.set(key, entry);
  clearTimeout(entry.timer);
  entry.users++;
  entry.host.hold(true);
  let isReleased = false;
  const release = () => {
    if (isReleased) return;
    isReleased = true;
    if (--entry.users > 0) return;
    entry.host.hold(false);
    entry.timer = setTimeout(() => {
      kept.delete(key);
      entry.host.close();
    }, KEPT_MS).unref();
  };
  return { host: entry.host, release };
}

function parts({ bastion, ...login }: SshAccess): unknown {
  const { host, port = 22, user = "root", privateKey, passphrase, agent, hostKey } = login;
  return [host, port, user, privateKey, passphrase, agent, hostKey, bastion && parts(bastion)];
}

/** Opens hosts for the time of some work; each is connected with when it is asked something. */
export async function withHosts<T>(
  accesses: readonly SshAccess[],
  work: (hosts: readonly Host[]) => Promise<T>,
): Promise<T> {
  const opened = accesses.map(hostAt);
  try {
    return await work(opened.map(({ host }) => host));
  } finally {
    opened.forEach(({ release }) => release());
  }
}

/** Opens a host for the time of some work. */
export function withHost<T>(access: SshAccess, work: (host: Host) => Promise<T>): Promise<T> {
  return withHosts([access], ([host]) => work(host));
}

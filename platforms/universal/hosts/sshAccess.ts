/** How a host is reached over SSH. */
export interface SshAccess extends SshLogin {
  /** One to go through. */
  bastion?: SshLogin;
}

export interface SshLogin {
  /** Name or address. */
  host: string;
  /** @default 22 */
  port?: number;
  /** Root, or a user who may `sudo` without a password. @default root */
  user?: string;
  /** Secret: the private key, as the file of it has it. */
  privateKey?: string;
  /** Secret: of that key, where it has one. */
  passphrase?: string;
  /** Socket of an agent that has the key. @default the one that SSH_AUTH_SOCK names, where there is no privateKey */
  agent?: string;
  /** The host's public key, its line in known_hosts, or its fingerprint; several lines where it has several. */
  hostKey?: string;
}

/** For example "host mesh@zone-a.example.com". */
export function titleOf({ host, port = 22, user = "root" }: SshLogin): string {
  return `host ${user}@${host}${port === 22 ? "" : `:${port}`}`;
}

import * as net from "node:net";
import type { Duplex } from "node:stream";
import { Client, ConnectConfig } from "ssh2";
import { KumaError, capital, isKumaError } from "../../../kuma";
import { pause } from "../../../kuma/until";
import { algorithmsIn, isExpected, wrongKey } from "./hostKey";
import { SshAccess, SshLogin, titleOf } from "./sshAccess";

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;
const CONNECT_MS = 10_000;
const KEEPALIVE_MS = 15_000;

export interface SshConnection {
  client: Client;
  /** Whether this process waits for it before it ends. */
  hold(isHeld: boolean): void;
  end(): void;
  /** At once, and not waiting for the other side, which may be gone. */
  giveUp(): void;
}

/** Connects, with a few attempts where nobody answers. A wrong key of either side is final. */
export async function connectSsh(access: SshAccess): Promise<SshConnection> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connectOnce(access);
    } catch (error) {
      if (!isKumaError(error, "unreachable") || attempt === ATTEMPTS) throw error;
      await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}

async function connectOnce(access: SshAccess): Promise<SshConnection> {
  const { bastion } = access;
  const [setting, first] = bastion ? (["ssh.bastion", bastion] as const) : (["ssh", access] as const);
  const socket = await dial(first);
  const hold = (isHeld: boolean) => void (isHeld ? socket.ref() : socket.unref());
  const client = await logIn(first, socket, setting);
  const giveUp = () => void socket.destroy();
  if (!bastion) return { client, hold, giveUp, end: () => client.end() };
  try {
    const through = await forward(client, access);
    const inner = await logIn(access, through, "ssh");
    inner.on("close", () => client.end());
    return { client: inner, hold, giveUp, end: () => (inner.end(), client.end()) };
  } catch (error) {
    client.end();
    throw error;
  }
}

function dial({ host, port = 22, ...login }: SshLogin): Promise<net.Socket> {
  const title = titleOf({ host, port, ...login });
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port });
    socket.setNoDelay(true);
    // by the kernel: whoever waits for a long command learns within half a minute that the host, or the way to it, is gone
    socket.setKeepAlive(true, KEEPALIVE_MS);
    const failed = (error: NodeJS.ErrnoException) => {
      socket.destroy();
      reject(noAnswer(title, inWords(error)));
    };
    socket.setTimeout(CONNECT_MS, () => failed(new Error(`no answer within ${CONNECT_MS / 1000} s`)));
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.removeListener("error", failed);
      resolve(socket);
    });
  });
}

function forward(bastion: Client, { host, port = 22, ...login }: SshLogin): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    bastion.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
      if (error)
        reject(noAnswer(titleOf({ host, port, ...login }), `not from the bastion: ${error.message}`));
      else resolve(channel);
    });
  });
}

function logIn(login: SshLogin, sock: Duplex, setting: string): Promise<Client> {
  const title = titleOf(login);
  const client = new Client();
  let refused: KumaError | undefined;
  const { user: username = "root", privateKey, passphrase, hostKey } = login;
  const agent = login.agent ?? (privateKey === undefined ? process.env.SSH_AUTH_SOCK : undefined);
  if (privateKey === undefined && !agent) {
    sock.destroy();
    throw new KumaError(
      "invalid",
      `There is nothing to log in to ${title} with. Nothing was changed. Set ${setting}.privateKey, or start an ssh-agent and add the key to it.`,
    );
  }
  const serverHostKey = algorithmsIn(hostKey ?? "");
  const config: ConnectConfig = {
    sock: sock as ConnectConfig["sock"],
    username,
    ...(agent && { agent }),
    ...(privateKey !== undefined && { privateKey, passphrase }),
    ...(serverHostKey.length > 0 && { algorithms: { serverHostKey: serverHostKey as never } }),
    hostVerifier: (key: Buffer) => {
      if (hostKey !== undefined && isExpected(key, hostKey)) return true;
      refused = wrongKey(title, key, hostKey, `${setting}.hostKey`);
      return false;
    },
    readyTimeout: CONNECT_MS * 2,
    // no keepalive of SSH: its timer would hold this process (ssh2 1.17.0, lib/client.js, resetKA). Whatever is wanted of the
    // host has a deadline, after which the connection is given up
  };
  return new Promise((resolve, reject) => {
    const failed = (error: Error & { level?: string }) => {
      client.destroy();
      // where the client has not taken it yet
      sock.destroy();
      reject(refused ?? loginFailure(title, username, setting, error));
    };
    client.once("error", failed);
    client.once("close", () => failed(new Error("it closed the connection")));
    client.once("ready", () => {
      client.removeAllListeners("error").removeAllListeners("close");
      // whatever is under way is told by its own channel
      client.on("error", () => {});
      // one for each command and connection that is under way
      client.setMaxListeners(0);
      resolve(client);
    });
    try {
      client.connect(config);
    } catch (error) {
      failed(error as Error);
    }
  });
}

function loginFailure(
  title: string,
  user: string,
  setting: string,
  { level, message }: Error & { level?: string },
): KumaError {
  if (level === "client-authentication") {
    return new KumaError(
      "unauthenticated",
      `${capital(title)} does not let user ${user} in with the key that was given. Nothing was changed. ` +
        `Check ${setting}.user, ${setting}.privateKey, and the file authorized_keys of that user on the host.`,
    );
  }
  if (/parse privateKey|passphrase|Encrypted/i.test(message)) {
    return new KumaError(
      "invalid",
      `The setting ${setting}.privateKey for ${title} is no private key, or its passphrase is missing or wrong. Nothing was changed.`,
    );
  }
  if (level === "handshake" || /no matching/i.test(message)) {
    return new KumaError(
      "invalid",
      `${capital(title)} and this program have no way of speaking in common (${message}). Nothing was changed. ` +
        `Where the setting ${setting}.hostKey is a key of a kind that the host does not have, take one that it has.`,
    );
  }
  return noAnswer(title, message);
}

export function noAnswer(title: string, reason: string): KumaError {
  return new KumaError(
    "unreachable",
    `${capital(title)} cannot be reached over SSH: ${reason.replace(/[.\s]+$/, "")}. Nothing was changed there by this step. ` +
      `Check that it runs, its address and port, and the network between, and run it again.`,
  );
}

function inWords({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its name is not known";
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return "there is no route to it";
  return message;
}

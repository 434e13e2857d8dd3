import { spawn } from "node:child_process";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import type { SshAccess } from "../../../platforms/universal/hosts/sshAccess";
import { later, tempDir } from "../cleanUp";
import { freePorts } from "../ports";
import { until } from "../until";

const SSHD = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].find((file) => fs.existsSync(file));

/** Why there is no SSH server for tests; undefined where there is one. */
export function whyNoSshd(): string | undefined {
  if (SSHD === undefined) return "there is no sshd on this machine";
  return process.platform === "linux" ? undefined : "the commands that are run are those of Linux";
}

export interface SshServer {
  access: SshAccess;
  /** A key that the server does not know. */
  strangersKey: string;
  /** Line of another public key. */
  otherHostKey: string;
  /** Cuts all connections; new ones are accepted. */
  cut(): void;
}

/** A real sshd on loopback, for this user and a key made for the test. Stopped with the test. */
export async function sshServer(settings: readonly string[] = []): Promise<SshServer> {
  const directory = tempDir();
  const key = (name: string) => {
    const file = path.join(directory, name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file]);
    return { file, private: fs.readFileSync(file, "utf8"), public: fs.readFileSync(`${file}.pub`, "utf8") };
  };
  const [host, user, stranger] = ["host", "user", "stranger"].map(key);
  const [port, front] = await freePorts(2);
  const authorized = path.join(directory, "authorized_keys");
  fs.writeFileSync(authorized, user.public, { mode: 0o600 });
  // where a server that changes users wants a directory of its own
  if (process.getuid?.() === 0) fs.mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const config = path.join(directory, "sshd_config");
  const lines = [
    ...[
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${host.file}`,
      `AuthorizedKeysFile ${authorized}`,
    ],
    ...["StrictModes no", "PidFile none", "UsePAM no", "PasswordAuthentication no", "PermitRootLogin yes"],
    ...settings,
  ];
  fs.writeFileSync(config, lines.join("\n"));
  const server = spawn(SSHD as string, ["-D", "-e", "-f", config], { stdio: "ignore" });
  later(() => void server.kill());
  const proxy = await forwarding(front, port);
  await until("sshd to listen", () => listens(port));
  return {
    access: {
      ...{ host: "127.0.0.1", port: front, user: os.userInfo().username },
      ...{ privateKey: user.private, hostKey: host.public },
    },
    strangersKey: stranger.private,
    otherHostKey: stranger.public,
    cut: proxy.cut,
  };
}

async function forwarding(front: number, port: number): Promise<{ cut(): void }> {
  const sockets = new Set<net.Socket>();
  const proxy = net.createServer((socket) => {
    const onward = net.connect(port, "127.0.0.1");
    for (const each of [socket, onward]) {
      sockets.add(each);
      each.on("error", () => {});
      each.on("close", () => sockets.delete(each));
    }
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => proxy.listen(front, "127.0.0.1", resolve));
  const cut = () => sockets.forEach((socket) => socket.destroy());
  later(() => {
    cut();
    proxy.close();
  });
  return { cut };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true))).once("error", () => resolve(false));
  });
}

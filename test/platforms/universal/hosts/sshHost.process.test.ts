import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ControlPlane } from "../../../../kuma";
import { HostAgent } from "../../../../platforms/universal/hosts/agent";
import { readFiles, remove, writeFile } from "../../../../platforms/universal/hosts/files";
import { fingerprintOf } from "../../../../platforms/universal/hosts/hostKey";
import { SshAccess } from "../../../../platforms/universal/hosts/sshAccess";
import { SshHost } from "../../../../platforms/universal/hosts/sshHost";
import { cleanUp, later, setEnvironment, tempDir } from "../../../support/cleanUp";
import { kumaErrorOf } from "../../../support/errors";
import { SshServer, sshServer, whyNoSshd } from "../../../support/hosts/sshServer";

const why = whyNoSshd();
/** Who is no root runs what is for root by sudo, which a machine may not have. */
const isRoot = process.getuid?.() === 0;

describe(`platforms/universal/hosts: a host over SSH${why ? ` (skipped: ${why})` : ""}`, () => {
  let server: SshServer;

  before(function () {
    if (why) this.skip();
  });
  beforeEach(async () => {
    setEnvironment("SSH_AUTH_SOCK", undefined);
    server = await sshServer();
  });
  afterEach(cleanUp);

  const host = (more: Partial<SshAccess> = {}): SshHost => {
    const each = new SshHost({ ...server.access, ...more });
    later(() => each.close());
    return each;
  };

  it("runs a program with arguments that no shell reads, and gives its status", async () => {
    const words = ["a b", "c'd", '"', "$HOME", "`id`", "\\", "*", "", "é\n;", "-n"];
    const { stdout, status } = await host().run(["printf", "<%s>", ...words]);
    assert.equal(stdout, words.map((word) => `<${word}>`).join(""));
    assert.equal(status, 0);
    assert.deepEqual(await host().run(["sh", "-c", "echo no >&2; exit 7"]), {
      status: 7,
      stdout: "",
      stderr: "no\n",
    });
  });

  it("leaves out what the files of the login shell print", async () => {
    server = await sshServer([
      `ForceCommand echo Welcome; printf %s no-end; echo; eval "$SSH_ORIGINAL_COMMAND"`,
    ]);
    assert.equal((await host().run(["printf", "%s", "kuma"])).stdout, "kuma");
    const files = [tempFile("a\n"), "/no/such/file", tempFile("b")];
    assert.deepEqual(await readFiles(host(), files), ["a\n", undefined, "b"]);
  });

  for (const shell of ["sh", "bash", "zsh", "tcsh", "fish"]) {
    const program = ["/bin", "/usr/bin"].map((at) => `${at}/${shell}`).find((file) => fs.existsSync(file));
    it(`says the same to who logs in with ${shell}${program ? "" : " (skipped: it is not there)"}`, async function () {
      if (program === undefined) this.skip();
      server = await sshServer([`ForceCommand exec ${program} -c "$SSH_ORIGINAL_COMMAND"`]);
      const script = `printf '%s|' "$@"\necho "\\\\ $#"\n`;
      const words = ["a'b\nc", "x\\\\y!z$HOME", "`id`", "", "*", "~", "ä", "l".repeat(20_000)];
      const { stdout } = await host().run(["sh", "-c", script, "sh", ...words]);
      assert.equal(stdout, `${words.join("|")}|\\ ${words.length}\n`);
    });
  }

  for (const most of [1, 3, 10])
    it(`does not run more at a time than a server takes (MaxSessions ${most})`, async () => {
      server = await sshServer([`MaxSessions ${most}`]);
      const one = host();
      const numbers = Array.from({ length: 24 }, (_, index) => String(index));
      const ran = await Promise.all(numbers.map((each) => one.run(["sh", "-c", "sleep 0.1; echo $0", each])));
      assert.deepEqual(
        ran.map(({ stdout }) => stdout.trim()),
        numbers,
      );
    });

  it("gives a program its input, whole, over one connection for many", async () => {
    const one = host();
    const text = "x".repeat(3_000_000);
    const counts = await Promise.all(
      [1, 2, 3].map(async () => (await one.run(["wc", "-c"], { stdin: text })).stdout.trim()),
    );
    assert.deepEqual(counts, ["3000000", "3000000", "3000000"]);
    assert.deepEqual(one.ran, { looks: 3, changes: 0 });
  });

  it("refuses a host whose key is not set, and says which one it shows", async () => {
    const { code, message } = await kumaErrorOf(host({ hostKey: undefined }).run(["true"]));
    const [, key] = (server.access.hostKey ?? "").split(" ");
    assert.equal(code, "invalid");
    assert.ok(message.includes(fingerprintOf(Buffer.from(key, "base64"))), message);
    assert.ok(message.includes(`"ssh-ed25519 ${key}"`), message);
    assert.match(message, /ssh\.hostKey/);
  });

  it("takes a fingerprint, or a line of known_hosts, for the key", async () => {
    const [kind, key] = (server.access.hostKey ?? "").split(" ");
    for (const hostKey of [fingerprintOf(Buffer.from(key, "base64")), `# mine\n[127.0.0.1]:2 ${kind} ${key}`])
      assert.equal((await host({ hostKey }).run(["true"])).status, 0);
  });

  it("refuses a host with another key than the one that is set, and sends it nothing", async () => {
    const { code, message } = await kumaErrorOf(host({ hostKey: server.otherHostKey }).run(["true"]));
    assert.equal(code, "invalid");
    assert.match(message, /not the one in the setting ssh\.hostKey/);
  });

  it("says when the user, or the key, is not let in, or is none", async () => {
    const refused = await kumaErrorOf(host({ privateKey: server.strangersKey }).run(["true"]));
    assert.equal(refused.code, "unauthenticated");
    assert.match(refused.message, /authorized_keys/);
    const broken = await kumaErrorOf(host({ privateKey: "no key" }).run(["true"]));
    assert.match(broken.message, /is no private key, or its passphrase/);
    const none = await kumaErrorOf(host({ privateKey: undefined }).run(["true"]));
    assert.match(none.message, /nothing to log in/);
  });

  it("says when nobody answers", async () => {
    const { code, message } = await kumaErrorOf(host({ port: 1 }).run(["true"]));
    assert.equal(code, "unreachable");
    assert.match(message, /connection refused/);
  });

  it("goes through a bastion, whose key is looked at as well", async () => {
    const { access } = server;
    assert.equal((await host({ bastion: access }).run(["echo", "there"])).stdout, "there\n");
    const bastion = { ...access, hostKey: server.otherHostKey };
    assert.match((await kumaErrorOf(host({ bastion }).run(["true"]))).message, /ssh\.bastion\.hostKey/);
  });

  it("tells when a connection breaks, and makes a new one for what comes next", async () => {
    const one = host();
    const running = one.run(["sleep", "60"]);
    await one.run(["true"]);
    server.cut();
    assert.match((await kumaErrorOf(running)).message, /the connection broke/);
    assert.equal((await one.run(["echo", "again"])).stdout, "again\n");
  });

  it("gives up what does not end in time", async () => {
    const one = host();
    const { message } = await kumaErrorOf(one.run(["sleep", "60"], { timeoutMs: 300 }));
    assert.match(message, /sleep did not end within/);
    assert.equal((await one.run(["echo", "again"])).stdout, "again\n");
  });

  describe("reaches what listens on its loopback", () => {
    const api = async () => {
      const listening = http.createServer((request, response) => {
        response.end(JSON.stringify({ product: "Kuma", version: "2.14.3", host: request.headers.host }));
      });
      await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
      later(() => void listening.close());
      return (listening.address() as net.AddressInfo).port;
    };
    const client = (one: SshHost, port: number) => {
      const agent = new HostAgent(one, { address: "127.0.0.1", port });
      const options = { agent, attempts: 2, requestTimeoutMs: 5_000 };
      const each = new ControlPlane({ title: "the zone", url: `http://127.0.0.1:${port}`, ...options });
      later(() => each.close());
      return each;
    };

    it("without a port on this machine", async () => {
      const port = await api();
      const zone = client(host(), port);
      const [info] = await Promise.all([zone.info(), zone.info(), zone.info()]);
      assert.equal(info.version, "2.14.3");
    });

    it("also after the connection broke", async () => {
      const zone = client(host(), await api());
      await zone.info();
      server.cut();
      assert.equal((await zone.info()).version, "2.14.3");
    });

    it("and says when nothing listens there, or the server forwards nothing", async () => {
      const closed = await kumaErrorOf(client(host(), 1).info());
      assert.match(closed.message, /127\.0\.0\.1:1 does not answer to host/);
      server = await sshServer(["AllowTcpForwarding no"]);
      assert.match((await kumaErrorOf(client(host(), await api()).info())).message, /AllowTcpForwarding/);
    });
  });

  it("goes on where another machine that is dialled from there is silent", async function () {
    const [address] = Object.values(os.networkInterfaces())
      .flatMap((each) => each ?? [])
      .flatMap(({ internal, family, address: at }) => (internal || family !== "IPv4" ? [] : [at]));
    if (address === undefined) this.skip();
    this.timeout(60_000);
    const port = await silent(address);
    const one = host();
    const running = one.run(["sh", "-c", "sleep 17; echo done"]);
    const { message } = await kumaErrorOf(one.connect(address, port));
    assert.match(message, /^host .* got no answer from .* within/);
    assert.equal((await running).stdout, "done\n");
  });

  describe("has files", () => {
    before(function () {
      if (!isRoot) this.skip();
    });
    let directory: string;
    beforeEach(() => (directory = tempDir()));
    const { username } = os.userInfo();

    it("written whole, for their owner only or as is said, and read", async () => {
      const file = path.join(directory, "a b", "it's");
      await writeFile(host(), file, "one\n", { owner: username });
      assert.equal(fs.statSync(file).mode & 0o777, 0o600);
      await writeFile(host(), file, "é\n", { owner: username, mode: 0o644 });
      assert.equal(fs.statSync(file).mode & 0o777, 0o644);
      assert.deepEqual(await readFiles(host(), [path.join(directory, "none"), file]), [undefined, "é\n"]);
      assert.deepEqual(fs.readdirSync(path.dirname(file)), ["it's"]);
    });

    it("that stay as they were when the connection breaks while one is written", async () => {
      const file = path.join(directory, "kept.json");
      const one = host();
      await writeFile(one, file, "before", { owner: username });
      const writing = kumaErrorOf(writeFile(one, file, "x".repeat(200_000_000), { owner: username }));
      const begun = () => fs.readdirSync(directory).some((name) => name.endsWith(".new"));
      while (!begun()) await new Promise((resolve) => setImmediate(resolve));
      server.cut();
      assert.match((await writing).message, /the connection broke/);
      assert.equal(await readFiles(one, [file]).then(([text]) => text), "before");
    });

    it("that are removed, with directories that are empty then", async () => {
      const file = path.join(directory, "made", "file");
      await writeFile(host(), file, "", { owner: username });
      const none = path.join(directory, "none");
      await remove(host(), [none], [none, path.dirname(file)]);
      assert.ok(fs.existsSync(file));
      await remove(host(), [file, none], [path.dirname(file)]);
      assert.deepEqual(fs.readdirSync(directory), []);
    });

    it("and says when there is no room for one", async function () {
      if (!fs.existsSync("/dev/full")) this.skip();
      const link = path.join(directory, "full.new");
      fs.symlinkSync("/dev/full", link);
      const { message } = await kumaErrorOf(
        writeFile(host(), path.join(directory, "full"), "text", { owner: username }),
      );
      assert.match(message, /its disk is full\. The file is as it was/);
    });
  });
});

function tempFile(text: string): string {
  const file = path.join(tempDir(), "file");
  fs.writeFileSync(file, text);
  return file;
}

/** A port that takes no more connections: its queue is full, and what comes then is dropped. */
async function silent(address: string): Promise<number> {
  const listen =
    "socket(S,2,1,6); bind(S,pack_sockaddr_in(0,inet_aton(shift))); listen(S,0); $|=1; print((unpack_sockaddr_in(getsockname(S)))[0]); sleep 600";
  const child = spawn("perl", ["-MSocket", "-e", listen, address], { stdio: ["ignore", "pipe", "ignore"] });
  later(() => void child.kill());
  const port = Number(await new Promise<Buffer>((resolve) => child.stdout.once("data", resolve)));
  for (;;) {
    const socket = net.connect(port, address);
    later(() => void socket.destroy());
    const isTaken = await Promise.race([
      new Promise<boolean>((resolve) => socket.once("connect", () => resolve(true))),
      pause(1_000).then(() => false),
    ]);
    if (!isTaken) return port;
  }
}

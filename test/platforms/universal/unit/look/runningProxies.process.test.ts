import * as assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { SshHost } from "../../../../../platforms/universal/hosts/sshHost";
import { runningProxies } from "../../../../../platforms/universal/unit/look/runningProxies";
import { cleanUp, later, setEnvironment, tempDir } from "../../../../support/cleanUp";
import { sshServer, whyNoSshd } from "../../../../support/hosts/sshServer";
import { newKey, tokenOf } from "../../../../support/userTokens";

const why = whyNoSshd();
/** Who is no root runs what is for root by sudo, which a machine may not have. */
const isRoot = process.getuid?.() === 0;

/** The names of processes count, not what they do. */
describe(`platforms/universal/unit: proxies that run on a host${why ? ` (skipped: ${why})` : ""}`, () => {
  before(function () {
    if (why || !isRoot) this.skip();
  });
  afterEach(cleanUp);

  const program = (directory: string): string => {
    const file = path.join(directory, "kuma-dp");
    fs.copyFileSync(fs.realpathSync("/bin/bash"), file);
    fs.chmodSync(file, 0o755);
    return file;
  };
  const run = (file: string, args: string[], variables: object, cwd: string): ChildProcess => {
    const script = ["--norc", "-c", "read -r line", "run", ...args];
    const child = spawn(file, script, { cwd, env: { ...variables }, stdio: ["pipe", "ignore", "ignore"] });
    later(() => void child.kill("SIGKILL"));
    return child;
  };

  it("are found with the token that each reads, and with the file that it really lies in", async () => {
    setEnvironment("SSH_AUTH_SOCK", undefined);
    const { access } = await sshServer();
    const host = new SshHost(access);
    later(() => host.close());
    const directory = fs.realpathSync(tempDir());
    const key = newKey();
    const token = (name: string) => tokenOf(key, "1", { Mesh: "default", Name: name });
    const at = (name: string) => path.join(directory, name);
    fs.writeFileSync(at("one token"), token("one"), { mode: 0o640 });
    fs.writeFileSync(at("two"), token("two"), { mode: 0o600 });
    fs.symlinkSync("two", at("link"));
    const file = program(directory);
    const flag = run(
      file,
      ["--dataplane-token-file", at("one token"), "--name=n1"],
      { KUMA_DATAPLANE_NAME: "v" },
      "/",
    );
    const variables = { KUMA_DATAPLANE_RUNTIME_TOKEN_PATH: "link", KUMA_DATAPLANE_NAME: "n2" };
    const relative = run(file, ["--proxy-type=egress"], variables, directory);
    const inline = run(file, [`--dataplane-token=${token("three")}`], {}, "/");
    const none = run(file, ["--dataplane-token-file=/nonexistent"], {}, "/");
    const pids = [flag, relative, inline, none].map(({ pid }) => pid);
    assert.ok(pids.every(Boolean));

    // others may run on this machine
    const found = (await runningProxies(host)).map(({ host: _, token: seen, unit, ...rest }) => ({
      ...JSON.parse(JSON.stringify(rest)),
      says: seen?.name,
    }));
    const owner = `${access.user}:${access.user}`;
    const wanted = [
      { name: "n1", file: { path: at("one token"), mode: 0o640, owner }, says: "one" },
      { name: "n2", kind: "egress", file: { path: at("two"), mode: 0o600, owner }, says: "two" },
      { says: "three" },
      { says: undefined },
    ];
    for (const one of wanted)
      assert.ok(
        found.some((each) => isEqual(each, one)),
        JSON.stringify([one, found]),
      );
  });
});

function isEqual(one: unknown, other: unknown): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { cleanUp, later, tempDir } from "../support/cleanUp";
import { until } from "../support/until";

const SCRIPT = path.resolve(__dirname, "../../scripts/ownNetwork.js");
const NETWORK = "readlink /proc/self/ns/net";

describe("scripts/ownNetwork.js", () => {
  let state: string;
  before(function () {
    if (spawnSync("unshare", ["-U", "-r", "-n", "ip", "link", "set", "lo", "up"]).status === 0) return;
    console.log("      skipped: this system gives a user no network of their own");
    this.skip();
  });
  beforeEach(() => (state = tempDir()));
  afterEach(cleanUp);

  const environment = () => ({ ...process.env, KUMA_FEDERATION_STATE: state });
  const run = (...command: string[]) => {
    const options = { env: environment(), encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...command], options);
    return { status, stdout: stdout.trim(), stderr: stderr.trim() };
  };
  const own = fs.readlinkSync("/proc/self/ns/net");
  const record = (pid: number) => fs.writeFileSync(path.join(state, "pid"), `${pid} 12345`);

  it("runs a command where there is nothing but loopback, which serves, and gives its status", () => {
    const { stdout, stderr } = run("sh", "-c", `${NETWORK}; ip -o addr | cut -d' ' -f2 | sort -u`);
    const [network, ...interfaces] = stdout.split("\n");
    assert.match(network, /^net:/, stderr);
    assert.notEqual(network, own);
    assert.deepEqual(interfaces, ["lo"]);
    assert.equal(run("sh", "-c", "exit 7").status, 7);
    const listens =
      "const s = require('net').createServer().listen(5681, '127.0.0.1', () => " +
      "require('net').connect(5681, '127.0.0.1', () => { console.log('reached'); process.exit(0); }))";
    assert.equal(run(process.execPath, "-e", listens).stdout, "reached");
  });

  it("joins the network of a control plane that was started so, as long as that runs", async () => {
    const child = spawn(process.execPath, [SCRIPT, "sh", "-c", "echo $$; exec sleep 1000"], {
      env: environment(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    const pid = Number(await until("the process", () => output.trim()));
    later(() => void child.kill("SIGKILL"));
    record(pid);
    const network = fs.readlinkSync(`/proc/${pid}/ns/net`);
    assert.equal(run("sh", "-c", NETWORK).stdout, network);
    process.kill(pid, "SIGKILL");
    await until("its end", () => !fs.existsSync(`/proc/${pid}`));
    // another one, which may have the number of that
    const next = run("sh", "-c", NETWORK);
    assert.equal(next.status, 0, next.stderr);
    assert.notEqual(next.stdout, own);
  });

  it("starts nothing beside control planes in the network of the whole machine", () => {
    record(process.pid);
    const { status, stderr, stdout } = run("sh", "-c", NETWORK);
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^Control planes of .* run already, in the network of the whole machine\. Nothing/);
  });

  it("says how it is used", () => {
    assert.deepEqual(run(), {
      status: 2,
      stdout: "",
      stderr: "Usage: node scripts/ownNetwork.js <command> [arguments]",
    });
    assert.match(run("/does/not/exist").stderr, /not/);
  });
});

import assert from "node:assert/strict";
import { ChildProcess, spawn, spawnSync } from "node:child_process";
import type { StatusReport } from "../../../cli/status/report";
import { isAlive } from "../../../toolchain/process/processId";
import { needsEngine } from "../../support/pulumi/engine";
import { until } from "../../support/until";
import { ROOT, Run, Sandbox, oneZone } from "../support";

/** Ids of processes that a sandbox's engine runs as, or that guard it. */
function engines(sandbox: Sandbox): number[] {
  const { stdout } = spawnSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" });
  const lines = stdout.split("\n").filter((line) => /\bpulumi['"]? (up|destroy) /.test(line));
  return lines
    .map((line) => Number.parseInt(line, 10))
    .filter((pid) => environmentOf(pid).includes(sandbox.state) && isAlive(pid));
}

function environmentOf(pid: number): string {
  return spawnSync("cat", [`/proc/${pid}/environ`], { encoding: "utf8" }).stdout;
}

describe("a command that is told to end", function () {
  needsEngine();
  let sandbox: Sandbox;
  before(async () => {
    sandbox = new Sandbox();
    sandbox.writeStack("test", (await oneZone()).config);
  });
  after(() => sandbox?.remove());

  /** Starts a command, and waits until it has printed something. */
  const at = async (sign: RegExp, command: string) => {
    const { child, done } = sandbox.start(command, "--stack", "test");
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (text: Buffer) => (output += text.toString()));
    await until(`${sign} of ${command}`, () => sign.test(output) || child.exitCode !== null);
    assert.match(output, sign);
    return { child, done, read: () => output };
  };
  const group = (child: ChildProcess, signal: NodeJS.Signals) => process.kill(-(child.pid as number), signal);
  const noEngineIsLeft = () => until("the end of the engine", () => engines(sandbox).length === 0);
  const told = ({ output }: Run) => output.trimEnd().split("\n").at(-1) ?? "";
  const begins = /^ {2}created {2}global-kds/m;
  const switching = /these will differ once it has joined/;

  it("has written nothing before the engine begins, and says so", async () => {
    const { child, done } = await at(/Zone zone-1 is started for this command alone/, "preview");
    child.kill("SIGTERM");
    const run = await done;
    assert.equal(run.status, 143, run.output);
    assert.equal(
      told(run).replace(/^error: /, ""),
      "Told to end (SIGTERM): Nothing was changed. Next: npm run preview -- --stack test looks again.",
    );
    await noEngineIsLeft();
  });

  it("ends the engine in good order, once, when the signal comes to the whole group", async () => {
    const { child, done } = await at(begins, "up");
    group(child, "SIGTERM");
    const run = await done;
    assert.equal(run.status, 143, run.output);
    assert.match(
      run.output,
      /^Told to end \(SIGTERM\): the engine ends what it is at and begins nothing more/m,
    );
    assert.match(
      told(run),
      /^error: Told to end \(SIGTERM\): \d resources of the stack are done; no zone was touched\. Nothing is lost\. Next: npm run up -- --stack test goes on where this one ended, npm run destroy -- --stack test takes it back\.$/,
    );
    await noEngineIsLeft();
  });

  it("lets a switch come to its end, and the next commands know of it", async () => {
    const { child, done } = await at(switching, "up");
    child.kill("SIGHUP");
    const run = await done;
    assert.equal(run.status, 129, run.output);
    assert.match(
      run.output,
      /^Note: the last run \(npm run up of .* UTC\) was interrupted; this run goes on/m,
    );
    // whichever of the two the engine was at
    const isSwitched = /; zone zone-1 is federated\. Nothing is lost\./.test(told(run));
    assert.match(
      told(run),
      /The terminal was closed \(SIGHUP\): .*; (zone zone-1 is federated|what zone zone-1 holds is on the global, and the zone runs alone as before)\. /,
    );
    await noEngineIsLeft();
    const { stdout } = await sandbox.run("status", "--stack", "test", "--output", "json");
    const { ok, warnings } = JSON.parse(stdout) as StatusReport;
    assert.equal(ok, isSwitched, stdout);
    assert.match(
      warnings[0],
      /^The last run \(npm run up of .* UTC\) was interrupted\. What is told here is how it is now\.$/,
    );
    const up = await sandbox.run("up", "--stack", "test");
    assert.equal(up.status, 0, up.output);
    assert.match(up.output, /^Note: the last run \(npm run up of .*\) was interrupted/m);
    assert.doesNotMatch((await sandbox.run("up", "--stack", "test")).output, /^Note: /m);
  });

  it("ends at once when it is told twice, says what is cut short, and the next run mends it", async () => {
    const { child, done, read } = await at(/^Taking down stack test:\n( .*\n)* {2}deleted /m, "destroy");
    child.kill("SIGINT");
    await until("the word of the first signal", () => read().includes("A second signal ends it at once"));
    const second = setInterval(() => child.kill("SIGINT"), 700);
    const run = await done;
    clearInterval(second);
    assert.equal(run.status, 130, run.output);
    assert.match(
      told(run),
      /Interrupted \(Ctrl-C, SIGINT\): \d+ resources? of the stack (is|are) done; .*(no zone was touched|zone zone-1 (is on its way back|runs alone again))/,
    );
    await noEngineIsLeft();
    const again = await sandbox.run("destroy", "--stack", "test");
    assert.equal(again.status, 0, again.output);
    assert.deepEqual(sandbox.processes(), []);
  });
});

describe("on a terminal", function () {
  needsEngine();
  let sandbox: Sandbox;
  before(async function () {
    // util-linux's gives a program a terminal; others take other options
    if (!/util-linux/.test(spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? ""))
      return this.skip();
    sandbox = new Sandbox();
    sandbox.writeStack("test", (await oneZone()).config);
  });
  after(() => sandbox?.remove());

  /** Runs a command as `npm run` does, and types once something is shown. */
  async function typed(command: string, sign: RegExp, keys: string): Promise<Run> {
    const environment = {
      ...process.env,
      ...{ KUMA_CP: "", KUMA_CHECKSUMS_URL: "http://127.0.0.1:1" },
      ...{ KUMA_FEDERATION_STATE: sandbox.state, KUMA_FEDERATION_STACKS: sandbox.directory },
    };
    const line = `'${process.execPath}' scripts/run.js ${command} --stack test`;
    const child = spawn("script", ["-qec", line, "/dev/null"], { cwd: ROOT, env: environment });
    let output = "";
    child.stdout.on("data", (text: Buffer) => (output += text.toString()));
    const done = new Promise<number | null>((resolve) => child.on("close", resolve));
    await until(`${sign} of ${command}`, () => sign.test(output) || child.exitCode !== null);
    child.stdin.write(keys);
    const status = await done;
    return { status, output: output.replaceAll("\r", ""), stdout: "" };
  }

  it("says on Ctrl-C what was written, and lets the engine end in good order", async () => {
    const run = await typed("up", /created {2}global-kds/, "\x03");
    assert.equal(run.status, 130, run.output);
    assert.match(
      run.output,
      /Interrupted \(Ctrl-C, SIGINT\): \d resources of the stack are done; .* goes on where this one ended/,
    );
    await until("the end of the engine", () => engines(sandbox).length === 0);
  });

  it("asks before it takes a stack down, and does nothing without a yes", async () => {
    const up = await sandbox.run("up", "--stack", "test");
    assert.equal(up.status, 0, up.output);
    const refused = await typed("destroy", /Type yes: /, "no\n");
    assert.equal(refused.status, 2, refused.output);
    assert.match(
      refused.output,
      /the control plane of zone zone-1\n.*Take it down\? Type yes: .*no\nNothing was changed\.\n/s,
    );
    assert.equal((await sandbox.run("status", "--stack", "test")).status, 0);
    const agreed = await typed("destroy", /Type yes: /, "yes\n");
    assert.equal(agreed.status, 0, agreed.output);
    assert.deepEqual(sandbox.processes(), []);
  });
});

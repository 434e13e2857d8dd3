import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ensurePulumiEngine } from "../../../toolchain/pulumi/pulumiEngine";
import { DirectoryWatch } from "../../support/directoryWatch";
import { secretOf } from "../../support/secretSearch";
import { Run, Sandbox, filesBelow, killTree, oneZone, requestsOf, setFaults, startGlobal } from "../support";
import { until } from "../../support/until";

/** Others use the system's temporary directory at the same time, perhaps for another run of this test. */
const canary = (what: string) => `canary-${what}-${randomBytes(12).toString("hex")}`;
const GIVEN = { inZone: canary("in-zone"), token: canary("token") };
const COMMANDS = ["preview", "preflight", "up", "refresh", "status", "destroy"] as const;

describe("temporary files", function () {
  let sandbox: Sandbox;
  let tmp: string;
  let watch: DirectoryWatch;
  let globalUrl: string;

  beforeEach(async () => {
    sandbox = new Sandbox({ KUMA_GLOBAL_TOKEN: GIVEN.token });
    tmp = path.join(sandbox.directory, "tmp");
    sandbox.environment.TMPDIR = tmp;
    fs.mkdirSync(tmp, { mode: 0o700 });
    const secrets = Object.entries(GIVEN).map(([what, text]) => secretOf(what, text));
    watch = new DirectoryWatch([tmp, os.tmpdir()], secrets);

    const global = await startGlobal(sandbox.directory);
    globalUrl = global.url;
    const data = Buffer.from(GIVEN.inZone).toString("base64");
    const content = sandbox.writeContent("content", [
      { type: "Mesh", name: "default" },
      { type: "Secret", mesh: "default", name: "canary", data },
      ...Array.from({ length: 30 }, (_, i) => ({
        type: "Timeout",
        mesh: "default",
        name: `timeout-${i}`,
        sources: [{ match: { "kuma.io/service": "*" } }],
        destinations: [{ match: { "kuma.io/service": "*" } }],
        conf: { connectTimeout: "5s" },
      })),
    ]);
    const { config } = await oneZone({ content });
    // a destroy that gets to its end leaves nothing there that a zone of the next run would be in conflict with
    sandbox.writeStack("test", { ...config, global: global.config, onUndo: "removeFromGlobal" });
  });
  afterEach(async () => {
    watch.stop();
    await sandbox.remove();
  });

  const run = (command: string): Promise<Run> => sandbox.run(command, "--stack", "test");

  /** Neither what is there nor what was there for a moment. */
  function assertNoTrace(when: string): void {
    assert.deepEqual([...watch.found], [], when);
    assert.deepEqual(fs.readdirSync(tmp), [], when);
    for (const directory of [sandbox.state, path.join(sandbox.state, "tmp")]) {
      if (fs.existsSync(directory))
        assert.equal(fs.statSync(directory).mode & 0o777, 0o700, `${directory} ${when}`);
    }
  }

  async function killedWhileItWrites(): Promise<void> {
    await setFaults(globalUrl, { latencyMs: 200, only: "^PUT " });
    const { child, done } = sandbox.start("up", "--stack", "test");
    await until("some writes", async () => (await requestsOf(globalUrl)).writes > 5);
    killTree(child, sandbox.processes());
    await done;
    await setFaults(globalUrl, {});
    const file = path.join(sandbox.state, "backend/.pulumi/stacks/kuma-federation/test.json");
    assert.match(fs.readFileSync(file, "utf8"), /"pending_operations"/);
  }

  it("hold no secret after a run that was killed, also where the engine then refuses its state", async () => {
    await killedWhileItWrites();
    assertNoTrace("after the kill");

    const { path: engine } = await ensurePulumiEngine({ env: process.env, log: () => {} });
    const refusing = path.join(sandbox.directory, "pulumi");
    const refusal = `case "$*" in *"stack import"*) echo "error: no import today" >&2; exit 1;; esac`;
    fs.writeFileSync(refusing, `#!/bin/sh\n${refusal}\nexec '${engine}' "$@"\n`, { mode: 0o755 });
    sandbox.environment.PULUMI = refusing;
    const refused = await run("up");
    assert.equal(refused.status, 2, refused.output);
    assert.match(
      refused.output,
      /"pulumi stack import" of stack test failed: no import today\. Nothing was changed\./,
    );
    assertNoTrace("after the refusal");

    delete sandbox.environment.PULUMI;
    const resumed = await run("up");
    assert.equal(resumed.status, 0, resumed.output);
    assert.doesNotMatch(resumed.output, /pending/);
    assertNoTrace("after the next run");
    for (const command of ["preview", "preflight", "refresh", "status", "destroy"]) {
      const { status, output } = await run(command);
      assert.equal(status, 0, output);
      assertNoTrace(`after ${command}`);
    }
  });

  it("hold no secret after any command that is killed at any moment, and go with the next one", async () => {
    for (const command of COMMANDS) {
      const { child, done } = sandbox.start(command, "--stack", "test");
      await new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 6_000));
      killTree(child, sandbox.processes());
      await done;
      assertNoTrace(`after ${command} was killed`);
    }
    // what was killed may have left the zone stopped
    const looked = await run("preview");
    assert.ok([0, 3].includes(looked.status ?? -1), looked.output);
    const own = path.join(sandbox.state, "tmp");
    fs.mkdirSync(path.join(own, "999999999-left"), { recursive: true });
    const { status, output } = await run("up");
    assert.equal(status, 0, output);
    assert.deepEqual(filesBelow(own), []);
    assert.deepEqual(fs.readdirSync(own), []);
    assertNoTrace("in the end");
  });

  it("would be seen by this watch, also in a new directory and for a moment only", async () => {
    const exported = JSON.stringify({ deployment: { resources: [{ outputs: { token: GIVEN.token } }] } });
    for (const name of ["automation-123456", "automation-logs-up-x/eventlog.txt"]) {
      const file = path.join(tmp, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, exported);
      await until(name, () => watch.found.has(`token in ${file}`));
      fs.rmSync(file);
    }
    assert.throws(() => assertNoTrace("now"));
  });
});

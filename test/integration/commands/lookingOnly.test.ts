import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { PreflightReport } from "../../../kuma";
import { needsEngine } from "../../support/pulumi/engine";
import { processesOf } from "../../support/run/sweeper";
import { until } from "../../support/until";
import { Sandbox, filesBelow, oneZone, realKumaCp } from "../support";

/** `preview` and `preflight` look. What runs is left as it is, and nothing comes or stays with them. */
for (const real of [false, true]) {
  describe(`preview and preflight, on ${real ? "a real kuma-cp" : "the stand-in"}`, function () {
    needsEngine();
    this.timeout(600_000);
    let sandbox: Sandbox;
    let config: Record<string, unknown>;

    before(async function () {
      const program = real ? await realKumaCp() : undefined;
      if (real && program === undefined) this.skip();
      sandbox = new Sandbox(program === undefined ? {} : { KUMA_CP: program });
      const kumaCp = real ? "path" : "embedded";
      ({ config } = await oneZone({ kumaCp }));
      config = { ...config, global: { ...(config.global as object), kumaCp } };
      sandbox.writeStack("test", config);
    });
    after(() => sandbox?.remove());

    const run = (command: string, ...args: string[]) => sandbox.run(command, "--stack", "test", ...args);
    const processes = () => sandbox.processes().sort((a, b) => a - b);
    /** By their environment, so that they are found also where their files are gone. */
    const nothingIsLeft = async () => {
      await until("the end of all processes", () => processesOf(sandbox.directory).length === 0);
      assert.ok(!fs.existsSync(stacks()), filesBelow(stacks()).join());
    };
    const stacks = () => path.join(sandbox.state, "stacks");
    /** Everything that lies there, with what each file holds; logs and stores of what runs go on by themselves. */
    const files = () =>
      filesBelow(stacks())
        .filter((file) => !/\.log$|\/work\//.test(file))
        .map((file) => `${file}\n${fs.readFileSync(file, "utf8")}`)
        .sort();
    const verdictsOf = (report: PreflightReport) =>
      Object.fromEntries(report.checks.map(({ code, verdict }) => [code, verdict]));

    for (const command of ["preview", "preflight"]) {
      it(`start a zone that is not there for ${command} alone, and leave nothing of it`, async () => {
        const { status, output } = await run(command);
        assert.equal(status, 0, output);
        assert.equal(
          output.match(/^Zone zone-1 is started for this command alone, and removed when it ends: /gm)
            ?.length,
          1,
          output,
        );
        if (command === "preview") assert.match(output, /create: HealthCheck default\/redis-health/);
        assert.doesNotMatch(output, /^Open ports/m);
        await nothingIsLeft();
      });
    }

    it("say in each row that something is pending, or what was found", async () => {
      const { stdout, output } = await run("preflight", "--output", "json");
      const { zones } = JSON.parse(stdout) as { zones: PreflightReport[] };
      const pending = zones[0].checks.filter(({ verdict }) => verdict === "pending");
      assert.ok(pending.length > 0, output);
      for (const { code, sentence } of pending)
        assert.match(sentence, /[Tt]he stack is still to make the global control plane\.$/, code);
      assert.equal(verdictsOf(zones[0]).conflicts, "ok");
    });

    it("leave nothing after Ctrl-C, nor after a fault", async () => {
      const { child, done } = sandbox.start("preview", "--stack", "test");
      let printed = "";
      child.stdout?.on("data", (text) => (printed += text));
      await until("the zone's start", () => /is started for this command alone/.test(printed));
      child.kill("SIGINT");
      const { status, output } = await done;
      assert.equal(status, 130, output);
      await nothingIsLeft();

      const [zone] = config.zones as object[];
      sandbox.writeStack("test", { ...config, zones: [{ ...zone, content: "/nowhere" }] });
      assert.equal((await run("preflight")).status, 2);
      sandbox.writeStack("test", config);
      await nothingIsLeft();
    });

    it("take down what one that was killed has left behind", async () => {
      const { child, done } = sandbox.start("preview", "--stack", "test");
      await until("the zone's start", () => processes().length > 0);
      process.kill(-(child.pid as number), "SIGKILL");
      await done;
      assert.equal(processes().length, 1);
      const { status, output } = await run("preview");
      assert.equal(status, 0, output);
      await nothingIsLeft();
    });

    it("touch nothing that runs", async () => {
      const up = await run("up");
      assert.equal(up.status, 0, up.output);
      const before = { processes: processes(), files: files() };
      assert.equal(before.processes.length, 2);
      for (const command of ["preview", "preflight"]) {
        const { status, output } = await run(command);
        assert.equal(status, 0, output);
        assert.deepEqual({ processes: processes(), files: files() }, before, command);
      }
    });

    it("do not start what has ended, and say what could not be looked at", async () => {
      const zones = path.join("state", "stacks", "test", "zones");
      const [zone] = sandbox.processes(zones);
      process.kill(zone, "SIGKILL");
      await until("its end", () => sandbox.processes(zones).length === 0);
      const before = { processes: processes(), files: files() };
      const preview = await run("preview");
      assert.equal(preview.status, 3, preview.output);
      assert.match(
        preview.output,
        /^Zone zone-1 is stopped and was not started, .* npm run up starts what is stopped, and checks both sides before/m,
      );
      assert.match(preview.output, /not everything could be read/);
      const { status, stdout, output } = await run("preflight", "--output", "json");
      assert.equal(status, 3, output);
      const { outcome, zones: reports } = JSON.parse(stdout) as { outcome: string; zones: PreflightReport[] };
      assert.equal(outcome, "inconclusive");
      assert.deepEqual(verdictsOf(reports[0]), { "zone-api": "inconclusive" });
      assert.match(reports[0].checks[0].remedy ?? "", /^npm run up starts what is stopped/);
      assert.deepEqual({ processes: processes(), files: files() }, before);
    });

    it("say of a global that has ended that it could not be looked at, and not that it is to be made", async () => {
      const up = await run("up");
      assert.equal(up.status, 0, up.output);
      const [global] = sandbox.processes("state/stacks/test/global");
      process.kill(global, "SIGKILL");
      await until("its end", () => sandbox.processes("state/stacks/test/global").length === 0);
      const preview = await run("preview");
      assert.equal(preview.status, 3, preview.output);
      assert.match(
        preview.output,
        /^The global control plane is stopped and was not started, so it cannot be read\./m,
      );
      const { status, output } = await run("preflight");
      assert.equal(status, 3, output);
      assert.doesNotMatch(output, /still to make the global/);
      assert.match(
        output,
        /global-api +inconclusive +It could not be checked\. The global control plane is stopped/,
      );
      assert.equal(processes().length, 1);
      // a zone leaves a global that answers
      assert.equal((await run("up")).status, 0);
      const destroyed = await run("destroy");
      assert.equal(destroyed.status, 0, destroyed.output);
    });
  });
}

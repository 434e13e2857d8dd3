import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../..");
const { argumentsFor } = require(path.join(ROOT, "toolchain/compiled.js")) as {
  argumentsFor: (program: string) => string[];
};
const MAIN = argumentsFor("cli/main");
const SOURCES = ["--require", "./toolchain/typescript.js"];
const temporary = () => fs.mkdtempSync(path.join(os.tmpdir(), "kuma-federation-test-"));

describe("cli/main", () => {
  const HEAVY = /node_modules\/(@pulumi|@kubernetes|@grpc|google-protobuf|typescript)\//;
  /** Runs a program of this repository; also gives which modules it had loaded at its end. */
  const run = (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const directory = temporary();
    const [loaded, preload] = [path.join(directory, "loaded"), path.join(directory, "preload.js")];
    fs.writeFileSync(
      preload,
      `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(loaded)}, Object.keys(require.cache).join("\\n")));`,
    );
    const done = spawnSync(process.execPath, ["--require", preload, ...args], {
      cwd: ROOT,
      encoding: "utf8",
      env: { ...process.env, npm_config_stack: "", ...env },
    });
    const modules = fs.readFileSync(loaded, "utf8").split("\n");
    fs.rmSync(directory, { recursive: true });
    return { ...done, modules };
  };

  it("answers --help on standard output with exit status 0, and loads nothing of the program", () => {
    for (const args of [["--help"], ["up", "--help"]]) {
      const { status, stdout, stderr, modules } = run([...MAIN, ...args]);
      assert.deepEqual([status, stderr], [0, ""]);
      assert.match(stdout, /^Usage: npm run /);
      const own = modules
        .map((file) =>
          path
            .relative(ROOT, file)
            .replace(/^dist\//, "")
            .replace(/\.[jt]s$/, ""),
        )
        .filter((file) => !/^(\.\.\/|node_modules\/)/.test(file) && file !== "toolchain/typescript");
      const light =
        /^cli\/(main|commandLine\/\w+|comment\/forge|terminal\/print)$|^kuma\/printable$|^toolchain\/packageRoot$/;
      assert.deepEqual(
        own.filter((file) => !light.test(file)),
        [],
      );
    }
  });

  for (const [what, args, env, message] of [
    ["a command line", ["up", "--force"], {}, /There is no option --force/],
    ["what npm took", ["destroy"], { npm_config_stack: "other" }, /npm run destroy -- --stack other/],
    ["a stack", ["up", "--stack", "nowhere"], {}, /There is no stack nowhere/],
    ["a setting", ["up", "--stack", "wrong"], {}, /onDrift/],
    [
      "a destroy that nobody can be asked about",
      ["destroy", "--stack", "right"],
      {},
      /npm run destroy -- --stack right --yes/,
    ],
  ] as const)
    it(`refuses ${what} with exit status 2, before an engine's or a cluster's modules are loaded`, () => {
      const stacks = temporary();
      const settings = (onDrift: string) =>
        `config: {"kuma-federation:onDrift": ${onDrift}, "kuma-federation:global": {platform: universal, portBase: 5600}, "kuma-federation:zones": [{name: z, platform: universal, portBase: 5700}]}`;
      fs.writeFileSync(path.join(stacks, "Pulumi.wrong.yaml"), settings("never"));
      fs.writeFileSync(path.join(stacks, "Pulumi.right.yaml"), settings("report"));
      const places = { KUMA_FEDERATION_STACKS: stacks, KUMA_FEDERATION_STATE: path.join(stacks, "state") };
      const { status, stdout, stderr, modules } = run([...MAIN, ...args], { ...places, ...env });
      const left = fs.existsSync(places.KUMA_FEDERATION_STATE);
      fs.rmSync(stacks, { recursive: true });
      assert.deepEqual([status, stdout, left], [2, "", false]);
      assert.match(stderr, message);
      assert.deepEqual(
        modules.filter((file) => HEAVY.test(file)),
        [],
      );
    });

  it("tells all that is wrong with a stack's file, before what talks to control planes is loaded", () => {
    const stacks = temporary();
    fs.writeFileSync(
      path.join(stacks, "Pulumi.wrong.yaml"),
      `config: {"kuma-federation:onDrift": never, "kuma-federation:global": {platform: universal, portBase: 80}}`,
    );
    const { status, stderr, modules } = run([...MAIN, "up", "--stack", "wrong"], {
      KUMA_FEDERATION_STACKS: stacks,
    });
    fs.rmSync(stacks, { recursive: true });
    assert.equal(status, 2);
    assert.deepEqual(stderr.trim().split("\n"), [
      "error: 3 things are wrong with the settings:",
      "- The setting global.portBase is 80; it must be a whole number from 1024 to 65400.",
      "- The setting zones is missing; it must be a list of at least one zone.",
      '- The setting onDrift is "never"; it must be one of repairMissing, repair, report.',
    ]);
    assert.deepEqual(
      modules.filter((file) => /node_modules\/undici\/|kuma\/api\/client\.[jt]s$/.test(file)),
      [],
    );
  });

  it("loads the library for proxies only where something is downloaded through one", () => {
    const { status, modules } = run([...SOURCES, "toolchain/download/httpGet.ts"], {
      HTTPS_PROXY: "http://127.0.0.1:1",
    });
    assert.equal(status, 0);
    assert.ok(modules.some((file) => file.endsWith("toolchain/download/httpGet.ts")));
    assert.ok(!modules.some((file) => file.includes("node_modules/undici/")));
  });

  it("has bench and e2e answer --help, and bench refuse what it does not know", () => {
    for (const file of ["bench/main.ts", "test/e2e/main.ts"]) {
      const { status, stdout } = run([...SOURCES, file, "--help"]);
      assert.equal(status, 0);
      assert.match(stdout, /^Usage: npm run (bench|e2e)/);
    }
    for (const args of [["federat"], ["federate", "many"], ["--rounds", "1"]]) {
      const { status, stderr } = run([...SOURCES, "bench/main.ts", ...args]);
      assert.deepEqual(
        [status, stderr.split(";")[0]],
        [2, `error: npm run bench does not take ${args.join(" ")}`],
      );
    }
  });
});

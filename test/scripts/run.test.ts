import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { cleanUp, tempDir, writeFile, writeProgram } from "../toolchain/support";

const REPOSITORY = path.resolve(__dirname, "../..");

const lockFile = (version: string) =>
  JSON.stringify({
    packages: {
      "": { name: "fixture" },
      "node_modules/a": { version, integrity: `sha512-${version}` },
      "node_modules/only-on-another-system": { version: "1.0.0", integrity: "sha512-x", optional: true },
    },
  });

describe("scripts/run.js", () => {
  let project: string;
  let npmCalls: string;
  let env: NodeJS.ProcessEnv;

  /** A project (its path has a space) with an npm of its own, which installs links to what compiles here. */
  beforeEach(() => {
    project = path.join(tempDir(), "my project");
    const bin = tempDir();
    npmCalls = path.join(bin, "npm-calls");
    env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    delete env.npm_execpath;
    fs.mkdirSync(path.join(project, "scripts"), { recursive: true });
    fs.mkdirSync(path.join(project, "toolchain"));
    for (const file of [
      "scripts/run.js",
      "scripts/build.js",
      "scripts/development.js",
      "toolchain/compiled.js",
      "toolchain/typescript.js",
    ])
      fs.copyFileSync(path.join(REPOSITORY, file), path.join(project, file));
    writeFile(path.join(project, "package.json"), "{}");
    writeFile(path.join(project, "package-lock.json"), lockFile("1.0.0"));
    writeFile(
      path.join(project, "cli/main.ts"),
      "const given: string[] = process.argv.slice(2); console.log(JSON.stringify(given));" +
        "process.exit(Number(process.env.EXIT_WITH ?? 0));",
    );
    writeProgram(
      path.join(bin, "npm"),
      `echo "$*" >> '${npmCalls}'`,
      "rm -rf node_modules; mkdir node_modules",
      `ln -s '${REPOSITORY}/node_modules/tsx' '${REPOSITORY}/node_modules/esbuild' node_modules`,
    );
  });
  afterEach(cleanUp);

  const run = (...args: string[]) =>
    spawnSync(process.execPath, [path.join(project, "scripts/run.js"), ...args], { env, encoding: "utf8" });

  const npmCallCount = () =>
    fs.existsSync(npmCalls) ? fs.readFileSync(npmCalls, "utf8").trim().split("\n").length : 0;

  it("installs the dependencies once, and again when the lock file changes", () => {
    const first = run("up", "--stack", "two words");
    assert.equal(first.status, 0, first.stderr);
    assert.equal(first.stdout, '["up","--stack","two words"]\n');
    assert.match(first.stderr, /^Installing the dependencies with npm .*\n$/);
    assert.equal(
      fs.readFileSync(npmCalls, "utf8"),
      "ci --ignore-scripts --include=dev --no-fund --no-audit\n",
    );

    const second = run("up");
    assert.deepEqual([second.stderr, npmCallCount()], ["", 1]);

    writeFile(path.join(project, "package-lock.json"), lockFile("1.0.1"));
    assert.equal(run("up").status, 0);
    assert.equal(npmCallCount(), 2);

    fs.rmSync(path.join(project, "node_modules"), { recursive: true });
    assert.equal(run("up").status, 0);
    assert.equal(npmCallCount(), 3);
  });

  it("leaves an installation that the user made as it is, while it agrees with the lock file", () => {
    fs.mkdirSync(path.join(project, "node_modules"));
    for (const name of ["tsx", "esbuild"])
      fs.symlinkSync(path.join(REPOSITORY, "node_modules", name), path.join(project, "node_modules", name));
    const npmsList = path.join(project, "node_modules/.package-lock.json");
    const packages = { "node_modules/a": { version: "1.0.0", integrity: "sha512-1.0.0" } };
    writeFile(npmsList, JSON.stringify({ packages }));
    assert.equal(run("status").status, 0);
    assert.equal(npmCallCount(), 0);

    writeFile(path.join(project, "package-lock.json"), lockFile("1.0.1"));
    assert.equal(run("status").status, 0);
    assert.equal(npmCallCount(), 1);
  });

  it("says why the dependencies cannot be installed, and tries again the next time", () => {
    writeProgram(path.join(path.dirname(npmCalls), "npm"), "echo 'npm error no network' >&2", "exit 1");
    for (let i = 0; i < 2; i++) {
      const result = run("up");
      assert.equal(result.status, 2);
      assert.match(
        result.stderr,
        /The dependencies cannot be installed: "npm ci .*" failed; .*\nnpm error no network\n$/,
      );
    }
  });

  it("refuses a Node that is too old with one sentence", () => {
    const asIf = (version: string) => {
      const preload = writeFile(
        path.join(project, "old.js"),
        `Object.defineProperty(process, "version", { value: "${version}" })`,
      );
      return spawnSync(process.execPath, ["-r", preload, path.join(project, "scripts/run.js"), "up"], {
        env,
        encoding: "utf8",
      });
    };
    for (const version of ["v18.20.4", "v20.18.1"]) {
      const result = asIf(version);
      assert.equal(result.status, 2);
      assert.equal(result.stderr, `Node 20.19 or newer is needed, and this is ${version}.\n`);
      assert.equal(npmCallCount(), 0);
    }
    assert.equal(asIf("v22.0.0").status, 0);
  });

  it("passes the exit status on", () => {
    env.EXIT_WITH = "3";
    assert.equal(run("status").status, 3);
  });

  /** Puts programs in the place of tools, which say what they are asked for. */
  const tools = (...files: string[]) => {
    assert.equal(run("up").status, 0);
    return files.map((file) => (status: number) => {
      const text = `console.log("${path.basename(file)}", process.argv.slice(2).join(" ")); process.exitCode = ${status};`;
      writeFile(path.join(project, "node_modules", file), text);
    });
  };

  it("runs all test files side by side, and what a user asks for in one process", () => {
    const [mocha] = tools("mocha/bin/mocha.js");
    mocha(4);
    fs.mkdirSync(path.join(project, "test", "kuma"), { recursive: true });
    const folders = "(ci|contract|docs|e2e|integration|kubernetes|lint|scripts|support|toolchain|traffic)";
    const waiting = `test/@${folders}/**/*.test.ts test/**/*.process.test.ts`;
    const unit = `test/!${folders}/**/!(*.process).test.ts`;
    for (const [command, asked] of [
      ["test", `--parallel --jobs 3 ${waiting} ${unit}`],
      ["test --grep x", `--grep x ${waiting} ${unit}`],
      ["test --bail test/a.test.ts", "--bail test/a.test.ts"],
      ["test test/kuma --bail", "test/kuma/**/*.test.ts --bail"],
      ["test:unit", `--parallel --jobs 4 ${unit}`],
      ["test:unit --grep x", `--grep x ${unit}`],
      ["test:integration", `--parallel --jobs 3 ${waiting}`],
    ]) {
      const { stdout, status } = run(...command.split(" "));
      assert.deepEqual([stdout, status], [`mocha.js ${asked}\n`, 4]);
    }
    assert.match(run("test:watch", "test/a.test.ts").stdout, /^mocha.js --watch .* test\/a.test.ts\n$/);
  });

  it("makes the three checks until one fails, and remembers for `check` what it has found", () => {
    const [prettier, eslint, tsc] = tools(
      "prettier/bin/prettier.cjs",
      "eslint/bin/eslint.js",
      "typescript/bin/tsc",
    );
    for (const tool of [prettier, eslint, tsc]) tool(0);
    const good = run("lint");
    assert.deepEqual(
      [good.stdout, good.status],
      ["prettier.cjs --check .\neslint.js .\ntsc --noEmit -p .\n", 0],
    );
    assert.match(
      run("check").stdout,
      /^prettier.cjs --check --cache .*\neslint.js --cache .*\ntsc --noEmit --incremental .*\n$/,
    );
    eslint(1);
    const bad = run("lint");
    assert.deepEqual([bad.stdout, bad.status], ["prettier.cjs --check .\neslint.js .\n", 1]);
    const refused = run("check", "x");
    assert.deepEqual(
      [refused.status, refused.stderr],
      [2, "npm run check takes no arguments, and was given x. Nothing was done.\n"],
    );
  });

  it("tells how the commands for development are used, before anything is installed", () => {
    for (const command of ["lint", "check", "generate", "test", "test:unit", "mutation"]) {
      const { status, stdout, stderr } = run(command, "--help");
      assert.deepEqual([status, stderr], [0, ""]);
      assert.ok(stdout.startsWith(`Usage: npm ${command === "test" ? "test" : `run ${command}`}`), stdout);
    }
    assert.equal(npmCallCount(), 0);
    const build = (...args: string[]) =>
      spawnSync(process.execPath, [path.join(project, "scripts/build.js"), ...args], { encoding: "utf8" });
    assert.equal(build("--help").status, 0);
    assert.match(build("--typos").stderr, /^npm run build does not take --typos. Nothing was done.\n/);
  });

  it("gives a package none of the commands for its own development", () => {
    fs.rmSync(path.join(project, "package-lock.json"));
    fs.rmSync(path.join(project, "cli/main.ts"));
    writeFile(path.join(project, "dist/cli/main.js"), "console.log(process.argv.slice(2).join())");
    for (const command of ["lint", "test", "bench"]) assert.equal(run(command, "x").stdout, `${command},x\n`);
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`outlives a child that tidies up after ${signal}`, async () => {
      writeFile(
        path.join(project, "cli/main.ts"),
        "const timer = setInterval(() => undefined, 1000);" +
          `process.on("${signal}", () => setTimeout(() => {` +
          '  console.log("tidied"); clearInterval(timer); process.exitCode = 7; }, 200));' +
          'console.log("ready");',
      );
      const script = path.join(project, "scripts/run.js");
      const child = spawn(process.execPath, [script, "up"], { env, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      child.stdout.on("data", (data: Buffer) => {
        output += data.toString();
        if (output === "ready\n") {
          child.kill(signal);
        }
      });
      const status = await new Promise((resolve) => child.on("close", resolve));
      assert.deepEqual([output, status], ["ready\ntidied\n", 7]);
    });
  }
});

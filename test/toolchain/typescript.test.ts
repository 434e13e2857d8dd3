import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { cleanUp, tempDir } from "./support";

const REPOSITORY = path.resolve(__dirname, "../..");

describe("toolchain: TypeScript", function () {
  afterEach(cleanUp);

  const run = (directory: string, args: string[]) => {
    const env: NodeJS.ProcessEnv = { ...process.env, TMPDIR: directory };
    delete env.TSX_DISABLE_CACHE;
    return spawnSync(process.execPath, args, { cwd: REPOSITORY, env, encoding: "utf8" });
  };

  it("runs nothing that another user has put into the temporary directory, and leaves nothing there", () => {
    const [planted, clean] = [tempDir(), tempDir()];
    // what tsx keeps there by itself, with another program in each file
    run(planted, ["--import", "tsx", "cli/main.ts", "status", "--stack", "nosuch"]);
    run(planted, ["--require", "tsx/cjs", "stand-in/main.ts", "version"]);
    const [cache] = fs.readdirSync(planted).map((name) => path.join(planted, name));
    const kept = fs.readdirSync(cache).filter((name) => fs.statSync(path.join(cache, name)).isFile());
    assert.ok(kept.length > 0, "tsx keeps compiled code");
    for (const name of kept) {
      const code = {
        code: `console.log("PLANTED"); process.exit(7);`,
        map: { mappings: "", names: [], sources: [] },
      };
      fs.writeFileSync(path.join(cache, name), JSON.stringify(code));
    }
    // of another user's, where this one may give files away
    if (process.getuid?.() === 0)
      for (const file of [cache, ...kept.map((name) => path.join(cache, name))])
        fs.chownSync(file, 65534, 65534);
    const attacked = run(planted, ["--import", "tsx", "cli/main.ts", "status", "--stack", "nosuch"]);
    assert.match(attacked.stdout, /PLANTED/, "the attack works on tsx itself");

    for (const directory of [planted, clean]) {
      const command = run(directory, ["scripts/run.js", "status", "--stack", "nosuch"]);
      assert.match(command.stderr, /There is no stack nosuch/);
      const standIn = run(directory, ["stand-in/kuma-cp.js", "version"]);
      assert.match(standIn.stdout, /^Kuma: /);
      assert.doesNotMatch(command.stdout + standIn.stdout, /PLANTED/);
    }
    assert.deepEqual(fs.readdirSync(clean), []);
  });

  it("is loaded in one way only", () => {
    const files = execFileSync("git", ["ls-files"], { cwd: REPOSITORY, encoding: "utf8" }).trim().split("\n");
    const sources = files.filter(
      (file) => /\.(js|ts|yaml|yml|json)$/.test(file) && fs.existsSync(path.join(REPOSITORY, file)),
    );
    const loads = /require\("tsx|from "tsx|--import[ ",]+tsx|require: tsx/;
    const loading = sources.filter((file) =>
      loads.test(fs.readFileSync(path.join(REPOSITORY, file), "utf8")),
    );
    assert.deepEqual(loading, ["test/toolchain/typescript.test.ts", "toolchain/typescript.js"]);
  });
});

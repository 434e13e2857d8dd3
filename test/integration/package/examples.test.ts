import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { transformSync } from "esbuild";
import { findOnPath } from "../../../toolchain/process/executables";
import { ensurePulumiEngine } from "../../../toolchain/pulumi/pulumiEngine";
import { needsEngine } from "../../support/pulumi/engine";
import { freePortBase } from "../../support/ports";
import { ROOT, filesBelow } from "../support";

const EXAMPLES = path.join(ROOT, "examples");
/** Milliseconds for what installs packages, and for what runs an engine. */
const DEADLINE = 600_000;

/** Runs an example's program as Pulumi does, without a language host: one operation, told as JSON. */
const RUNNER = `
const { LocalWorkspace, PulumiCommand } = require("@pulumi/pulumi/automation");
const [operation, settings] = process.argv.slice(2);
(async () => {
  const program = async () => ({ ...require("./index.js") });
  const project = { name: "mesh-of-a-platform-team", runtime: "nodejs" };
  const options = { workDir: __dirname, projectSettings: project, pulumiCommand: await PulumiCommand.get({ skipVersionCheck: true }) };
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "test", projectName: project.name, program },
    options,
  );
  for (const [name, value] of Object.entries(JSON.parse(settings))) await stack.setConfig(name, { value });
  const told = [];
  const pack = process.env.POLICY_PACK;
  const guardrails = pack && { policyPacks: [pack], policyPackConfigs: ["guardrails.json"] };
  const { summary, outputs } = await stack[operation]({ onOutput: (text) => told.push(text), ...guardrails });
  console.log(JSON.stringify({ changes: summary && summary.resourceChanges, outputs, text: told.join("") }));
})().catch((error) => { console.error(error.message); process.exitCode = 1; });
`;

interface Told {
  changes?: Record<string, number>;
  outputs?: Record<string, { value: unknown; secret: boolean }>;
  text: string;
}

/** Programs of others, which install the packed package. */
describe("the examples", function () {
  needsEngine();
  let directory: string;
  let archive: string;
  let environment: NodeJS.ProcessEnv;

  before(async function () {
    this.timeout(DEADLINE);
    directory = fs.mkdtempSync(path.join(fs.realpathSync("/tmp"), "kuma-federation-examples-"));
    const packed = succeed(run("npm", ["pack", "--silent", "--pack-destination", directory], ROOT));
    archive = path.join(directory, packed.stdout.trim().split("\n").at(-1) as string);
    const engine = await ensurePulumiEngine({ env: process.env, log: () => {} });
    const bin = path.join(directory, "bin");
    fs.mkdirSync(bin);
    // as the one beside an engine that Pulumi has published (sdk/nodejs/dist/pulumi-resource-pulumi-nodejs)
    const provider = `#!/bin/sh\nexec '${process.execPath}' -e 'require("@pulumi/pulumi/cmd/dynamic-provider")' x "$@"\n`;
    fs.writeFileSync(path.join(bin, "pulumi-resource-pulumi-nodejs"), provider, { mode: 0o755 });
    // likewise for a policy pack (sdk/nodejs/dist/pulumi-analyzer-policy)
    const analyzer = `#!/bin/sh\nexec '${process.execPath}' -e 'require("@pulumi/pulumi/cmd/run-policy-pack")' x "$@"\n`;
    fs.writeFileSync(path.join(bin, "pulumi-analyzer-policy-nodejs"), analyzer, { mode: 0o755 });
    for (const name of ["home", "backend"]) fs.mkdirSync(path.join(directory, name));
    environment = {
      ...process.env,
      PATH: [bin, path.dirname(engine.path), process.env.PATH].join(path.delimiter),
      PULUMI_HOME: path.join(directory, "home"),
      PULUMI_BACKEND_URL: pathToFileURL(path.join(directory, "backend")).href,
      PULUMI_CONFIG_PASSPHRASE: "of-this-test",
      PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      KUMA_CP: "",
      KUMA_CHECKSUMS_URL: "http://127.0.0.1:1",
    };
  });
  after(() => directory && fs.rmSync(directory, { recursive: true, force: true }));

  /** A copy of an example outside of this repository, with the packed package installed. */
  function install(example: string): string {
    const place = path.join(directory, example);
    fs.cpSync(path.join(EXAMPLES, example), place, { recursive: true });
    const file = path.join(place, "package.json");
    const manifest = JSON.parse(fs.readFileSync(file, "utf8")) as { dependencies: Record<string, string> };
    manifest.dependencies["kuma-federation"] = `file:${archive}`;
    fs.writeFileSync(file, JSON.stringify(manifest));
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--omit=dev"];
    succeed(run("npm", ["install", ...flags], place));
    return place;
  }

  const run = (command: string, args: string[], cwd: string, env = process.env) =>
    spawnSync(command, args, { cwd, env, encoding: "utf8", timeout: DEADLINE });
  const succeed = (result: SpawnSyncReturns<string>) => {
    assert.equal(result.status, 0, result.stdout + result.stderr);
    return result;
  };
  const holdsNoToken = () => {
    for (const file of filesBelow(path.join(directory, "backend"))) {
      // every token of Kuma's begins so
      assert.ok(!fs.readFileSync(file, "utf8").includes("eyJhbGciOi"), file);
    }
  };

  /** The example that is a program in TypeScript, and what its operations tell with some settings. */
  function library(settings: Record<string, string>) {
    const place = install("library");
    const source = fs.readFileSync(path.join(place, "index.ts"), "utf8");
    const { code } = transformSync(source, { loader: "ts", format: "cjs" });
    fs.writeFileSync(path.join(place, "index.js"), code);
    fs.writeFileSync(path.join(place, "runner.js"), RUNNER);
    const told = (operation: string, more: NodeJS.ProcessEnv = {}) => {
      const args = ["runner.js", operation, JSON.stringify(settings)];
      return JSON.parse(
        succeed(run(process.execPath, args, place, { ...environment, ...more })).stdout,
      ) as Told;
    };
    return { place, told };
  }

  it("library: makes a global and federates a zone, from its own directory", async function () {
    this.timeout(DEADLINE);
    const { place, told } = library({ portBase: String(await freePortBase()) });
    assert.match(told("preview").text, /kuma-federation:index:FederationBridge zone-1 create/);
    fs.writeFileSync(
      path.join(place, "guardrails.json"),
      JSON.stringify({ "store-kept": { stacks: ["test"] } }),
    );
    const { text } = told("preview", { POLICY_PACK: "node_modules/kuma-federation/policies/pack" });
    assert.match(text, /store-kept/);
    assert.match(text, /The control plane on this machine has no database\. .*#store-kept/);
    const { changes, outputs } = told("up");
    assert.deepEqual(changes, { create: 14 });
    assert.deepEqual(outputs?.online, { value: true, secret: false });
    assert.deepEqual(outputs?.carried.value, { GlobalSecret: 3, Mesh: 1, Secret: 3 });
    holdsNoToken();
    assert.deepEqual(told("up").changes, { same: 14 });
    assert.deepEqual(told("destroy").changes, { delete: 14 });
    assert.ok(fs.existsSync(path.join(place, "zone")), "what is the user's stays");
  });

  it("library: does the same on two clusters", function () {
    this.timeout(DEADLINE);
    const { GLOBAL_CONTEXT: globalContext, ZONE_CONTEXT: zoneContext } = process.env;
    const { ZONE_NAME: zoneName = "default", CHART: chart = "" } = process.env;
    if (!globalContext || !zoneContext) {
      console.error(
        "      skipped: GLOBAL_CONTEXT and ZONE_CONTEXT name no clusters, of which the second has a zone that runs alone",
      );
      this.skip();
    }
    const settings = {
      globalContext,
      zoneContext,
      zoneName,
      chart,
      sourceRanges: "everyone",
      portBase: "0",
      federated: "true",
    };
    const { told } = library(settings);
    assert.match(told("preview").text, /kuma-federation:index:FederationBridge zone-1 create/);
    try {
      const { outputs } = told("up");
      assert.deepEqual(outputs?.online, { value: true, secret: false });
      holdsNoToken();
      assert.deepEqual(Object.keys(told("up").changes ?? {}), ["same"]);
    } finally {
      settings.federated = "false";
      told("up");
      assert.deepEqual(Object.keys(told("destroy").changes ?? {}), ["delete"]);
    }
  });

  /** The same program in the languages of others: the file that names the ports, and what makes it ready to run. */
  const LANGUAGES: { example: string; file: string; tools: string[]; prepare: string[][] }[] = [
    { example: "yaml", file: "Pulumi.yaml", tools: [], prepare: [] },
    { example: "python", file: "__main__.py", tools: ["python3"], prepare: [["pulumi", "install"]] },
    { example: "go", file: "main.go", tools: ["go"], prepare: [["go", "mod", "tidy"]] },
  ];
  for (const { example, file, tools, prepare } of LANGUAGES)
    it(`${example}: federates a zone from a program in another language`, async function () {
      this.timeout(DEADLINE);
      const isGenerated = example !== "yaml";
      const plugins = isGenerated ? ["command", "kubernetes"] : [];
      const missing = [
        ...[`pulumi-language-${example}`, "pulumi-language-nodejs", ...tools],
        ...plugins.map((name) => `pulumi-resource-${name}`),
      ].filter((name) => findOnPath(name, process.env).length === 0);
      if (missing.length > 0) {
        console.error(`      skipped: ${missing.join(" and ")} not found on PATH`);
        this.skip();
      }
      const place = install(example);
      const program = path.join(place, file);
      const ports = [await freePortBase(), await freePortBase()];
      let source = fs.readFileSync(program, "utf8");
      ["28600", "28700"].forEach((port, at) => (source = source.replace(port, String(ports[at]))));
      fs.writeFileSync(program, source);
      const pulumi = (...args: string[]) =>
        succeed(run("pulumi", [...args, "--non-interactive"], place, environment)).stdout;
      pulumi("stack", "init", "test");
      for (const name of plugins) {
        // those of PATH in place of what the engine would download to read their schema
        const { version } = require(`@pulumi/${name}/package.json`) as { version: string };
        const [binary] = findOnPath(`pulumi-resource-${name}`, process.env);
        pulumi("plugin", "install", "resource", name, version, "--file", binary);
      }
      if (isGenerated) pulumi("package", "add", "./node_modules/kuma-federation");
      for (const [command, ...args] of prepare) succeed(run(command, args, place, environment));
      assert.match(pulumi("preview"), /kuma-federation:index:ZoneControlPlane zone-1 create/);
      assert.match(pulumi("up", "--yes", "--skip-preview"), /\+ 12 created/);
      assert.match(pulumi("stack", "output"), /online +true/);
      holdsNoToken();
      assert.match(pulumi("up", "--yes", "--skip-preview"), /12 unchanged/);
      assert.match(pulumi("destroy", "--yes", "--skip-preview"), /- 12 deleted/);
    });
});

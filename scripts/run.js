#!/usr/bin/env node
/**
 * The front door of `npm run <command>`: checks Node, installs the dependencies where they are missing or out
 * of date, and hands over to the tool that does the command. It stands before the installation, so it uses
 * nothing but Node, and its first lines must also parse and run on a Node that is too old (hence neither
 * `node:` names nor newer syntax).
 *
 *   node scripts/run.js <command> [arguments]
 *
 * Exit status: that of the command; 2 where it could not be started.
 */
"use strict";

const { spawn, spawnSync } = require("child_process");
const crypto = require("crypto");
const fs = require("fs");
const os = require("os");
const path = require("path");

const OLDEST_NODE = [20, 19];
const EXIT_CANNOT_RUN = 2;
const CANNOT_WRITE = ["EROFS", "EACCES", "EPERM", "ENOSPC", "EDQUOT"];
/** Lines of npm's output that are shown when it fails. */
const NPM_LINES_SHOWN = 15;

const root = path.resolve(__dirname, "..");
const lockFile = path.join(root, "package-lock.json");
const modules = path.join(root, "node_modules");
/** A package that was installed by npm has its dependencies and is compiled. */
const isCheckout = fs.existsSync(lockFile);
const SITE = path.join(root, "docs", "site");
/** Holds the digest of the package-lock.json that node_modules was installed from. */
const stampFile = path.join(modules, ".kuma-federation-lock");

/** These look at the sources: what cannot be compiled is for them to tell. */
const WITHOUT_PROGRAM = ["lint", "check", "generate", "mutation", "docs"];
/** The tests of these folders start programs and wait for them, or look at the whole, as do those that say so in their name; all others are unit tests. */
const INTEGRATION = "ci|contract|docs|e2e|integration|kubernetes|lint|scripts|support|toolchain|traffic";
const SPECS = {
  "test:integration": [`test/@(${INTEGRATION})/**/*.test.ts`, "test/**/*.process.test.ts"],
  "test:unit": [`test/!(${INTEGRATION})/**/!(*.process).test.ts`],
};
/** What `test:watch` looks at: everything that tests load. */
const SOURCES = "*.ts,!(node_modules)/**/*.{ts,js,json,yaml}";
/** Test files that run side by side. Both kinds wait, so that there may be more than cores; what those of integration start has work of its own. */
const JOBS = { unit: 4, all: 3 };

void main(process.argv.slice(2));

async function main(args) {
  requireNode();
  if (isCheckout) {
    helpOnDevelopment(args);
    ensureDependencies();
    if (!WITHOUT_PROGRAM.includes(args[0])) compile();
  }
  // what serves the development of the program is not in the package
  const steps = isCheckout ? stepsFor(args[0], args.slice(1)) : [program(args)];
  for (const step of steps) {
    const status = await run(step);
    if (status !== 0) {
      process.exit(status);
    }
  }
}

function requireNode() {
  const version = process.version.slice(1).split(".").map(Number);
  const isOld = version[0] < OLDEST_NODE[0] || (version[0] === OLDEST_NODE[0] && version[1] < OLDEST_NODE[1]);
  if (isOld) {
    fail(`Node ${OLDEST_NODE.join(".")} or newer is needed, and this is ${process.version}.`);
  }
}

/** Answers, and refuses, what needs nothing to be installed. */
function helpOnDevelopment([command, ...args]) {
  const { DEVELOPMENT, developmentHelp } = require("./development.js");
  const help = developmentHelp(command);
  if (help !== undefined && args.some((arg) => arg === "--help" || arg === "-h")) {
    console.log(help);
    process.exit(0);
  }
  if (help !== undefined && DEVELOPMENT[command].words === undefined && args.length > 0) {
    fail(`npm run ${command} takes no arguments, and was given ${args.join(" ")}. Nothing was done.`);
  }
}

/** The program itself, with what it is asked for. */
function program(args) {
  return [...require("../toolchain/compiled.js").argumentsFor("cli/main"), ...args];
}

/** The tests that an argument names by a file or a folder of test/; undefined where it names none. */
function testsOf(arg) {
  if (arg.startsWith("-")) return undefined;
  if (arg.endsWith(".ts")) return arg;
  // mocha runs in the root
  const place = path.resolve(root, arg);
  const isFolder = path.relative(root, place).split(path.sep)[0] === "test" && fs.existsSync(place);
  return isFolder ? path.join(arg, "**", "*.test.ts") : undefined;
}

/**
 * The arguments of mocha. Without any of the user's all files run, those that wait first, and side by side, each told when
 * it has ended. What a user asks for runs in one process, which tells each test at once.
 */
function mochaArguments(specs, args, jobs = JOBS.all) {
  if (args.some((arg) => testsOf(arg) !== undefined)) {
    // a spec in mocha's own configuration would be run beside the files that a user names
    return args.map((arg) => testsOf(arg) ?? arg);
  }
  return [...(args.length > 0 ? args : ["--parallel", "--jobs", String(jobs)]), ...specs];
}

/** The command lines (without Node itself) that a command stands for, to be run one after the other. */
function stepsFor(command, args) {
  const tool = (...parts) => path.join(modules, ...parts);
  const typescript = (file) => [
    "--require",
    path.join(root, "toolchain", "typescript.js"),
    path.join(root, file),
  ];
  const mocha = tool("mocha", "bin", "mocha.js");
  switch (command) {
    case "test":
      return [[mocha, ...mochaArguments(Object.values(SPECS).flat(), args)]];
    case "test:unit":
      return [[mocha, ...mochaArguments(SPECS[command], args, JOBS.unit)]];
    case "test:integration":
      return [[mocha, ...mochaArguments(SPECS[command], args)]];
    case "test:watch":
      return [[mocha, "--watch", "--watch-files", SOURCES, ...mochaArguments(SPECS["test:unit"], args)]];
    case "mutation":
      return [[tool("@stryker-mutator", "core", "bin", "stryker.js"), "run", ...args]];
    case "lint":
    case "check":
      return checks(tool, command === "check");
    case "generate":
      return [typescript("cli/generate/main.ts"), ["scripts/generateComponentSchema.js"]];
    case "bench":
      return [[...typescript("bench/main.ts"), ...args]];
    case "docs":
      return [[siteBuilder(), "build", SITE]];
    case "e2e":
      return [[...typescript("test/e2e/main.ts"), ...args]];
    default:
      return [program(command === undefined ? [] : [command, ...args])];
  }
}

/** What makes a site of the docs. It has dependencies of its own, as nothing else wants them. */
function siteBuilder() {
  const program = path.join(SITE, "node_modules", "vitepress", "bin", "vitepress.js");
  if (!fs.existsSync(program)) installDependencies(SITE, "what makes a site of the docs");
  return program;
}

/**
 * Format, lint and types. With what was remembered of the last time they look only at files that have changed: quick, but
 * a rule that needs types is not asked again of a file when only what it uses has changed.
 */
function checks(tool, remembers) {
  const kept = (name) => tool(".cache", "check", name);
  const byContent = (name) => ["--cache", "--cache-strategy", "content", "--cache-location", kept(name)];
  const only = (args) => (remembers ? args : []);
  return [
    [tool("prettier", "bin", "prettier.cjs"), "--check", ...only(byContent("prettier")), "."],
    [tool("eslint", "bin", "eslint.js"), ...only(byContent("eslint")), "."],
    [
      tool("typescript", "bin", "tsc"),
      "--noEmit",
      ...only(["--incremental", "--tsBuildInfoFile", kept("tsc")]),
      "-p",
      ".",
    ],
  ];
}

/**
 * Runs Node with the terminal handed over, and gives the exit status (128 and the signal's number where a
 * signal ended it, as a shell does). This process outlives the child in any case, so that the prompt does not
 * come back while the child still tidies up.
 */
function run(args) {
  return new Promise((resolve) => {
    // npm may be killed alone; a long build of the child's looks for it
    const env = process.env.npm_execpath
      ? Object.assign({}, process.env, { KUMA_FEDERATION_STARTED_BY: npmProcess() })
      : process.env;
    const child = spawn(process.execPath, args, {
      cwd: isCheckout ? root : process.cwd(),
      stdio: "inherit",
      env: env,
    });
    const pass = (signal) => child.kill(signal);
    // Ctrl-C reaches the child by itself, since it belongs to the terminal's foreground group; a second signal
    // from here would read as impatience. Without a terminal the signal came to this process alone.
    const onInterrupt = isInteractive() ? () => {} : pass;
    process.on("SIGINT", onInterrupt);
    process.on("SIGTERM", pass);
    // likewise that a terminal was closed
    process.on("SIGHUP", onInterrupt);
    child.on("error", (error) => fail(`${process.execPath} cannot be started: ${error.message}.`));
    child.on("close", (status, signal) => {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", pass);
      process.off("SIGHUP", onInterrupt);
      resolve(signal ? 128 + os.constants.signals[signal] : status);
    });
  });
}

/** The id of the npm that started this script: its parent, or the parent of a shell that npm has put in between. */
function npmProcess() {
  const stat = readIfThere(`/proc/${process.ppid}/stat`) || "";
  const command = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
  const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return /^(sh|ash|dash|bash|zsh)$/.test(command) ? parent : String(process.ppid);
}

function isInteractive() {
  return [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
}

/** Has node_modules agree with package-lock.json. */
function ensureDependencies() {
  const lock = fs.readFileSync(lockFile);
  const digest = crypto.createHash("sha256").update(lock).digest("hex");
  if (readIfThere(stampFile) === digest) {
    return;
  }
  if (!isInstalledByHand(JSON.parse(lock))) {
    installDependencies(root, "the dependencies");
  }
  try {
    fs.mkdirSync(modules, { recursive: true });
    fs.writeFileSync(stampFile, digest);
  } catch (error) {
    // a clone that is read-only, or a full disk: without the stamp the next command compares again
    if (!CANNOT_WRITE.includes(error.code)) throw error;
  }
}

/**
 * True where an `npm install` or `npm ci` of the user's has already done the work: the list that npm keeps in
 * node_modules has every package of the lock file, save optional ones, which are for other machines.
 */
function isInstalledByHand(lock) {
  const list = readIfThere(path.join(modules, ".package-lock.json"));
  if (list === undefined) {
    return false;
  }
  const installed = JSON.parse(list).packages;
  return Object.entries(lock.packages).every(([place, wanted]) => {
    const found = installed[place];
    return place === "" || (found ? found.integrity === wanted.integrity : wanted.optional === true);
  });
}

/**
 * Without install scripts: those of @pulumi/kubernetes and @pulumi/command download Pulumi plugins, which the
 * engine does by itself when a stack needs them. With the development dependencies whatever NODE_ENV says,
 * because `test` and `lint` need them.
 */
function installDependencies(directory, what) {
  console.error(`Installing ${what} with npm (done once, takes about a minute)…`);
  const args = ["ci", "--ignore-scripts", "--include=dev", "--no-fund", "--no-audit"];
  const failure = `${what[0].toUpperCase()}${what.slice(1)} cannot be installed:`;
  const npm = npmCommand();
  const done = spawnSync(npm.file, npm.args.concat(args), {
    cwd: directory,
    encoding: "utf8",
    shell: npm.shell,
  });
  if (done.error) {
    fail(`${failure} npm cannot be started (${done.error.message}).`);
  }
  if (done.status !== 0) {
    const output = `${done.stdout}\n${done.stderr}`.trim().split("\n");
    fail(
      [
        `${failure} "npm ${args.join(" ")}" failed; npm's last lines were:`,
        ...output.slice(-NPM_LINES_SHOWN),
      ].join("\n"),
    );
  }
}

/** Where the checkout cannot be written, its sources are compiled each time that they are loaded. */
function compile() {
  try {
    require("./build.js").build();
  } catch (error) {
    if (!CANNOT_WRITE.includes(error.code)) throw error;
  }
}

/** The npm that started this script, or else the one on PATH. */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script && /^npm-cli\.c?js$/.test(path.basename(script))) {
    return { file: process.execPath, args: [script], shell: false };
  }
  // On Windows npm is a .cmd file, which only a shell can start.
  return { file: "npm", args: [], shell: process.platform === "win32" };
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

function fail(message) {
  console.error(message);
  process.exit(EXIT_CANNOT_RUN);
}

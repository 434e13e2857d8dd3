import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import type { ToolchainContext } from "../context";
import { goEnvironment } from "../process/environment";
import { findOnPath, outputOf } from "../process/executables";
import { ToolchainError } from "../errors";
import { missingModules } from "./goModules";
import { runGuarded } from "../process/guardedChild";
import { startProgress } from "../progress";
import { atLeast, formatVersion, parseVersion, type Version } from "../download/version";

/** A program and the Go module that pins it. */
export interface GoProgram {
  /** What messages call it, as in "the Pulumi engine 3.246.0". */
  readonly title: string;
  /** The directory of go.mod and of go.sum, which pins the content of all that the program is made of. */
  readonly module: string;
  /** The package to build, which go.mod names as a tool. */
  readonly package: string;
  /** File name that the program gets. */
  readonly file: string;
  /** String variables that the linker sets, such as the version that the program tells. */
  readonly variables: Readonly<Record<string, string>>;
  /** What compiling all of it takes, in minutes of one core: as measured, for saying how long it takes. */
  readonly coreMinutes: number;
}

/** There is no Go that could build anything, as opposed to a build that failed. */
export class NoUsableGo extends ToolchainError {}

/** From here on Go fetches by itself the newer release that a go.mod asks for. */
const OLDEST_GO: Version = [1, 21, 0];

/** Lines of Go's own complaints that go into the error. */
const COMPLAINTS_KEPT = 3;

/** What a progress line says of a Go that fetches the newer one that a go.mod asks for. */
const NEWER_GO = /^go: downloading (go\d\S*)/;

/** A line of `go build -v`: the path of a package that is being compiled. */
const PACKAGE = /^[\w.-]+(\/[\w.@~+-]+)*$/;

/**
 * Builds a program from its pinned Go module into `directory`. Takes minutes the first time, and as long as the
 * download of its modules. The build ends with this process.
 *
 * @throws NoUsableGo when there is no Go or it is too old; ToolchainError when the build fails.
 */
export async function buildGoProgram(
  program: GoProgram,
  directory: string,
  context: ToolchainContext,
): Promise<void> {
  const go = await usableGo(context.env);
  // A Go that is killed leaves its temporary files; here they go with the directory that the caller clears away.
  const temporary = path.join(directory, ".go-tmp");
  await fs.mkdir(temporary);
  const env = { ...buildEnvironment(context.env), GOTMPDIR: temporary };
  context.log(`Building ${program.title} with Go, once: ${describeDuration(program)}.`);
  const began = Date.now();
  const complaints: string[] = [];
  const progress = startProgress(`Building ${program.title}`, context);
  const run = (args: readonly string[], onLine: (line: string) => boolean) =>
    runGuarded(go, args, {
      cwd: program.module,
      env,
      signal: context.signal,
      onLine: (line) => onLine(line) || complaints.push(line),
    });
  try {
    const packages = await listPackages(go, program, env, run, progress.update);
    let compiled = 0;
    await run(buildArguments(program, path.join(directory, program.file)), (line) => {
      if (!PACKAGE.test(line)) return false;
      compiled++;
      const linking = compiled >= packages ? ", linking" : "";
      progress.update(`${compiled} of ${Math.max(packages, compiled)} packages compiled${linking}`);
      return true;
    });
    await fs.rm(temporary, { recursive: true });
  } catch (error) {
    context.signal?.throwIfAborted();
    const why = complaints.slice(-COMPLAINTS_KEPT).join("; ") || (error as Error).message;
    throw new ToolchainError(`the build with ${go} failed (${why})`);
  } finally {
    progress.stop();
  }
  context.log(`Built ${program.title} in ${Math.round((Date.now() - began) / 1000)} s.`);
}

function describeDuration({ coreMinutes }: GoProgram): string {
  const cores = os.availableParallelism();
  const minutes = Math.max(1, Math.round(coreMinutes / cores));
  return (
    `about ${minutes} min on this machine's ${cores === 1 ? "core" : `${cores} cores`} when nothing else runs, ` +
    "and the download of its modules before"
  );
}

/** Runs Go; a line on standard error that `onLine` knows nothing of is a complaint. */
type RunGo = (args: readonly string[], onLine: (line: string) => boolean) => Promise<string>;

/** Has Go fetch the modules, and gives the number of packages that it is yet to compile. */
async function listPackages(
  go: string,
  program: GoProgram,
  env: NodeJS.ProcessEnv,
  run: RunGo,
  update: (detail: string) => void,
): Promise<number> {
  const missing = await missingModules(go, program.module, env);
  let fetched = 0;
  const stale = await run(
    ["list", "-deps", ...BUILD_FLAGS, "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", program.package],
    (line) => {
      const [, newerGo] = NEWER_GO.exec(line) ?? [];
      if (newerGo) update(`fetching ${newerGo}`);
      // go.mod lists some that only other systems need
      else if (line.startsWith("go: downloading "))
        update(`${++fetched} of at most ${missing} modules fetched`);
      else return false;
      return true;
    },
  );
  return stale.split("\n").filter(Boolean).length;
}

/** The same for `list` and for `build`: other flags would make other packages of the same sources. */
const BUILD_FLAGS = ["-trimpath", "-buildvcs=false"];

function buildArguments(program: GoProgram, output: string): string[] {
  const variables = Object.entries(program.variables).map(([name, value]) => ` -X ${name}=${value}`);
  const linkerFlags = `-s -w${variables.join("")}`;
  return ["build", "-v", ...BUILD_FLAGS, "-ldflags", linkerFlags, "-o", output, program.package];
}

async function usableGo(env: NodeJS.ProcessEnv): Promise<string> {
  const go = findOnPath("go", env)[0];
  if (!go) {
    throw new NoUsableGo("there is no go on PATH");
  }
  const version = parseVersion((await outputOf(go, ["version"], env)).replace(/\bgo(?=\d)/, ""));
  if (!version || !atLeast(version, OLDEST_GO)) {
    throw new NoUsableGo(`${go} is older than Go ${formatVersion(OLDEST_GO)}`);
  }
  return go;
}

/**
 * What Go needs of the user's environment (proxies, module cache), less what would make another program of it: flags, a
 * workspace, or a target for other machines. `-mod=readonly` has Go refuse what go.sum does not list.
 */
function buildEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...goEnvironment(env),
    CGO_ENABLED: "0",
    GOFLAGS: "-mod=readonly",
    GOWORK: "off",
    GOOS: "",
    GOARCH: "",
  };
}

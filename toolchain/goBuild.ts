import { spawn } from "node:child_process";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import * as readline from "node:readline";
import type { ToolchainContext } from "./context";
import { goEnvironment } from "./environment";
import { findOnPath, outputOf } from "./executables";
import { ToolchainError } from "./errors";
import { startProgress } from "./progress";
import { atLeast, formatVersion, parseVersion, type Version } from "./version";

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
}

/** There is no Go that could build anything, as opposed to a build that failed. */
export class NoUsableGo extends ToolchainError {}

/** From here on Go fetches by itself the newer release that a go.mod asks for. */
const OLDEST_GO: Version = [1, 21, 0];

/** Lines of Go's own complaints that go into the error. */
const COMPLAINTS_KEPT = 3;

/**
 * Builds a program from its pinned Go module into `directory`. Takes minutes the first time, and as long as the
 * download of its modules.
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
  context.log(`Building ${program.title} with Go; this is done once and takes some minutes.`);
  const counts = { modules: 0, packages: 0 };
  const complaints: string[] = [];
  const progress = startProgress(`Building ${program.title}`, context);
  try {
    const env = { ...buildEnvironment(context.env), GOTMPDIR: temporary };
    await runGoBuild(go, program, path.join(directory, program.file), env, context.signal, (line) => {
      if (line.startsWith("go: downloading ")) {
        counts.modules++;
      } else if (/^[\w.-]+(\/[\w.@~+-]+)*$/.test(line)) {
        counts.packages++;
      } else {
        complaints.push(line);
      }
      progress.update(`${counts.modules} modules fetched, ${counts.packages} packages compiled`);
    });
    await fs.rm(temporary, { recursive: true });
  } catch (error) {
    context.signal?.throwIfAborted();
    const why = complaints.slice(-COMPLAINTS_KEPT).join("; ") || (error as Error).message;
    throw new ToolchainError(`the build with ${go} failed (${why})`);
  } finally {
    progress.stop();
  }
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

/** Runs the build; every line that Go writes goes to `onLine`. Rejects with the exit status. */
function runGoBuild(
  go: string,
  program: GoProgram,
  output: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
  onLine: (line: string) => void,
): Promise<void> {
  const flags = ["-v", "-trimpath", "-buildvcs=false"];
  const variables = Object.entries(program.variables).map(([name, value]) => ` -X ${name}=${value}`);
  const linkerFlags = `-s -w${variables.join("")}`;
  const child = spawn(go, ["build", ...flags, "-ldflags", linkerFlags, "-o", output, program.package], {
    cwd: program.module,
    env,
    stdio: ["ignore", "ignore", "pipe"],
    signal,
  });
  readline.createInterface({ input: child.stderr }).on("line", onLine);
  return new Promise((resolve, reject) => {
    // After an abort there is an "error" too, but only "close" says that Go has ended.
    child.on("error", (error) => child.pid === undefined && reject(error));
    child.on("close", (status, killedBy) =>
      status === 0 ? resolve() : reject(new Error(`exit status ${status ?? killedBy}`)),
    );
  });
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

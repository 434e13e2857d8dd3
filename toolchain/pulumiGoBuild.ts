import { spawn } from "node:child_process";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import * as readline from "node:readline";
import type { ToolchainContext } from "./context";
import { findOnPath, outputOf } from "./executables";
import { ToolchainError } from "./errors";
import { startProgress } from "./progress";
import { ENGINE_FILE, ENGINE_VERSION } from "./pulumiVersion";
import { atLeast, formatVersion, parseVersion, type Version } from "./version";

/** The Go module that pins the engine and, through go.sum, the content of all that it is made of. */
const ENGINE_MODULE = path.join(__dirname, "engine");

const ENGINE_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/** From here on Go fetches by itself the newer release that a go.mod asks for. */
const OLDEST_GO: Version = [1, 21, 0];

/** Lines of Go's own complaints that go into the error. */
const COMPLAINTS_KEPT = 3;

/**
 * Builds the engine from the pinned Go module into `directory`. Takes from one to five minutes on two cores
 * the first time, and as long as the download of its modules.
 *
 * @throws ToolchainError when there is no Go, it is too old, or the build fails.
 */
export async function buildPulumiEngine(directory: string, context: ToolchainContext): Promise<void> {
  const go = await usableGo(context.env);
  // A Go that is killed leaves its temporary files; here they go with the directory that the caller clears away.
  const temporary = path.join(directory, ".go-tmp");
  await fs.mkdir(temporary);
  context.log(
    `Building the Pulumi engine ${ENGINE_VERSION} with Go; this is done once and takes some minutes.`,
  );
  const counts = { modules: 0, packages: 0 };
  const complaints: string[] = [];
  const progress = startProgress("Building the Pulumi engine", context);
  try {
    const env = { ...goEnvironment(context.env), GOTMPDIR: temporary };
    await runGoBuild(go, path.join(directory, ENGINE_FILE), env, context.signal, (line) => {
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
    throw new ToolchainError("there is no go on PATH");
  }
  const version = parseVersion((await outputOf(go, ["version"], env)).replace(/\bgo(?=\d)/, ""));
  if (!version || !atLeast(version, OLDEST_GO)) {
    throw new ToolchainError(`${go} is older than Go ${formatVersion(OLDEST_GO)}`);
  }
  return go;
}

/** Runs the build; every line that Go writes goes to `onLine`. Rejects with the exit status. */
function runGoBuild(
  go: string,
  output: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
  onLine: (line: string) => void,
): Promise<void> {
  const flags = ["-v", "-trimpath", "-buildvcs=false"];
  const linkerFlags = `-s -w -X ${VERSION_VARIABLE}=v${ENGINE_VERSION}`;
  const child = spawn(go, ["build", ...flags, "-ldflags", linkerFlags, "-o", output, ENGINE_PACKAGE], {
    cwd: ENGINE_MODULE,
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
 * The user's environment (proxies, module cache), less what would make another engine of it: flags, a
 * workspace, or a target for other machines. `-mod=readonly` has Go refuse what go.sum does not list.
 */
function goEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off", GOOS: "", GOARCH: "" };
}

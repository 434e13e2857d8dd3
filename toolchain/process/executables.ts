import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { plainEnvironment } from "./environment";
import { ToolchainError } from "../errors";

const isWindows = process.platform === "win32";

/** The file name of a program on this operating system. */
export function executableName(program: string): string {
  return isWindows ? `${program}.exe` : program;
}

/** Every file of that name on PATH that may be executed, in PATH's order. */
export function findOnPath(program: string, env: NodeJS.ProcessEnv): string[] {
  return pathOf(env)
    .split(path.delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => path.join(directory, executableName(program)))
    .filter(isExecutable);
}

/**
 * The file that a user meant by a variable such as `PULUMI=bin/pulumi` or `PULUMI=pulumi-next`: a
 * path is taken from the working directory, a bare name from PATH. Undefined where there is no such program.
 */
export function resolveNamed(value: string, env: NodeJS.ProcessEnv): string | undefined {
  if (value.includes("/") || value.includes(path.sep)) {
    const file = path.resolve(value);
    return isExecutable(file) ? file : undefined;
  }
  return findOnPath(value, env)[0];
}

/** True for a regular file (or a link to one) that this user may execute. */
export function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Runs a program that answers at once, such as `pulumi version`, and gives what it wrote to stdout and stderr. It gets
 * what is plain in the environment and, beside that, what `more` holds.
 *
 * @throws ToolchainError when it cannot be started, exits with another status than 0, or takes more than
 * `timeoutMs` milliseconds.
 */
export function outputOf(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  timeoutMs = 20_000,
  more: NodeJS.ProcessEnv = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { env: { ...plainEnvironment(env), ...more }, timeout: timeoutMs, killSignal: "SIGKILL" },
      (error, stdout, stderr) => {
        if (!error) {
          resolve(`${stdout}\n${stderr}`);
          return;
        }
        const why = error.killed
          ? `no answer in ${timeoutMs / 1000} s`
          : typeof error.code === "number"
            ? `exit status ${error.code}`
            : String(error.code ?? error.signal);
        reject(new ToolchainError(`"${[command, ...args].join(" ")}" failed (${why})`));
      },
    );
  });
}

/** PATH, under whatever spelling: Windows writes `Path`, and a copy of `process.env` is case-sensitive. */
function pathOf(env: NodeJS.ProcessEnv): string {
  const key = Object.keys(env).find((name) => name.toUpperCase() === "PATH");
  return (key && env[key]) ?? "";
}

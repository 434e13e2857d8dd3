import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";

/** Things to undo after the test, in reverse order. */
const undo: (() => void | Promise<void>)[] = [];

/** Has a step done after the test. */
export function later(step: () => void | Promise<void>): void {
  undo.push(step);
}

/** To be called in `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const step of undo.splice(0).reverse()) {
    await step();
  }
}

/** A directory of its own for the test, with a space in its path. */
export function tempDir(): string {
  const dir = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "kuma federation "));
  undo.push(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Writes a file with its directories, and gives its path. */
export function writeFile(file: string, text: string, mode = 0o644): string {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text, { mode });
  return file;
}

/** Writes a program as a shell script. */
export function writeProgram(file: string, ...body: string[]): string {
  return writeFile(file, ["#!/bin/sh", ...body, ""].join("\n"), 0o755);
}

/**
 * Writes a `go` that tells its version and what it is asked about a module, takes two packages for stale, and records each
 * build in a file, a line each with its directory, its settings and its arguments.
 *
 * @param build what it does for `go build`; `$out` is the file to be made
 * @returns the file with the records
 */
export function writeGo(bin: string, ...build: string[]): string {
  const record = path.join(tempDir(), "go-builds");
  writeProgram(
    path.join(bin, "go"),
    'case "$1" in',
    '  version) echo "go version go1.26.0 linux/amd64"; exit 0 ;;',
    `  env) echo '${path.dirname(record)}'; exit 0 ;;`,
    `  mod) echo '{"Require":[{"Path":"github.com/X/y","Version":"v1.0.0"}],"Replace":null}'; exit 0 ;;`,
    '  list) echo "go: downloading github.com/X/y v1.0.0" >&2; echo github.com/X/y; echo main; exit 0 ;;',
    "esac",
    `echo "$PWD|$CGO_ENABLED|$GOFLAGS|$GOWORK|$*" >> '${record}'`,
    'while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done',
    ...build,
  );
  return record;
}

/** A directory for PATH that holds nothing but the programs named, so that nothing installed gets in the way. */
export function pathWith(...programs: string[]): string {
  const dir = path.join(tempDir(), "bin");
  fs.mkdirSync(dir);
  for (const program of programs) {
    fs.symlinkSync(
      execFileSync("/bin/sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim(),
      path.join(dir, program),
    );
  }
  return dir;
}

/** Packs `<top>/...` out of `dir` as a release does, and gives the bytes. */
export function tarball(dir: string, top: string): Buffer {
  const file = path.join(tempDir(), "archive.tar.gz");
  execFileSync("tar", ["-czf", file, "-C", dir, top]);
  return fs.readFileSync(file);
}

export function digest(data: Buffer | string, algorithm = "sha256"): string {
  return createHash(algorithm).update(data).digest("hex");
}

/** Answers one request. */
export type Answer = (response: http.ServerResponse, request: http.IncomingMessage) => void;

export interface TestServer {
  readonly url: string;
  /** Paths asked for so far. */
  readonly requests: string[];
  /** What is answered under a path: the first answer to the first request and so on; the last one repeats. */
  readonly answers: Map<string, Answer[]>;
}

/** An http server on a free port of the loopback interface; answers 404 where nothing is set. */
export async function startServer(): Promise<TestServer> {
  const requests: string[] = [];
  const answers = new Map<string, Answer[]>();
  const server = http.createServer((request, response) => {
    const target = request.url ?? "";
    requests.push(target);
    const list = answers.get(target) ?? [status(404)];
    (list.length > 1 ? list.shift()! : list[0])(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, answers };
}

export function status(code: number, headers: http.OutgoingHttpHeaders = {}): Answer {
  return (response) => response.writeHead(code, headers).end("an error page");
}

export function body(data: Buffer | string): Answer {
  return (response) => response.writeHead(200, { "content-length": Buffer.byteLength(data) }).end(data);
}

/** Promises the whole and breaks the connection half-way. */
export function cutOff(data: Buffer | string): Answer {
  return (response) => {
    response.writeHead(200, { "content-length": Buffer.byteLength(data) });
    response.write(data.slice(0, data.length / 2), () => response.destroy());
  };
}

/** All files below a directory, relative and sorted. */
export function filesBelow(dir: string): string[] {
  if (!fs.existsSync(dir)) {
    return [];
  }
  return fs
    .readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .sort();
}

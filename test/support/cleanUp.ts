import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const undo: (() => void | Promise<void>)[] = [];

/** Things to undo after the test, in reverse order. */
export function later(step: () => void | Promise<void>): void {
  undo.push(step);
}

/** To be called in `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

const atTheEnd: (() => void | Promise<void>)[] = [];

/** To be done after all tests: of the run, or of the test file where files run side by side (testRun.ts). */
export function atEnd(step: () => void | Promise<void>): void {
  atTheEnd.push(step);
}

export async function endAll(): Promise<void> {
  for (const step of atTheEnd.splice(0).reverse()) await step();
}

/** A directory of its own for the test. */
export function tempDir(): string {
  const directory = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "kuma-federation-test-"));
  later(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Sets a variable of the environment for the time of the test. */
export function setEnvironment(name: string, value: string | undefined): void {
  const before = process.env[name];
  const assign = (to: string | undefined) => {
    if (to === undefined) delete process.env[name];
    else process.env[name] = to;
  };
  assign(value);
  later(() => assign(before));
}

/** Longer than any pause between two attempts, and shorter than any limit (kuma/api/http/transport.ts). */
const LONGEST_PAUSE_MS = 5_000;

/** For the time of the test nobody waits between two attempts; limits stay as they are. */
export function withoutPauses(): void {
  withPauses(0);
}

/** For the time of the test nobody waits long between two looks; for what needs some time between them to come true. */
export function withShortPauses(): void {
  withPauses(20);
}

function withPauses(longest: number): void {
  const { setTimeout: wait } = globalThis;
  const soon = (work: () => void, ms = 0) => wait(work, ms <= LONGEST_PAUSE_MS ? Math.min(ms, longest) : ms);
  globalThis.setTimeout = soon as typeof setTimeout;
  later(() => void (globalThis.setTimeout = wait));
}

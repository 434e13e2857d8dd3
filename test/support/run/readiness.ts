import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { ToolchainContext } from "../../../toolchain/context";
import { withLock } from "../../../toolchain/process/lock";

/** Something that tests need and that may take minutes to be had, such as a program that is built. */
export interface Need<T> {
  /** What messages call it. */
  readonly title: string;
  readonly get: (context: ToolchainContext) => Promise<T>;
  /** Whether tests are to be skipped for the lack of it, or to fail. */
  readonly isLacking: (error: unknown) => boolean;
}

/** The needs of the test files that mocha has loaded, each with what it has come to. */
const needs = new Map<Need<unknown>, Promise<unknown> | undefined>();

/**
 * Declares, in a test file or in what it requires, that its tests need something. It is had once in a run, before the
 * first test and without a time limit. Where tests are picked by their names, which nobody knows before they run, it is
 * had when the first one asks for it.
 */
export function declareNeed(need: Need<unknown>): void {
  needs.set(need, undefined);
}

/** Says why something is not to be had. */
class NotHad extends Error {
  constructor(
    message: string,
    readonly isLacking: boolean,
  ) {
    super(message);
  }
}

/**
 * Gives what was declared; to be called in a `before` hook. Skips the tests, with the reason on standard error, where it
 * is not to be had.
 */
export async function needed<T>(need: Need<T>, context: Mocha.Context): Promise<T> {
  context.timeout(0);
  try {
    return await had(need);
  } catch (error) {
    if (!(error instanceof NotHad) || !error.isLacking) throw error;
    console.error(`    skipped, since there is no ${need.title}: ${error.message}`);
    return context.skip();
  }
}

function had<T>(need: Need<T>): Promise<T> {
  const getting = needs.get(need) ?? hadOnce(need);
  needs.set(need, getting);
  return getting as Promise<T>;
}

/** Where test files run side by side, one gets it and the others wait; what failed for one is tried by no other. */
async function hadOnce<T>(need: Need<T>): Promise<T> {
  const context = { env: process.env, log: (line: string) => console.error(line), terminal: process.stderr };
  const place = path.join(os.tmpdir(), need.title.replaceAll(" ", "-"));
  return withLock(`${place}.lock`, `the ${need.title}`, context, async () => {
    if (fs.existsSync(place)) {
      const { message, isLacking } = JSON.parse(fs.readFileSync(place, "utf8")) as NotHad;
      throw new NotHad(message, isLacking);
    }
    try {
      return await need.get(context);
    } catch (error) {
      const { message } = error as Error;
      const isLacking = need.isLacking(error);
      fs.writeFileSync(place, JSON.stringify({ message, isLacking }));
      throw new NotHad(message, isLacking);
    }
  });
}

/** Has what was declared so far, before the first test of the run, or of the file where files run side by side. */
export async function makeReady(): Promise<void> {
  if (process.argv.some((argument) => /^(-[gf]|--f?grep)(=|$)/.test(argument))) return;
  // one after the other: a build keeps all cores busy. A failure is told by the tests that need it
  for (const need of needs.keys()) await had(need).catch(() => undefined);
}

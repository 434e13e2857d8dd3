import type { ToolchainContext } from "../../toolchain/context";

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

/**
 * Gives what was declared; to be called in a `before` hook. Skips the tests, with the reason on standard error, where it
 * is not to be had.
 */
export async function needed<T>(need: Need<T>, context: Mocha.Context): Promise<T> {
  context.timeout(0);
  try {
    return await had(need);
  } catch (error) {
    if (!need.isLacking(error)) throw error;
    console.error(`    skipped, since there is no ${need.title}: ${(error as Error).message}`);
    return context.skip();
  }
}

function had<T>(need: Need<T>): Promise<T> {
  const log = (line: string) => console.error(line);
  const getting = needs.get(need) ?? need.get({ env: process.env, log, terminal: process.stderr });
  needs.set(need, getting);
  return getting as Promise<T>;
}

before("what the tests need is made ready", async function () {
  this.timeout(0);
  if (process.argv.some((argument) => /^(-[gf]|--f?grep)(=|$)/.test(argument))) return;
  // one after the other: a build keeps all cores busy. A failure is told by the tests that need it
  for (const need of needs.keys()) await had(need).catch(() => undefined);
});

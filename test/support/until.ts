import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds for anything that a test waits for: met by a machine that does much else. */
export const DEADLINE_MS = 300_000;
const LOOK_EVERY_MS = 50;

/**
 * Waits until `look` gives something, and gives that. A look that fails counts as one that sees nothing, and the
 * reason of the last one is told at the deadline.
 */
export async function until<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    let reason = "";
    try {
      const seen = await look();
      if (seen) return seen;
    } catch (error) {
      reason = `: ${(error as Error).message}`;
    }
    if (Date.now() > deadline) throw new Error(`waited ${DEADLINE_MS / 1000} s in vain for ${what}${reason}`);
    await sleep(LOOK_EVERY_MS);
  }
}

import { setTimeout as delay } from "node:timers/promises";

/** Waits until the check says yes; a check that fails counts as no, and its reason is told at the deadline. */
export async function poll(what: string, check: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let reason = "";
  while (Date.now() < deadline) {
    try {
      if (await check()) {
        return;
      }
      reason = "";
    } catch (error) {
      reason = `: ${(error as Error).message}`;
    }
    await delay(100);
  }
  throw new Error(`waited ${timeoutMs} ms in vain for ${what}${reason}`);
}

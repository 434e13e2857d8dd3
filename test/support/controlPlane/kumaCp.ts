import { realKumaCp } from "../../integration/support";

/**
 * Gives the real `kuma-cp`; to be called in a `before` hook. Skips the tests, with the reason on standard error, where
 * there is none.
 */
export async function needsKumaCp(context: Mocha.Context): Promise<string> {
  const found = await realKumaCp();
  if (found !== undefined) return found;
  console.error("    skipped: there is no kuma-cp 2.x on PATH, and KUMA_CP names none");
  return context.skip();
}

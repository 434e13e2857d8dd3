/** Milliseconds for an answer: nobody waits for a line that is no result. */
const PATIENCE_MS = 3_000;

/**
 * Whether a GUI is to be told of: a stand-in has none, and one may be switched off. What cannot be asked from here, such as
 * one behind a port-forward that is yet to be made, or one with an authority of its own, counts as there.
 */
export async function hasGui(address: string): Promise<boolean> {
  if (!/^https?:\/\/\S+$/.test(address)) return true;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
    await answer.body?.cancel();
    return answer.ok && (answer.headers.get("content-type") ?? "").includes("html");
  } catch {
    return true;
  }
}

/** Milliseconds for an answer: nobody waits for a line that is no result. */
const PATIENCE_MS = 3_000;

/** Where the GUI is, if there is one to be told of; for one in a cluster with the command that has to run meanwhile. */
export async function describeGui(url: string, command: string | undefined): Promise<string | undefined> {
  if (command !== undefined) return `${url} while this runs: ${command}`;
  return (await hasGui(url)) ? url : undefined;
}

/**
 * Whether a GUI is to be told of: a stand-in has none, and one may be switched off. What cannot be asked from here, such as
 * one with an authority of its own, counts as there.
 */
async function hasGui(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    await answer.body?.cancel();
    return answer.ok && (answer.headers.get("content-type") ?? "").includes("html");
  } catch {
    return true;
  }
}

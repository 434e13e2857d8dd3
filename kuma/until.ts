import { setTimeout as sleep } from "node:timers/promises";
import { KumaError } from "./errors";

export interface Waiting<T> {
  /** Milliseconds until it is given up. There is one look in any case, and a last one at the end. */
  deadlineMs: number;
  /** Milliseconds between two looks, and less between the first ones; by how many there were, where these are to be others. */
  everyMs: number | ((looks: number) => number);
  /** Whether this is what is waited for. */
  isThere: (seen: T) => boolean;
  /** What to fail with when it takes too long; where left out, the last look is given as it is. */
  onTimeout?: (last: T) => Error;
  /** Ends the waiting with "cancelled". */
  signal?: AbortSignal;
}

/** Milliseconds between the first two looks, and twice as many from one to the next: most is there in a moment. */
const FIRST_PAUSE_MS = 50;

/** Looks again and again until what is waited for is there, and gives what was seen. What a look throws ends it. */
export async function until<T>(look: () => T | Promise<T>, waiting: Waiting<T>): Promise<T> {
  const { deadlineMs, everyMs, isThere, onTimeout, signal } = waiting;
  const deadline = Date.now() + deadlineMs;
  for (let looks = 1; ; looks++) {
    const seen = await look();
    if (isThere(seen)) return seen;
    const left = deadline - Date.now();
    if (left <= 0) {
      if (onTimeout) throw onTimeout(seen);
      return seen;
    }
    const growing = FIRST_PAUSE_MS * 2 ** (looks - 1);
    await pause(
      Math.min(left, typeof everyMs === "number" ? Math.min(everyMs, growing) : everyMs(looks)),
      signal,
    );
  }
}

/** Waits until nothing of a list is left. Fails with "gate", and with `sentence` of what is. */
export function untilNone<T>(
  look: () => Promise<T[]>,
  waiting: Pick<Waiting<T[]>, "deadlineMs" | "everyMs" | "signal">,
  sentence: (left: T[]) => string,
): Promise<T[]> {
  return until(look, {
    ...waiting,
    isThere: (left) => left.length === 0,
    onTimeout: (left) => new KumaError("gate", sentence(left)),
  });
}

/** Waits for some milliseconds; a signal ends that with "cancelled". */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {
    throw new KumaError("cancelled", "The operation was cancelled.");
  });
}

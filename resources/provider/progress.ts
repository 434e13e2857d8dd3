import { say } from "./say";

/** Passes on at most one report in so many milliseconds: thousands of lines help nobody. */
export function throttled(
  report: (done: number, total: number) => void,
  intervalMs = 5_000,
): (done: number, total: number) => void {
  let last = Date.now();
  return (done, total) => {
    if (Date.now() - last < intervalMs) return;
    last = Date.now();
    report(done, total);
  };
}

/** Says every few seconds that something still goes on; nothing where it is quick. */
export async function saying<T>(
  words: (seconds: number) => string,
  work: () => Promise<T>,
  intervalMs = 5_000,
): Promise<T> {
  const began = Date.now();
  const timer = setInterval(() => say(words(Math.round((Date.now() - began) / 1_000))), intervalMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

import { later } from "./cleanUp";

interface CapturedLog {
  /** What was printed so far, line by line. */
  lines: string[];
  restore: () => void;
}

/** Keeps what is printed with `console.log` for the test to look at, until it is restored, or `cleanUp`. */
export function captureLog(): CapturedLog {
  const { log } = console;
  const lines: string[] = [];
  const restore = () => void (console.log = log);
  console.log = (...texts: unknown[]) => void lines.push(...texts.join(" ").split("\n"));
  later(restore);
  return { lines, restore };
}

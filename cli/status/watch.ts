import { endsBySignal } from "../terminal/interruption";
import { print } from "../terminal/print";
import { Redrawn } from "../terminal/redraw";
import { Remark, headlineOf, momentWord, remarksOf } from "./digest";
import { formatStatus } from "./formats/table";
import type { StatusReport } from "./report";

/** Milliseconds between the end of a look and the next one. */
const EVERY_MS = 5_000;

interface Watching {
  look: () => Promise<StatusReport>;
  exitStatus: (report: StatusReport) => number;
  asJson: boolean;
  terminal?: NodeJS.WriteStream;
  everyMs?: number;
}

/**
 * Looks again and again: redrawn in place on a terminal; without one a line for each change, or with JSON a document in each
 * line. Ends by a signal alone, with the exit status of the last look, or as a look fails.
 */
export async function watchStatus(watching: Watching): Promise<never> {
  const { look, exitStatus, asJson, terminal = process.stdout, everyMs = EVERY_MS } = watching;
  const screen = terminal.isTTY && !asJson ? new Redrawn(terminal) : undefined;
  let last: StatusReport | undefined;
  endsBySignal(() => {
    screen?.end();
    return last ? exitStatus(last) : undefined;
  });
  try {
    for (;;) {
      const report = await look();
      if (asJson) print(JSON.stringify(report));
      else if (screen)
        screen.draw(
          `${momentWord(report.time)}, stack ${report.stack} (Ctrl-C ends)\n\n${formatStatus(report)}`,
        );
      else changesBetween(last, report).forEach((line) => print(line));
      last = report;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  } finally {
    screen?.end();
  }
}

/** A line for what is other than before, each with its time; all of it the first time. */
export function changesBetween(before: StatusReport | undefined, now: StatusReport): string[] {
  const [former, current] = [before ? remarksOf(before) : [], remarksOf(now)];
  const isIn = (all: readonly Remark[], { sentence }: Remark) =>
    all.some((each) => each.sentence === sentence);
  const word = ({ level }: Remark) => (level === "problem" ? "Problem" : "Warning");
  const headline = headlineOf(now);
  return [
    ...(before && headlineOf(before) === headline ? [] : [headline]),
    ...current.filter((each) => !isIn(former, each)).map((each) => `${word(each)}: ${each.sentence}`),
    ...former.filter((each) => !isIn(current, each)).map((each) => `Over: ${each.sentence}`),
  ].map((line) => `${momentWord(now.time)}  ${line}`);
}

/** As much of a writable stream as a redrawn line needs; `process.stderr` fits. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** The progress of one long step. */
export interface Progress {
  /** Sets what stands behind the title; shown at the next turn, so it may be called as often as one likes. */
  update(detail: string): void;
  /** Ends the display and clears the redrawn line. Must be called, also after a failure. */
  stop(): void;
}

export interface ProgressOptions {
  readonly log: (line: string) => void;
  readonly terminal?: Terminal;
  /** Milliseconds between two lines where there is no terminal (CI logs). */
  readonly lineEveryMs?: number;
}

const REDRAW_EVERY_MS = 500;

/**
 * Shows `title: detail, 12 s`: on a terminal as one line that is redrawn, elsewhere as a new line every 15
 * seconds, so that a CI job is neither silent nor flooded.
 */
export function startProgress(title: string, options: ProgressOptions): Progress {
  const { log, terminal, lineEveryMs = 15_000 } = options;
  const started = Date.now();
  let detail = "";
  const line = () => `${title}: ${detail ? `${detail}, ` : ""}${Math.round((Date.now() - started) / 1000)} s`;

  if (terminal?.isTTY) {
    // Cut to the width: a line that wraps could not be redrawn.
    const draw = () => terminal.write(`\r\x1b[K${line().slice(0, (terminal.columns ?? 80) - 1)}`);
    const timer = setInterval(draw, REDRAW_EVERY_MS);
    return {
      update: (text) => (detail = text),
      stop: () => {
        clearInterval(timer);
        terminal.write("\r\x1b[K");
      },
    };
  }
  const timer = setInterval(() => log(line()), lineEveryMs);
  return { update: (text) => (detail = text), stop: () => clearInterval(timer) };
}

import * as os from "node:os";
import type { Command } from "../commandLine/commands";
import { OperationFailed } from "./errors";
import { ofStack } from "../commandLine/ofStack";
import { tell } from "./print";
import type { Progress } from "./progress";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type Signal = (typeof SIGNALS)[number];

const WORDS: Record<Signal, string> = {
  SIGINT: "Interrupted (Ctrl-C, SIGINT)",
  SIGTERM: "Told to end (SIGTERM)",
  SIGHUP: "The terminal was closed (SIGHUP)",
};

/** Milliseconds within which a further signal is the same one: it comes to the whole group, and is passed on as well. */
const SAME_WITHIN_MS = 500;

/** The command was told to end, and did so in good order. */
export class Interrupted extends OperationFailed {
  constructor(
    readonly by: Signal,
    message: string,
  ) {
    super(message, 128 + os.constants.signals[by]);
  }
}

/** What is under way. */
interface UnderWay extends Pick<Progress, "soFar"> {
  /** What comes at a first signal, where it is not the engine's end. */
  ending?: string;
}

const ENGINE_ENDS =
  "the engine ends what it is at and begins nothing more, which may take some seconds. A second signal ends it at once";

interface Running {
  progress: UnderWay;
  controller: AbortController;
  by?: Signal;
  since: number;
}

let running: Running | undefined;
let command: Command | undefined;
let stackName = "dev";
let written = "Nothing was changed.";

/** From here on a signal ends the command with one sentence of what was written and what to do. */
export function watchSignals(of: Command, stack: string): void {
  command = of;
  stackName = stack;
  for (const signal of SIGNALS) process.on(signal, () => end(signal));
}

/** Says what a signal would leave behind from now on, as long as no operation of the engine runs. */
export function fromNowOn(sentence: string): void {
  written = sentence;
}

/** Runs an operation, of the engine or another, which a signal has end in good order: it is given the time, until a second one. */
export async function interruptible<T>(
  progress: UnderWay,
  operation: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const mine: Running = { progress, controller: new AbortController(), since: 0 };
  running = mine;
  try {
    const result = await operation(heardLater(mine.controller.signal));
    if (mine.by) throw new Interrupted(mine.by, sentence(mine.by, progress.soFar()));
    return result;
  } catch (error) {
    if (mine.by && !(error instanceof Interrupted))
      throw new Interrupted(mine.by, sentence(mine.by, progress.soFar()));
    throw error;
  } finally {
    running = undefined;
  }
}

/** Pulumi's SDK listens once its engine has begun, and misses what was before (@pulumi/pulumi 3.248, automation/cmd.ts). */
function heardLater(signal: AbortSignal): AbortSignal {
  const listen = signal.addEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: Parameters<AbortSignal["addEventListener"]>[1]) => {
    listen(type, listener);
    if (signal.aborted) setImmediate(() => signal.dispatchEvent(new Event("abort")));
  };
  return signal;
}

function end(signal: Signal): void {
  if (running?.by === undefined) {
    if (!running) return leave(signal, written);
    running.by = signal;
    running.since = Date.now();
    tell(`${WORDS[signal]}: ${running.progress.ending ?? ENGINE_ENDS}.`);
    running.controller.abort();
  } else if (Date.now() - running.since > SAME_WITHIN_MS) leave(signal, running.progress.soFar());
}

/** The engine ends with this process, see toolchain/engineGuard.js. */
function leave(signal: Signal, what: string): void {
  tell(sentence(signal, what));
  process.exit(128 + os.constants.signals[signal]);
}

function sentence(signal: Signal, what: string): string {
  const again = `npm run ${command}${ofStack(stackName)}`;
  const back = `npm run destroy${ofStack(stackName)}`;
  const next =
    command === "up"
      ? `${again} goes on where this one ended, ${back} takes it back.`
      : command === "destroy"
        ? `${again} goes on where this one ended.`
        : command === "drill"
          ? `npm run up${ofStack(stackName)} puts back what a drill has left.`
          : `${again} looks again.`;
  return `${WORDS[signal]}: ${what} Next: ${next}`;
}

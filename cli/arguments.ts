import { parseArgs } from "node:util";
import { UsageError } from "./errors";

export const COMMANDS = ["up", "preview", "preflight", "refresh", "status", "destroy"] as const;
export type Command = (typeof COMMANDS)[number];

export interface Arguments {
  command: Command;
  stack: string;
  output: "table" | "json";
  /** Preview only: every property of every resource. */
  diff: boolean;
  /** Status only: have a policy cross from each side to the other. */
  marker: boolean;
}

export const USAGE = `Usage: npm run <command> -- [--stack NAME]

  up        federates the zones of the stack, and goes on where an earlier run ended;
            exit status 0 done, 1 done and a problem was found, 2 error, 3 something could not be checked
  preview   shows what up would do; writes nothing        [--diff]
  preflight looks for what stands against it; exit status 0 clean, 1 blockers, 2 error, 3 inconclusive
                                                          [--output table|json]
  refresh   tells what was carried and is missing or changed on the global; exit status 0 nothing, 1 something
  status    compares both sides; exit status 0 healthy, 1 unhealthy, 2 error, 3 inconclusive
                                                          [--output table|json] [--marker]
  destroy   takes the zones off the global again and stops what the stack started;
            exit status 0 done, 1 a zone is not what it was before, 2 error

A stack is described by the file Pulumi.NAME.yaml; NAME is "dev" when left out.`;

export function parseArguments(args: readonly string[]): Arguments {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        stack: { type: "string", short: "s", default: "dev" },
        output: { type: "string", short: "o", default: "table" },
        diff: { type: "boolean", default: false },
        marker: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
  const { values, positionals } = parsed;
  if (values.help) throw new UsageError(USAGE);
  const [command, ...rest] = positionals;
  if (!isOneOf(COMMANDS, command) || rest.length > 0) throw new UsageError(USAGE);
  if (!/^[a-zA-Z0-9][-_.a-zA-Z0-9]{0,99}$/.test(values.stack)) {
    throw new UsageError(
      `--stack is ${JSON.stringify(values.stack)}; a stack's name holds letters, digits, dashes, dots and underscores.`,
    );
  }
  if (!isOneOf(["table", "json"] as const, values.output)) {
    throw new UsageError(`--output is ${JSON.stringify(values.output)}; it must be table or json.`);
  }
  return { command, stack: values.stack, output: values.output, diff: values.diff, marker: values.marker };
}

function isOneOf<T extends string>(allowed: readonly T[], value: string | undefined): value is T {
  return allowed.includes(value as T);
}

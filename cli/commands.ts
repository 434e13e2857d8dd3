/** What a command takes. Its usage, and what is refused, follow from it. */
interface Option {
  short?: string;
  /** How its value is called; without one it is a flag. */
  value?: string;
  does: string;
}

export const OPTIONS = {
  stack: { short: "s", value: "NAME", does: 'the stack of the file Pulumi.NAME.yaml (default "dev")' },
  output: { short: "o", value: "table|json", does: "the form of the result (default table)" },
  diff: { does: "every property of every resource, and what will differ in a zone by name" },
  marker: { does: "has a policy that no proxy matches cross from each side to the other, and removes it" },
  yes: { short: "y", does: "does not ask; needed where there is no terminal to ask on" },
  help: { short: "h", does: "shows this" },
} satisfies Record<string, Option>;
export type OptionName = keyof typeof OPTIONS;

interface Declaration {
  does: string;
  options: readonly OptionName[];
  /** The words that it needs beside options, for its usage; most commands need none. */
  takes?: string;
  /** Exit statuses; 2 is an error with each. */
  exit: string;
}

export const COMMANDS = {
  up: {
    does: "federates the zones of the stack, and goes on where an earlier run ended",
    options: [],
    exit: "0 done, 1 a problem was found, 2 error, 3 something could not be checked",
  },
  preview: {
    does: "shows what up would do; writes nothing to a control plane",
    options: ["diff"],
    exit: "0 shown, 2 error, or something stands against it, 3 something could not be looked at",
  },
  preflight: {
    does: "looks for what stands against it; writes nothing to a control plane",
    options: ["output"],
    exit: "0 clean, 1 blockers, 2 error, 3 inconclusive",
  },
  refresh: {
    does: "tells what was carried and is missing or changed on the global",
    options: [],
    exit: "0 nothing, 1 something, 2 error, 3 nothing to compare",
  },
  status: {
    does: "compares both sides, as they are now",
    options: ["output", "marker"],
    exit: "0 healthy, 1 unhealthy, 2 error, 3 something could not be checked",
  },
  destroy: {
    does: "takes the zones off the global again, and ends what the stack started",
    options: ["yes"],
    exit: "0 done, 1 a zone is not what it was before, 2 error",
  },
  secret: {
    does: "puts a secret into the stack's file, encrypted; its value comes from standard input",
    options: [],
    takes: "set NAME",
    exit: "0 set, 2 error",
  },
} satisfies Record<string, Declaration>;
export type Command = keyof typeof COMMANDS;

export function isCommand(word: string | undefined): word is Command {
  return word !== undefined && Object.hasOwn(COMMANDS, word);
}

/** The words that a command needs beside its options. */
export function wordsFor(command: Command): string | undefined {
  const { takes }: Declaration = COMMANDS[command];
  return takes;
}

/** The options that a command takes, those of every command among them. */
export function optionsOf(command: Command): OptionName[] {
  return ["stack", ...COMMANDS[command].options, "help"];
}

function shape(name: OptionName): string {
  const { value }: Option = OPTIONS[name];
  return `--${name}${value === undefined ? "" : ` ${value}`}`;
}

/** `[--stack NAME] [--output table|json]` */
export function optionsInOneLine(command: Command): string {
  const own = optionsOf(command).filter((name) => name !== "help");
  return [...own.map((name) => `[${shape(name)}]`), wordsFor(command)].filter(Boolean).join(" ");
}

export const USAGE = [
  "Usage: npm run <command> -- [options]",
  "",
  ...(Object.keys(COMMANDS) as Command[]).flatMap((command) => [
    `  ${command.padEnd(10)} ${COMMANDS[command].does}`,
    `  ${"".padEnd(10)} ${optionsInOneLine(command)}`,
    `  ${"".padEnd(10)} exit status ${COMMANDS[command].exit}`,
  ]),
  "",
  "A stack is described by the file Pulumi.NAME.yaml; NAME is dev when left out. npm run <command> -- --help tells more.",
  "The two dashes are needed: npm keeps for itself what stands before them.",
].join("\n");

export function usageOf(command: Command): string {
  const { does, exit } = COMMANDS[command];
  const lines = optionsOf(command).map((name) => {
    const { short, does: what }: Option = OPTIONS[name];
    return `  ${short === undefined ? "   " : `-${short},`} ${shape(name).padEnd(22)} ${what}`;
  });
  return [
    `Usage: npm run ${command} -- ${optionsInOneLine(command)}`,
    "",
    `${does[0].toUpperCase()}${does.slice(1)}.`,
    "",
    ...lines,
    "",
    `Exit status: ${exit}.`,
  ].join("\n");
}

import { COMMANDS, Command, OptionName, declarationOf, optionOf, optionsOf } from "./commands";

const NAMES = Object.keys(COMMANDS) as Command[];

function shape(name: OptionName, command: Command): string {
  const { value } = optionOf(name, command);
  return `--${name}${value === undefined ? "" : ` ${value}`}`;
}

/** `[--stack NAME] [--output table|json]` */
export function optionsInOneLine(command: Command): string {
  const own = optionsOf(command).filter((name) => name !== "help");
  return [...own.map((name) => `[${shape(name, command)}]`), declarationOf(command).takes]
    .filter(Boolean)
    .join(" ");
}

function exitsOf(command: Command): string {
  return Object.entries(declarationOf(command).exits)
    .map(([status, meaning]) => `${status} ${meaning}`)
    .join("; ");
}

function sentencesOf(command: Command): string {
  const { does, more } = declarationOf(command);
  return [`${does[0].toUpperCase()}${does.slice(1)}.`, more].filter(Boolean).join(" ");
}

/** Of all commands. */
export const USAGE = [
  "Usage: npm run <command> -- [options]",
  "",
  ...NAMES.flatMap((command) => [
    `  ${command.padEnd(10)} ${COMMANDS[command].does}`,
    `  ${"".padEnd(10)} ${optionsInOneLine(command)}`,
    `  ${"".padEnd(10)} exit status: ${exitsOf(command)}`,
  ]),
  "",
  "A stack is described by the file Pulumi.NAME.yaml; NAME is dev when left out.",
  "npm run <command> -- --help shows more.",
].join("\n");

export function usageOf(command: Command): string {
  const lines = optionsOf(command).map((name) => {
    const { short, does } = optionOf(name);
    return `  ${short === undefined ? "   " : `-${short},`} ${shape(name, command).padEnd(22)} ${does}`;
  });
  return [
    `Usage: npm run ${command} -- ${optionsInOneLine(command)}`,
    "",
    sentencesOf(command),
    "",
    ...lines,
    "",
    `Exit status: ${exitsOf(command)}.`,
  ].join("\n");
}

/** The commands as a list, one item each, for a page of the docs. */
export function commandList(): string[] {
  return NAMES.map((command) => {
    const { takes, page, options } = declarationOf(command);
    const typed = `npm run ${command}${takes === undefined ? "" : ` -- ${takes}`}`;
    const link = page === undefined ? "" : ` ([more](${page}))`;
    const own = (options as OptionName[]).map(
      (name) => `\`${shape(name, command)}\`: ${optionOf(name).does}.`,
    );
    return [
      `- \`${typed}\`: ${sentencesOf(command)}${link}`,
      ...own,
      `Exit status: ${exitsOf(command)}.`,
    ].join(" ");
  });
}

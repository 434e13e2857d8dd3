import { parseArgs } from "node:util";
import { FORGE_NAMES, type ForgeName } from "../comment/forge";
import {
  COMMANDS,
  Command,
  OPTIONS,
  OptionName,
  Output,
  declarationOf,
  isCommand,
  optionOf,
  optionsOf,
  outputsOf,
} from "./commands";
import { USAGE, optionsInOneLine, usageOf } from "./usage";
import { UsageError } from "./usageError";

export interface Arguments {
  command: Command;
  stack: string;
  output: Output;
  /** Comment of a pull request only. */
  forge: ForgeName;
  /** Comment of a pull request only: what was previewed. */
  commit?: string;
  /** Preview only: every property of every resource. */
  diff: boolean;
  /** Status only: have a policy cross from each side to the other. */
  marker: boolean;
  /** Status only: look again and again. */
  watch: boolean;
  /** Destroy only: do not ask. */
  yes: boolean;
  /** Drill only: what is called in the zone, and across zones. */
  probeUrl?: string;
  acrossUrl?: string;
  /** Preview only: where to save a plan. */
  savePlan?: string;
  /** Up only: the plan that it is held to. */
  plan?: string;
  /** What stands beside the options, for the commands that take words. */
  words?: string[];
}

/** What to print where help is asked for; otherwise what to do. Fails where the command line makes no sense. */
export function parseArguments(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Arguments | { help: string } {
  // not strict: its words are not for people ("To specify an option argument starting with a dash use …")
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(OPTIONS).map(([name, option]) => [
        name,
        {
          type: "value" in option ? ("string" as const) : ("boolean" as const),
          ...("short" in option && { short: option.short }),
        },
      ]),
    ),
  });
  const given = tokens.filter((token) => token.kind === "option");
  const [command, ...more] = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  const asksForHelp = given.some(({ name }) => name === "help") || command === "help";
  if (asksForHelp) return { help: isCommand(command) ? usageOf(command) : USAGE };
  if (!isCommand(command))
    throw new UsageError(
      `${command === undefined ? "No command is given" : `There is no command ${JSON.stringify(command)}`}; nothing was done.\n\n${USAGE}`,
    );
  refuseEaten(command, more, env);
  const refuse = (what: string) =>
    new UsageError(`${what} Nothing was done. npm run ${command} takes ${optionsInOneLine(command)}.`);
  const takesWords = declarationOf(command).takes !== undefined;
  if (more.length > 0 && !takesWords) throw refuse(`${JSON.stringify(more[0])} is one argument too many.`);

  const values: Partial<Record<OptionName, string | true>> = {};
  for (const { name, rawName, value, inlineValue } of given) {
    if (!isOption(name)) throw refuse(`There is no option ${rawName}.`);
    if (!optionsOf(command).includes(name)) {
      const others = (Object.keys(COMMANDS) as Command[]).filter((each) => optionsOf(each).includes(name));
      const named = [others.slice(0, -1).join(", "), ...others.slice(-1)].filter(Boolean).join(" and ");
      throw refuse(`${rawName} is an option of ${named} only.`);
    }
    if (values[name] !== undefined) throw refuse(`${rawName} is given twice.`);
    const isFlag = !("value" in OPTIONS[name]);
    if (isFlag && value !== undefined) throw refuse(`${rawName} takes no value.`);
    if (!isFlag && (value === undefined || (!inlineValue && value.startsWith("-"))))
      throw refuse(`${rawName} needs a value.`);
    values[name] = value ?? true;
  }

  const { stack = "dev", output = "table", forge = "github" } = values as Partial<Record<OptionName, string>>;
  if (!/^[a-zA-Z0-9][-_.a-zA-Z0-9]{0,99}$/.test(stack)) {
    throw new UsageError(
      `--stack is ${JSON.stringify(stack)}; a stack's name holds letters, digits, dashes, dots and underscores.`,
    );
  }
  const outputs = outputsOf(command);
  const isOutput = (name: string): name is Output => (outputs as readonly string[]).includes(name);
  if (!isOutput(output)) {
    const named = `${outputs.slice(0, -1).join(", ")} or ${outputs.at(-1)}`;
    throw new UsageError(`--output is ${JSON.stringify(output)}; it must be ${named}.`);
  }
  const isForge = (name: string): name is ForgeName => (FORGE_NAMES as string[]).includes(name);
  if (!isForge(forge))
    throw new UsageError(`--forge is ${JSON.stringify(forge)}; it must be one of ${FORGE_NAMES.join(", ")}.`);
  const [diff, marker, watch, yes] = (["diff", "marker", "watch", "yes"] as const).map(
    (name) => values[name] === true,
  );
  if (watch && output !== "table" && output !== "json")
    throw refuse(`--watch goes with --output table or json, not with ${output}.`);
  if (watch && marker) throw refuse("--watch does not go with --marker, which writes.");
  const [probeUrl, acrossUrl] = (["probe-url", "across-url"] as const).map((name) => {
    const url = values[name];
    if (typeof url === "string" && !/^https?:\/\/[^/]/.test(url))
      throw new UsageError(`--${name} is ${JSON.stringify(url)}; it must begin with http:// or https://.`);
    return url as string | undefined;
  });
  const { plan, commit, "save-plan": savePlan } = values as Partial<Record<OptionName, string>>;
  if (commit !== undefined && !/^[0-9a-f]{7,64}$/.test(commit))
    throw new UsageError(
      `--commit is ${JSON.stringify(commit)}; a commit is 7 to 64 digits and letters from a to f.`,
    );
  return {
    ...{ command, stack, output, forge, diff, marker, watch, yes },
    ...(probeUrl !== undefined && { probeUrl }),
    ...(acrossUrl !== undefined && { acrossUrl }),
    ...(savePlan !== undefined && { savePlan }),
    ...(plan !== undefined && { plan }),
    ...(commit !== undefined && { commit }),
    ...(takesWords && { words: more }),
  };
}

function isOption(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

/** Some have these in their environment for npm's own sake, so that their being there says nothing. */
const OF_NPM_ITSELF: readonly OptionName[] = ["yes", "help"];

/** npm writes the dashes of an option as underscores. */
function eatenAs(name: OptionName): string {
  return `npm_config_${name.replaceAll("-", "_")}`;
}

/**
 * `npm run destroy --stack=other` would take down the stack dev: npm takes options that stand before `--` for its own, and
 * leaves them in the environment (`npm_config_stack`), with the value "true" where it stood behind a space.
 */
function refuseEaten(command: Command, positionals: readonly string[], env: NodeJS.ProcessEnv): void {
  const names = (Object.keys(OPTIONS) as OptionName[]).filter((name) => !OF_NPM_ITSELF.includes(name));
  const eaten = names.filter((name) => env[eatenAs(name)]);
  if (eaten.length === 0) return;
  const values = [...positionals];
  const meant = eaten.map((name) => {
    const { value } = optionOf(name);
    if (value === undefined) return `--${name}`;
    const held = env[eatenAs(name)];
    return `--${name} ${held === "true" ? (values.shift() ?? value) : held}`;
  });
  throw new UsageError(
    `npm has taken ${eaten.map((name) => `--${name}`).join(" and ")} for itself, as it does with what stands before two dashes. ` +
      `Nothing was done. Write: npm run ${command} -- ${meant.join(" ")}`,
  );
}

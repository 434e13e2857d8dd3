/**
 * What each command takes, does and ends with, once. What is refused (`arguments.ts`), the help (`usage.ts`) and the list in the
 * README follow from it; `commands/<name>.ts` is what it does.
 */
interface Option {
  short?: string;
  /** How its value is called; without one it is a flag. */
  value?: string;
  does: string;
}

export const OPTIONS = {
  stack: { short: "s", value: "NAME", does: 'the stack of the file Pulumi.NAME.yaml (default "dev")' },
  output: { short: "o", value: "table|json", does: "the form of the result (default table)" },
  watch: { does: "looks again and again, until Ctrl-C" },
  diff: { does: "shows every property of every resource, and names what will differ in a zone" },
  marker: { does: "sends a policy that matches no proxy from each side to the other, and removes it" },
  yes: { short: "y", does: "does not ask; needed where there is no terminal to ask on" },
  "save-plan": { value: "FILE", does: "saves what it shows as a plan, for up --plan" },
  plan: {
    value: "FILE",
    does: "does what the plan has that preview --save-plan saved, and nothing else, or refuses it",
  },
  forge: { value: "github|gitlab|bitbucket", does: "whose comments it is for (default github)" },
  commit: { value: "SHA", does: "the commit that was previewed, which the comment names" },
  "probe-url": { value: "URL", does: "called all the time: a service in the zone, by a client in the zone" },
  "across-url": { value: "URL", does: "the same of a service that is in another zone alone" },
  help: { short: "h", does: "shows this" },
} satisfies Record<string, Option>;
export type OptionName = keyof typeof OPTIONS;

/** The forms of results; most commands know the first two. */
export const OUTPUTS = ["table", "json", "markdown", "html", "openmetrics"] as const;
export type Output = (typeof OUTPUTS)[number];

interface Declaration {
  /** In one line, for the list of all commands. */
  does: string;
  /** Whole sentences, for the help of the command and for the docs. */
  more?: string;
  /** The page of the docs that tells the rest. */
  page?: string;
  options: readonly OptionName[];
  /** The forms of its result, where it knows others than a table and JSON. */
  outputs?: readonly Output[];
  /** The words that it needs beside options; most commands need none. */
  takes?: string;
  exits: Readonly<Record<number, string>>;
  /** It does without the settings of its stack, or with a copy of them; the others begin with them. */
  withoutSettings?: true;
  /** It is about no stack, or about any number of them. */
  withoutStack?: true;
}

export const COMMANDS = {
  up: {
    does: "federates the zones of the stack",
    more: "It is safe to repeat, and goes on where an earlier run ended.",
    page: "docs/deploy.md",
    options: ["plan"],
    exits: { 0: "done", 1: "done, and a problem was found", 2: "error", 3: "something could not be checked" },
  },
  preview: {
    does: "shows what up would do; writes nothing to a control plane",
    more:
      "Each resource that would be created, changed or is in conflict, by type, mesh and name; secrets as digests. " +
      "Control planes on this machine are left as they are.",
    page: "docs/preflight.md",
    options: ["diff", "output", "save-plan"],
    exits: {
      0: "shown",
      1: "a guardrail that is mandatory is broken",
      2: "error, or something blocks up",
      3: "something could not be read, or guardrails that are mandatory could not be looked at",
    },
  },
  preflight: {
    does: "checks both sides for what would block up; writes nothing to a control plane",
    page: "docs/preflight.md",
    options: ["output"],
    exits: { 0: "clean", 1: "blockers", 2: "error", 3: "inconclusive" },
  },
  "pr-comment": {
    does: "prints what previews have found as a comment of a pull request, in Markdown",
    more:
      "It takes what preview --output json has printed, of one stack or of many, from files or from standard input, and keeps " +
      "to what the forge's comments hold.",
    page: "docs/pull-requests.md",
    options: ["forge", "commit"],
    takes: "[FILE...]",
    exits: { 0: "printed", 2: "error" },
    withoutSettings: true,
    withoutStack: true,
  },
  "drift-issue": {
    does: "prints what refreshes have found as the text of an issue, in Markdown",
    more: "It takes what refresh --output json has printed, of one stack or of many, from files or from standard input.",
    page: "docs/deploy.md",
    options: ["forge"],
    takes: "[FILE...]",
    exits: { 0: "printed", 2: "error" },
    withoutSettings: true,
    withoutStack: true,
  },
  refresh: {
    does: "shows what was carried to the global and is missing or changed there since",
    options: ["output"],
    exits: { 0: "nothing", 1: "something", 2: "error", 3: "there is nothing to compare" },
  },
  status: {
    does: "compares both sides, as they are now, and tells what is wrong first",
    more:
      "Zones, meshes, services over zones, where calls can go, and when certificates and tokens end. html is one page that " +
      "needs no network, openmetrics is for Prometheus; markdown is for an issue or a job's summary.",
    page: "docs/status.md",
    options: ["output", "watch", "marker"],
    outputs: OUTPUTS,
    exits: { 0: "healthy", 1: "unhealthy", 2: "error", 3: "something could not be checked" },
  },
  addresses: {
    does: "shows under which names clients in each zone reach services",
    more: "For one service where its name is given. Each zone is asked, and how many data plane proxies may answer is counted.",
    page: "docs/zones.md",
    options: ["output"],
    takes: "[SERVICE]",
    exits: { 0: "shown", 2: "error", 3: "a zone could not be asked" },
  },
  drill: {
    does: "breaks something of a multi-zone mesh for a while, and shows what Kuma's guide promises beside what is measured",
    more:
      "Only for stacks that say drills: allowed. The zone is the first one of the stack where none is named. What was broken is " +
      "put back in any case; after a kill, by the next drill, up or destroy.",
    page: "docs/drills.md",
    options: ["probe-url", "across-url", "output"],
    takes: "global-down|zone-down|link-down|zones-apart|disable-zone|all [ZONE]",
    exits: {
      0: "every promise was kept",
      1: "one was not kept",
      2: "error",
      3: "something could not be measured",
    },
  },
  destroy: {
    does: "takes the zones off the global again, and removes what the stack started",
    more: "Each zone gets back what it had before. It asks on a terminal.",
    page: "docs/undo.md",
    options: ["yes"],
    exits: { 0: "done", 1: "a zone is not what it was before", 2: "error" },
    withoutSettings: true,
  },
  secret: {
    does: "puts a secret into the stack's file, encrypted; or changes the passphrase",
    more:
      "A token, a kubeconfig or a private key; its value is read from standard input, or asked for on a terminal. rotate encrypts " +
      "the stack's state and file anew with another passphrase.",
    page: "docs/secrets.md",
    options: [],
    takes: "set globalToken|konnectToken|kubeconfig|sshPrivateKey, or rotate passphrase",
    exits: { 0: "set", 2: "error" },
    withoutSettings: true,
  },
} satisfies Record<string, Declaration>;
export type Command = keyof typeof COMMANDS;

export function isCommand(word: string | undefined): word is Command {
  return word !== undefined && Object.hasOwn(COMMANDS, word);
}

export function declarationOf(command: Command): Declaration {
  return COMMANDS[command];
}

export function optionOf(name: OptionName, command?: Command): Option {
  const option: Option = OPTIONS[name];
  return name === "output" && command !== undefined
    ? { ...option, value: outputsOf(command).join("|") }
    : option;
}

/** The forms in which a command tells its result. */
export function outputsOf(command: Command): readonly Output[] {
  return declarationOf(command).outputs ?? ["table", "json"];
}

/** The options that a command takes, those of every command among them. */
export function optionsOf(command: Command): OptionName[] {
  const { withoutStack, options } = declarationOf(command);
  return [...(withoutStack ? [] : (["stack"] as const)), ...options, "help"];
}

import { oneLine, printable } from "../../kuma/printable";

/** Characters of one word of others. */
const LONGEST_WORD = 160;
/** Characters of a line in a block of code; a longer one is continued on the next line. */
const LONGEST_LINE = 92;
/** Begins and ends a block of code. */
export const FENCE = "```";

/**
 * A text of others as code, the one place where no forge looks for markup, HTML, mentions, references or commands. What
 * could end it, or the cell of a table in which it stands, is shown by its escape, so that no forge's rules are needed.
 */
export function code(text: string, longest = LONGEST_WORD): string {
  const visible = withoutTowers(oneLine(text)).replace(/[`|]/g, (found) =>
    found === "|" ? "\\u007c" : "\\u0060",
  );
  return `\`${visible.trim() === "" ? "(empty)" : shortened(visible, longest)}\``;
}

/** A word of nothing but letters, digits and the marks of a sentence. */
const PLAIN = /^[A-Za-z0-9,.;:'()/…-]*$/;
/** Of that: commits, tickets and emoji, and what GitHub takes for an address. */
const LINKED = /[0-9a-f]{7}|\b[A-Z]+-\d|:\w+:|www\.|https?:|\/\//i;

/** What makes a list or a line across of a sentence that begins with it. */
const OPENING = /^(-+|\d+[.)])$/;

/** Of a sentence what it has between backticks itself. */
const OWN_CODE = /(?<![^ (])(`[^`]+`)(?![^ ,.;:)])/;

/** A sentence: each word as it is where it can mean nothing to a forge, and as code otherwise. */
export function words(text: string, longest = 600): string {
  return shortened(oneLine(text).trim(), longest)
    .split(OWN_CODE)
    .map((part, at) => (at % 2 === 1 ? code(part.slice(1, -1), longest) : inWords(part, longest, at === 0)))
    .join("");
}

function inWords(text: string, longest: number, isFirst: boolean): string {
  const runs: { isPlain: boolean; words: string[] }[] = [];
  for (const [at, word] of text.split(" ").entries()) {
    const isPlain = PLAIN.test(word) && !LINKED.test(word) && !(isFirst && at === 0 && OPENING.test(word));
    const last = runs.at(-1);
    if (last?.isPlain === isPlain) last.words.push(word);
    else runs.push({ isPlain, words: [word] });
  }
  return runs
    .map(({ isPlain, words: all }) => (isPlain ? all.join(" ") : code(all.join(" "), longest)))
    .join(" ");
}

/**
 * Lines for a block of code. Long ones are continued, so that nobody has to scroll sideways, each with what marks it as no line of
 * its own. What could end the block is shown by its escape, and none begins with a slash: GitLab looks for commands (`/approve`)
 * with expressions that take other ends of a block than Markdown does (its lib/gitlab/quick_actions/extractor.rb).
 */
export function codeLines(text: string, mark = ""): string[] {
  const visible = withoutTowers(printable(text)).replace(/`{3,}/g, (ticks) => "\\u0060".repeat(ticks.length));
  return visible
    .trimEnd()
    .split("\n")
    .flatMap((line) => continued(line, mark))
    .map((line) => (line.startsWith("/") ? ` ${line}` : line));
}

function continued(line: string, mark: string): string[] {
  const lines: string[] = [];
  const characters = [...line];
  let start = 0;
  while (characters.length - start > LONGEST_LINE) {
    const shown = characters.slice(start, start + LONGEST_LINE);
    const space = shown.lastIndexOf(" ");
    const end = space > LONGEST_LINE / 2 ? space : LONGEST_LINE;
    lines.push(shown.slice(0, end).join(""));
    start += characters[start + end] === " " ? end + 1 : end;
  }
  return [...lines, characters.slice(start).join("")].map((each, at) => (at === 0 ? each : mark + each));
}

/** A label in a diagram: what Mermaid has a meaning for gives way. */
export function label(text: string): string {
  return shortened(oneLine(text).replace(/[^A-Za-z0-9 ._:/+,()-]/g, "?"), 40);
}

export function row(...cells: string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function shortened(text: string, longest: number): string {
  // no character has more than two units, so that of a text without end no more than these are looked at
  const characters = [...text.slice(0, 2 * (longest + 1))];
  return characters.length <= longest ? text : `${characters.slice(0, longest).join("")}…`;
}

/** Marks that are put above and below a letter without end cover the lines around. */
function withoutTowers(text: string): string {
  return text.replace(/(\p{M}{2})\p{M}+/gu, "$1");
}

import type { Occasion } from "./rule";
import { RULES } from "./rules";

const WORDS: Record<Occasion, string> = { joined: "joined", handedOver: "handed over", back: "back" };

/** The rules for people, as a list in Markdown: docs/ledger.md holds it, and a test holds docs/ledger.md to it. */
export function rulesInMarkdown(): string {
  return RULES.map(({ code, occasions, effect, reason, source }) =>
    [
      `### ${code}`,
      "",
      `When: ${occasions.map((each) => WORDS[each]).join(", ")}. What: ${effect}.`,
      "",
      ...wrapped(reason),
      "",
      ...wrapped(`Source: ${source}`),
    ].join("\n"),
  ).join("\n\n");
}

/** Lines of at most 120 characters. */
function wrapped(text: string): string[] {
  const lines = [""];
  // what stands in angle brackets would be taken for HTML
  for (const word of text.replace(/[\w-]*<[\w<>-]+>/g, "`$&`").split(" ")) {
    const last = lines[lines.length - 1];
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= 120) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

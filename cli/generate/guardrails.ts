import { type Rule } from "../../policies/pack/rule";
import { CHAPTERS } from "../../policies/pack/rules";
import { wrapped } from "../../stack/generate/lists";

/** The rules of the policy pack for their page: a heading each, to which what they report leads. */
export function guardrailsChapters(): string {
  return CHAPTERS.map(({ title, rules }) => [`## ${title}`, ...rules.map(ruleText)].join("\n\n")).join(
    "\n\n",
  );
}

function ruleText({ name, holds, why, remedy, config }: Rule): string {
  const settings = Object.entries(config?.schema.properties ?? {}).map(([key, schema]) => {
    const held = (Array.isArray(schema.default) ? schema.default : [schema.default]).map(
      (each) => `\`${each}\``,
    );
    return wrapped(`- setting \`${key}\`: ${schema.description}; default ${held.join(", ")}`, "", "  ");
  });
  return [
    `### ${name}`,
    wrapped(`${holds} ${why}`, ""),
    [wrapped(`- what to do: ${remedy}`, "", "  "), ...settings].join("\n"),
  ].join("\n\n");
}

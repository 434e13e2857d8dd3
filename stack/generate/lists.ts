import * as path from "node:path";
import type * as v from "valibot";
import { GLOBALS, STACK, ZONES } from "../schema/stack";
import { Setting, settingsOf } from "./settings";

const WIDTH = 120;

/** The settings of the stack as a list, for a page of the docs; those of control planes are told by the pages that it leads to. */
export function stackList(page: string): string {
  return settingsOf(STACK)
    .map((each) => {
      const platforms = { global: GLOBALS, zones: ZONES }[each.key] ?? [];
      const inner = platforms.map((section) => item(settingsOf(section).find(isPlatform)!, page, "  "));
      return [item(each, page), ...inner].join("\n");
    })
    .join("\n");
}

/** The settings of a control plane as a list. `only` and `without` are other sections: what they share is told once. */
export function sectionList(
  page: string,
  section: v.GenericSchema,
  { of, without }: { of?: v.GenericSchema; without?: v.GenericSchema } = {},
): string {
  const keys = (other: v.GenericSchema | undefined) => other && settingsOf(other).map(({ key }) => key);
  const [shared, told] = [keys(of), keys(without)];
  return settingsOf(section)
    .filter(({ key }) => (shared?.includes(key) ?? true) && !told?.includes(key))
    .map((each) => item(isPlatform(each) ? { ...each, more: undefined } : each, page))
    .join("\n");
}

const isPlatform = ({ key }: Setting) => key.startsWith("platform: ");

function item({ key, does, isNeeded, choices, otherwise, more }: Setting, page: string, indent = ""): string {
  const words = choices.map((choice) => `\`${choice}\`${choice === otherwise ? " (default)" : ""}`);
  const choice = words.length > 0 ? `${words.join(", ")}: ` : "";
  const ending = words.length === 0 && otherwise !== undefined ? `; default \`${otherwise}\`` : "";
  const link = more === undefined ? "" : ` ([more](${linkTo(more, page)}))`;
  return wrapped(
    `- \`${key}\`${isNeeded ? " (needed)" : ""}: ${choice}${does}${ending}${link}`,
    indent,
    `${indent}  `,
  );
}

function linkTo(target: string, page: string): string {
  const [file, heading] = target.split("#");
  const place = file === page ? "" : path.posix.relative(path.posix.dirname(page), file);
  return heading === undefined ? place : `${place}#${heading}`;
}

/** Text in lines that fit; what stands in backquotes or is a link stays in one line. */
export function wrapped(text: string, first: string, others = first): string {
  const words = text.match(/(?:`[^`]*`|\[[^\]]*\]\([^)]*\)|\S)+/g) ?? [];
  const lines = [first];
  for (const word of words) {
    const line = lines[lines.length - 1];
    const isEmpty = line.trim() === "";
    if (!isEmpty && line.length + 1 + word.length > WIDTH) lines.push(`${others}${word}`);
    else lines[lines.length - 1] = isEmpty ? `${line}${word}` : `${line} ${word}`;
  }
  return lines.join("\n");
}

/** What Pulumi tells of the settings `global` and `zones`, as they stand in Pulumi.yaml. */
export function pulumiDescription(title: string, sections: readonly v.GenericSchema[]): string {
  const told = sections.map((section) => {
    const settings = settingsOf(section).filter(({ key }) => !key.includes("."));
    const [platform] = settings.filter(isPlatform).map(({ key }) => key.replace(":", ""));
    const names = settings
      .filter((each) => !isPlatform(each))
      .map(({ key, choices }) => (choices.length > 0 ? `${key} (${choices.join(", ")})` : key));
    return `${platform}: ${names.join(", ")}.`;
  });
  return ["    description: >-", wrapped([title, ...told].join(" "), "      ")].join("\n");
}

import { oneLine } from "../../../../kuma";

/** HTML that was made here: everything else is escaped where it is put in. */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = Markup | string | number | false | undefined | readonly Part[];

/** Markup with values in it. Each is escaped for text and for attributes in double quotes, but markup itself. */
export function markup(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(
    strings.map((string, at) => (at === 0 ? string : textOf(values[at - 1]) + string)).join(""),
  );
}

function textOf(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (Array.isArray(part)) return part.map(textOf).join("");
  return part === false || part === undefined ? "" : escaped(String(part));
}

const ENTITIES: Record<string, string> = {
  ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;" },
  ...{ '"': "&quot;", "'": "&#39;", "`": "&#96;" },
};

/** What nobody sees, or what turns the order of a line, is shown by its escape. */
function escaped(text: string): string {
  return oneLine(text).replace(/[&<>"'`]/g, (found) => ENTITIES[found]);
}

/** A name in one word, such as that of a type: it breaks before its capitals where it has to. */
export function breakable(name: string): Markup {
  return new Markup(
    name
      .split(/(?<=[a-z])(?=[A-Z])/)
      .map(escaped)
      .join("<wbr>"),
  );
}

/** Text in a picture, which does not break lines: the beginning of a long one, its whole as the title of what it names. */
export function clipped(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}

/**
 * A table that scrolls by itself where it is wider than the page, also by keys. One of kind `stack` becomes a list on a
 * telephone; its roles say then what it still is.
 */
export function table(
  label: string,
  header: readonly Part[],
  rows: readonly (readonly Part[])[],
  kind = "",
): Markup {
  const named = (at: number) => {
    const name = header[at + 1];
    return typeof name === "string" ? name : "";
  };
  return markup`<div class="scroll" role="region" aria-label="${label}" tabindex="0">
    <table class="${kind}" role="table">
      <thead role="rowgroup">
        <tr role="row">
          ${header.map((cell) => markup`<th scope="col" role="columnheader">${cell}</th>`)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map(
          ([first, ...cells]) =>
            markup`<tr role="row">
              <th scope="row" role="rowheader">${first}</th>
              ${cells.map((cell, at) => markup`<td role="cell" data-label="${named(at)}"><span>${cell}</span></td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

export type Tone = "good" | "bad" | "warn" | "none";

/** A word with its colour and, for who sees no colours, its sign. */
export function badge(tone: Tone, word: string): Markup {
  return markup`<span class="badge ${tone}"><span aria-hidden="true">${SIGNS[tone]}</span> ${word}</span>`;
}

export const SIGNS: Record<Tone, string> = { good: "✓", bad: "✕", warn: "!", none: "–" };

export function section(id: string, title: string, body: Markup): Markup {
  return markup`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${body}
  </section>`;
}

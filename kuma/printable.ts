/**
 * Characters that a terminal obeys, that change the order of what is read, or that nobody sees: controls, formats (bidi,
 * zero width), separators of lines and paragraphs, lone surrogates and whatever Unicode calls ignorable.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** What the Pulumi engine takes for a colour. */
const COLOUR = /<\{%/g;

/** A text of others, for a place within a line: what would end the line or command the terminal is escaped. */
export function oneLine(text: string): string {
  return text.replace(UNPRINTABLE, escaped).replace(COLOUR, "<\\u007b%");
}

/** A text of others that can stand within a line as it is. */
export function isWord(value: unknown): value is string {
  return typeof value === "string" && oneLine(value) === value;
}

/**
 * Any text, right before it is printed: as `oneLine`, but lines and tabs stay. The escapes are those of JSON, so that a
 * JSON document says the same afterwards.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (found) => (found === "\n" || found === "\t" ? found : escaped(found)));
}

function escaped(found: string): string {
  const units = Array.from({ length: found.length }, (_, index) => found.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

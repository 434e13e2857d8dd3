/** The most that is shown of the log of a control plane. */
const MOST_LINES = 5;
const MOST_CHARACTERS = 400;

/** Lines that tell of an error, the last of each kind, as short as a message can hold them. */
export function errorsOf(log: string): string[] {
  const kinds = new Map<string, string>();
  for (const line of log.split("\n")) {
    if (!/\bERROR\b|^Error: /.test(line)) continue;
    const text = line
      .replace(/^\d\S*\s+/, "")
      .replaceAll(/\s+/g, " ")
      .replace(/\s+at .*$/, "");
    const kind = text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, "");
    kinds.delete(kind);
    kinds.set(kind, text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text);
  }
  return [...kinds.values()].slice(-MOST_LINES);
}

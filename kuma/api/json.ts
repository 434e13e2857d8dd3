/** Nothing that Kuma or Kubernetes gives is nested deeper; protobuf's own limit is 100. */
const DEEPEST = 100;

/**
 * What a text holds; undefined where it is no JSON, or nested so deeply that whoever walks through it would run out of
 * stack. The nesting is counted before anything is built.
 */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        at = endOfString(text, at);
        break;
      case "[":
      case "{":
        if (++depth > DEEPEST) return true;
        break;
      case "]":
      case "}":
        depth--;
    }
  }
  return false;
}

/** Where the string that begins at `start` ends. A quote within it has an odd number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let at = start; ;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return text.length;
    let backslashes = 0;
    while (text[at - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}

/** The value where it is an object, and neither a list nor null. */
export function objectIn(value: unknown): Record<string, unknown> | undefined {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** The objects of a list; what is no list has none. */
export function objectsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(objectIn).filter((each) => each !== undefined) : [];
}

/** What lies below the fields one after the other; undefined where one is missing. */
export function valueAt(value: unknown, ...fields: string[]): unknown {
  return fields.reduce<unknown>((inner, field) => {
    const object = objectIn(inner);
    return object && Object.hasOwn(object, field) ? object[field] : undefined;
  }, value);
}

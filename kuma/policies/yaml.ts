import * as yaml from "js-yaml";

/** Why a text cannot be read. Quotes nothing of the text, which may hold a secret. */
export class Unreadable extends Error {
  constructor(
    readonly reason: string,
    /** From 1 on, where it is known. */
    readonly line?: number,
    /** From 1 on, where it is known. */
    readonly document?: number,
  ) {
    super(reason);
  }
}

/**
 * The documents of a file as `kumactl apply` sends them: read as YAML 1.1, of which JSON is a part, and turned into JSON
 * (Kuma v2.14.3 uses sigs.k8s.io/yaml v1.6.0 on go.yaml.in/yaml/v2). So `yes` is true, `0777` is 511, and a date is the
 * text that stands there. Where kumactl takes one of two values without a word, or loses digits, this fails.
 *
 * @returns null for a document without content
 * @throws Unreadable
 */
export function readYaml(bytes: Uint8Array): unknown[] {
  const text = decoded(bytes);
  let documents: unknown[];
  try {
    documents = yaml.loadAll(text, undefined, { schema: SCHEMA });
  } catch (error) {
    if (!(error instanceof yaml.YAMLException)) throw error;
    const { line = 0, position = 0 } = error.mark ?? {};
    throw new Unreadable(reasonOf(error), line + 1, documentAt(text, position));
  }
  return documents.map((document, at) => {
    try {
      return jsonOf(document, { values: 0 });
    } catch (error) {
      throw error instanceof Unreadable ? new Unreadable(error.reason, undefined, at + 1) : error;
    }
  });
}

function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new Unreadable(`it is not ${encoding.toUpperCase()} throughout`);
  }
}

/** The number of the document that a place is in. */
function documentAt(text: string, position: number): number {
  const [first, ...others] = text.slice(0, position).split(/^---(?=\s|$)/m);
  const isEmpty = first.replace(/#.*/g, "").trim() === "";
  return others.length + (isEmpty && others.length > 0 ? 0 : 1);
}

function reasonOf({ reason }: yaml.YAMLException): string {
  return reason === "end of the stream or a document separator is expected"
    ? "something follows the document; documents are separated by a line ---"
    : reason;
}

/** Keys that are none, as they come from js-yaml, which cannot tell where they stand. */
const NULL_KEY = "\0null";
const NUMBER_KEY = "\0number";
const NO_KEYS: Record<string, string> = {
  [NULL_KEY]: "a key is null",
  [NUMBER_KEY]: "a key is a number with a fraction; put it in quotes",
  "[object Object]": "a key is a map",
};

/** What stands without quotes. As a key it is the text that its value has in JSON. */
class Plain {
  constructor(readonly text: string) {}

  /** js-yaml asks only what is no plain object for its text. */
  get [Symbol.toStringTag](): string {
    return "Plain";
  }

  toString(): string {
    const integer = integerOf(this.text);
    if (integer !== undefined) return String(integer);
    if (NULL.test(this.text)) return NULL_KEY;
    // Go writes other ones in another way than this language does
    const isPlainNumber = /^\d{1,3}\.\d{0,3}$/.test(this.text);
    if (NOT_FINITE.test(this.text) || (isNumber(this.text) && !isPlainNumber)) return NUMBER_KEY;
    const value = valueOf(this.text);
    return String(value);
  }
}

const BOOLEANS = new Map(
  Object.entries({ true: ["y", "yes", "true", "on"], false: ["n", "no", "false", "off"] }).flatMap(
    ([value, words]) =>
      words.flatMap((word) =>
        [word, word[0].toUpperCase() + word.slice(1), word.toUpperCase()].map(
          (form) => [form, value === "true"] as const,
        ),
      ),
  ),
);
const NULL = /^(~|null|Null|NULL|)$/;
const NOT_FINITE = /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;
const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

/** As go.yaml.in/yaml/v2 v2.4.4 has it (resolve.go). A timestamp stays a text there, too. */
function valueOf(text: string): string | number | boolean | null {
  if (NULL.test(text)) return null;
  if (NOT_FINITE.test(text)) throw new Unreadable("JSON has no number for .inf and .nan");
  const integer = integerOf(text);
  if (integer !== undefined) {
    if (Number.isSafeInteger(Number(integer))) return Number(integer);
    // a number of the control plane's API keeps 53 bits
    throw new Unreadable("a whole number is too large to be kept exactly; put it in quotes if it is a text");
  }
  const digits = digitsOf(text);
  if (FLOAT.test(digits) && Number.isFinite(Number(digits))) return Number(digits);
  return BOOLEANS.get(text) ?? text;
}

function digitsOf(text: string): string {
  return /^[-+.\d]/.test(text) ? text.replaceAll("_", "") : text;
}

function integerOf(text: string): bigint | undefined {
  const [, sign, amount] = INTEGER.exec(digitsOf(text)) ?? [];
  if (amount === undefined) return undefined;
  const value = BigInt(/^0[0-7]/.test(amount) ? `0o${amount}` : amount);
  // what has more than 64 bits is a text, unless it is written in the usual ten digits
  if (/^0./.test(amount) && value >= 2n ** 64n) return undefined;
  return sign === "-" ? -value : value;
}

function taggedScalar(name: string, accepts: (text: string) => boolean): yaml.Type {
  return new yaml.Type(`tag:yaml.org,2002:${name}`, {
    kind: "scalar",
    resolve: (text: string | null) => accepts(text ?? ""),
    construct: (text: string | null) => new Plain(text ?? ""),
  });
}

const isNumber = (text: string) => typeof valueOf(text) === "number";
const isInteger = (text: string) => integerOf(text) !== undefined;

/** A tag that YAML does not know changes nothing. */
const otherTags = (["scalar", "sequence", "mapping"] as const).map(
  (kind) => new yaml.Type("", { kind, multi: true, construct: (data: unknown) => data }),
);

/** For `<<`; its declaration is not among those of @types/js-yaml 4.0.9. */
const { merge } = (yaml as unknown as { types: Record<string, yaml.Type> }).types;

/** For settings: as in YAML 1.2, where a date is a text, and `<<` as everybody has it. */
export const WITHOUT_DATES = yaml.CORE_SCHEMA.extend({ implicit: [merge] });

const SCHEMA = yaml.FAILSAFE_SCHEMA.extend({
  implicit: [
    merge,
    new yaml.Type("tag:kuma.io,2020:plain", {
      kind: "scalar",
      construct: (text: string | null) => new Plain(text ?? ""),
    }),
  ],
  explicit: [
    taggedScalar("null", (text) => NULL.test(text)),
    taggedScalar("bool", (text) => BOOLEANS.has(text)),
    taggedScalar("int", isInteger),
    taggedScalar("float", isNumber),
    new yaml.Type("tag:yaml.org,2002:binary", {
      kind: "scalar",
      resolve: (text: string | null) => /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text ?? ""),
      construct: (text: string | null) => Buffer.from(text ?? "", "base64").toString(),
    }),
    ...otherTags,
  ],
});

/** Nothing that Kuma gives or takes is nested deeper, see `parseJson`; an alias of itself is without end. */
const DEEPEST = 100;
/** An alias can stand for much, and aliases of aliases for more than any memory holds. */
const MOST_VALUES = 1_000_000;

function jsonOf(value: unknown, seen: { values: number }, depth = 0): unknown {
  if (depth > DEEPEST) throw new Unreadable(`it is nested more than ${DEEPEST} levels deep`);
  if (++seen.values > MOST_VALUES) throw new Unreadable(`it stands for more than ${MOST_VALUES} values`);
  if (value instanceof Plain) return valueOf(value.text);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((each) => jsonOf(each, seen, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (Object.hasOwn(NO_KEYS, key)) throw new Unreadable(NO_KEYS[key]);
      return [key, jsonOf(inner, seen, depth + 1)];
    }),
  );
}

import * as v from "valibot";
import { PORT_BASES } from "../../components/arguments/limits";
import { isPrivate } from "../../kuma/api/http/tls";

/*
 * What settings are made of. The message of each says what the setting must be ("a text"), from which a sentence is made
 * that names the setting and what it holds. A message that ends with a full stop is a sentence of its own; `{key}` stands
 * in it for the setting, and `{parent}` for the object that it belongs to. See `faultsOf`.
 */

/** What a setting does, for editors and the docs; `more` is the page and heading that tell the rest. */
export function setting<const S extends v.GenericSchema>(does: string, schema: S, more?: string) {
  return v.pipe(schema, v.description(does), v.metadata(more === undefined ? {} : { more }));
}

/** One that may be left out, or be empty. */
export function optional<const S extends v.GenericSchema>(schema: S) {
  return v.nullish(schema, () => undefined);
}

/** One that has a value where it is left out. */
export function otherwise<const S extends v.GenericSchema, const D extends v.InferInput<S>>(
  value: D,
  schema: S,
) {
  return v.nullish(schema, value as v.InferInput<S>);
}

export function text() {
  return v.pipe(v.string("a text"), v.nonEmpty("a text"));
}

export function integer(least: number, most: number) {
  const range = `a whole number from ${least} to ${most}`;
  return v.pipe(v.number(range), v.integer(range), v.minValue(least, range), v.maxValue(most, range));
}

export function flag() {
  return v.boolean("true or false");
}

/** One of a few words. `formerly` are spellings that are no longer taken, with what is written now. */
export function choice<const T extends string>(
  options: readonly T[],
  formerly: Readonly<Record<string, T>> = {},
) {
  const phrase = options.length === 1 ? options[0] : `one of ${options.join(", ")}`;
  return v.picklist(options, ({ input }) =>
    typeof input === "string" && Object.hasOwn(formerly, input)
      ? `The setting {key} is ${JSON.stringify(input)}, which is written ${formerly[input]} now.`
      : phrase,
  );
}

export function hostName() {
  return v.pipe(
    text(),
    v.regex(
      /^[a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?$/,
      "a host name or an IPv4 address, without scheme and port",
    ),
  );
}

/** For what a token is sent to: in clear only to this machine. `why` is what makes it so. */
export function secureUrl(why: string) {
  return v.pipe(
    text(),
    v.regex(/^https?:\/\/[^/@]+(\/[^@]*)?$/, "a URL such as http://localhost:5681, without credentials"),
    v.check((url) => URL.canParse(url) && isPrivate(new URL(url)), `an https address: ${why}`),
  );
}

export function kdsAddress() {
  return v.pipe(
    text(),
    v.regex(/^grpcs:\/\/[^/]+:\d+$/, "an address such as grpcs://global.example.com:5685"),
  );
}

/** The API of a process listens at this + 81, KDS at this + 85 and so on; 5600 gives Kuma's own ports. */
export function portBase() {
  return integer(...PORT_BASES);
}

/** An object of any content, such as Helm values. It is not shown: it may hold secrets. */
export function anyObject<T = unknown>() {
  return v.pipe(
    v.custom<Record<string, T>>(isObject, "The setting {key} is no object, as it must be."),
    v.metadata({ type: "object" }),
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/**
 * An object with these settings and no other. `renamed` are names that are no longer taken, with what is written now: they
 * are told of with one sentence each.
 */
export function object<const E extends v.ObjectEntries>(
  entries: E,
  renamed: Readonly<Record<string, string>> = {},
) {
  return v.strictObject(entries, (issue) => messageOf(entries, renamed, issue));
}

function messageOf(
  entries: v.ObjectEntries,
  renamed: Readonly<Record<string, string>>,
  { path, expected }: v.StrictObjectIssue,
): string {
  const [at] = path ?? [];
  if (at === undefined) return "an object";
  if (expected !== "never") return whatItMustBe(entries[String(at.key)]);
  // Valibot tells of the first one only
  const others = Object.keys(at.input as object).filter((name) => !Object.hasOwn(entries, name));
  const unknown = others.filter((name) => !Object.hasOwn(renamed, name));
  const sentences = others
    .filter((name) => Object.hasOwn(renamed, name))
    .map((name) => `The setting {parent}.${name} is called ${renamed[name]} now.`);
  if (unknown.length > 0) {
    const names = unknown.map((name) => `{parent}.${name}`).join(", ");
    const subject = unknown.length === 1 ? `The setting ${names} is` : `The settings ${names} are`;
    sentences.push(`${subject} not known here; allowed are ${Object.keys(entries).join(", ")}.`);
  }
  return sentences.join(" ");
}

/** What a setting says of itself where it is missing. */
export function whatItMustBe(schema: v.GenericSchema): string {
  return v.safeParse(schema, undefined).issues?.[0].message ?? "given";
}

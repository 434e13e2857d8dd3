import type * as v from "valibot";
import { getDescription, getMetadata } from "valibot";

/** What the docs tell of a setting, taken from its schema. */
export interface Setting {
  /** Within its section, such as `kds.type`. */
  key: string;
  does: string;
  isNeeded: boolean;
  /** The words that it may be. */
  choices: readonly string[];
  /** What it is where it is left out, if that is a word, a number or a flag. */
  otherwise?: string;
  /** The page and heading that tell the rest, from the root of the repository. */
  more?: string;
}

/** The parts of Valibot's schemas that are looked at here. */
interface Schema extends v.GenericSchema {
  entries?: Record<string, Schema>;
  wrapped?: Schema;
  options?: readonly (Schema | string)[];
  literal?: unknown;
  default?: unknown;
}

/** The settings of a section in the order in which they are declared, those of its parts among them. */
export function settingsOf(section: v.GenericSchema, prefix = ""): Setting[] {
  const { entries = {} } = section as Schema;
  return Object.entries(entries).flatMap(([name, schema]) => {
    const own = settingOf(`${prefix}${name}`, schema);
    const parts = partsOf(schema).flatMap((part) => settingsOf(part, `${prefix}${name}.`));
    return [own, ...parts];
  });
}

function settingOf(key: string, schema: Schema): Setting {
  const { more } = getMetadata(schema) as { more?: string };
  const held = schema.default;
  const isShown = ["string", "number", "boolean"].includes(typeof held);
  const { literal } = schema;
  return {
    key: literal === undefined ? key : `${key}: ${String(literal)}`,
    does: getDescription(schema) ?? "",
    isNeeded: literal === undefined && !["nullish", "optional"].includes(schema.type),
    choices: choicesOf(schema),
    ...(isShown && { otherwise: String(held) }),
    ...(more !== undefined && { more }),
  };
}

function choicesOf(schema: Schema): readonly string[] {
  const { type, wrapped, options = [] } = schema;
  if (wrapped) return choicesOf(wrapped);
  if (type === "picklist") return options as readonly string[];
  return type === "union" ? (options as readonly Schema[]).flatMap(choicesOf) : [];
}

/** The objects that a setting is or may be; those of a list of control planes are sections of their own. */
function partsOf(schema: Schema): Schema[] {
  const { type, wrapped, options = [], entries } = schema;
  if (wrapped) return partsOf(wrapped);
  if (entries) return [schema];
  return type === "union" ? (options as readonly Schema[]).flatMap(partsOf) : [];
}

import * as fs from "node:fs";
import * as path from "node:path";
import { PACKAGE_ROOT } from "../toolchain/packageRoot";

/** Of every component: its arguments and outputs, as `npm run generate` has taken them from the types. */
export const SCHEMA_FILE = path.join(PACKAGE_ROOT, "components", "schema.json");

/** What a value may be: of a simple type, or one of those that the schema names. */
export interface ValueSchema {
  type?: "string" | "number" | "boolean" | "array" | "object";
  $ref?: string;
  items?: ValueSchema;
  additionalProperties?: ValueSchema;
}

export type PropertySchema = ValueSchema & { optional?: boolean };

/** A type of the package: an object, or one of some values. */
export interface NamedType {
  properties?: Record<string, PropertySchema>;
  enum?: readonly { value: string }[];
}

export interface PackageSchema {
  version: string;
  resources: Record<
    string,
    { inputProperties: Record<string, PropertySchema>; properties: Record<string, PropertySchema> }
  >;
  types: Record<string, NamedType>;
}

let read: { text: string; schema: PackageSchema } | undefined;

/** The text of the schema, and what it says. */
export function packageSchema(): { text: string; schema: PackageSchema } {
  if (!read) {
    const text = fs.readFileSync(SCHEMA_FILE, "utf8");
    read = { text, schema: JSON.parse(text) as PackageSchema };
  }
  return read;
}

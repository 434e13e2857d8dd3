import * as pulumi from "@pulumi/pulumi";
import { enumerated } from "../../kuma/lists";
import { isWhole } from "./onceKnown";
import { type PropertySchema, type ValueSchema, packageSchema } from "../schema";

/**
 * The arguments of a component, or an error that names all that is wrong with them. The compiler sees that only in a program
 * in TypeScript, and not in one whose values come from a file. What is an output is left to whoever knows it.
 */
export function checked<Args extends object>(args: Args, component: pulumi.Resource): Args {
  const { inputProperties } = packageSchema().schema.resources[typeOf(component)];
  const faults = [...fieldFaults(args ?? {}, inputProperties, "")];
  if (faults.length > 0) throw new pulumi.ResourceError(faults.join(" "), component);
  return args ?? ({} as Args);
}

function* fieldFaults(
  value: object,
  properties: Record<string, PropertySchema>,
  before: string,
): Iterable<string> {
  for (const [name, property] of Object.entries(properties)) {
    const given = (value as Record<string, unknown>)[name];
    if (given !== undefined) yield* valueFaults(given, property, `${before}${name}`);
    else if (!property.optional) yield `[${before}${name}] must be given.`;
  }
  for (const [name, given] of Object.entries(value))
    if (given !== undefined && !Object.hasOwn(properties, name))
      yield `[${before}${name}] is no argument; there are ${enumerated(Object.keys(properties))}.`;
}

function* valueFaults(value: unknown, expected: ValueSchema, name: string): Iterable<string> {
  if (isWhole(value)) return;
  if (pulumi.Resource.isInstance(value)) {
    const output = outputOfType(value, expected);
    yield `[${name}] is a component${output ? `, and has to be its output [${output}]` : ""}.`;
    return;
  }
  if (expected.$ref !== undefined) {
    const named = packageSchema().schema.types[expected.$ref.replace(/^#\/types\//, "")];
    if (named?.enum) {
      const values = named.enum.map((each) => each.value);
      if (!values.includes(value as string)) yield `[${name}] must be one of ${enumerated(values)}.`;
    } else if (named?.properties) {
      if (isObject(value)) yield* fieldFaults(value, named.properties, `${name}.`);
      else yield `[${name}] must be an object.`;
    }
  } else if (expected.type === "array") {
    if (!Array.isArray(value)) yield `[${name}] must be a list.`;
    else
      for (const [at, each] of value.entries())
        yield* valueFaults(each, expected.items ?? {}, `${name}[${at}]`);
  } else if (expected.type === "object") {
    if (!isObject(value)) yield `[${name}] must be an object.`;
    else
      for (const [key, each] of Object.entries(value))
        if (each !== undefined)
          yield* valueFaults(each, expected.additionalProperties ?? {}, `${name}.${key}`);
  } else if (expected.type !== undefined && (typeof value !== expected.type || Number.isNaN(value)))
    yield `[${name}] must be a ${expected.type}.`;
}

/** The output that was meant by somebody who gave the component itself. */
function outputOfType(component: pulumi.Resource, { $ref }: ValueSchema): string | undefined {
  const outputs = packageSchema().schema.resources[typeOf(component)]?.properties ?? {};
  return Object.keys(outputs).find((name) => $ref !== undefined && outputs[name].$ref === $ref);
}

function typeOf(resource: pulumi.Resource): string {
  return (resource as unknown as { __pulumiType: string }).__pulumiType;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

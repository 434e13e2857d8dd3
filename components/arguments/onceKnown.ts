import * as pulumi from "@pulumi/pulumi";

/**
 * Builds what depends on which fields of an argument are there. In a program in TypeScript that can be seen at once; a
 * program in another language may hand over an output, of which it is known later. `build` gets the argument with each
 * field as an input of its own, and as it is for fields that are always given in plain. What it returns is one output then,
 * whose fields can be used as those of the object, one by one: spread, it would be spread as an output.
 */
export function onceKnown<T extends object, R>(value: pulumi.Input<T>, build: (value: T, known: T) => R): R {
  if (!isWhole(value)) return build(value, value);
  const whole = pulumi.output(value) as pulumi.Output<unknown>;
  return whole.apply((known) => build(lifted(whole, known) as T, known as T)) as unknown as R;
}

/** Whether a value comes as one output, which tells nothing of its parts before it is there. */
export function isWhole<T>(value: pulumi.Input<T>): value is pulumi.OutputInstance<T> | Promise<T> {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

/** The fields of a known value, each as an output that keeps what the whole depends on and whether it is a secret. */
function lifted(whole: pulumi.Output<unknown>, known: unknown): unknown {
  if (isSealed(known)) return pulumi.secret(whole.apply(opened));
  if (Array.isArray(known)) return known.map((each, at) => lifted(fieldOf(whole, at), each));
  if (known === null || typeof known !== "object") return whole;
  const fields = Object.entries(known).filter(([, each]) => each !== undefined);
  return Object.fromEntries(fields.map(([name, each]) => [name, lifted(fieldOf(whole, name), each)]));
}

function fieldOf(whole: pulumi.Output<unknown>, name: string | number): pulumi.Output<unknown> {
  return whole.apply((value) => (value as Record<string | number, unknown>)[name]);
}

/** A secret within a value that another process has sent (Pulumi 3.248, sdk/nodejs/runtime/rpc.ts, `specialSigKey`). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

function isSealed(value: unknown): value is { value: unknown } {
  return (
    typeof value === "object" && value !== null && (value as Record<string, unknown>)[SIGNATURE] === SECRET
  );
}

/** The same with each secret in the place of its envelope. */
function opened(value: unknown): unknown {
  if (isSealed(value)) return opened(value.value);
  if (Array.isArray(value)) return value.map(opened);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, opened(each)]));
}

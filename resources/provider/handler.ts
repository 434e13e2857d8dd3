import * as pulumi from "@pulumi/pulumi";

/** Properties of a resource, as they cross to the provider's process. */
export type Properties = Record<string, unknown>;

/**
 * What `<resource>.handler.ts` exports. `I` are a resource's inputs, `C` these once they were checked, `O` its outputs.
 */
export interface Handler<I, O, C = I> {
  /** Runs in previews too, and may read. Throws a `KumaError` for what the user has to mend. */
  check?(olds: Partial<C>, news: I): Promise<C>;
  /** Whether there is anything to do. Runs in previews too, and may read. */
  diff(id: string, olds: O, news: C): Promise<pulumi.dynamic.DiffResult>;
  create(inputs: C): Promise<{ id: string; outs: O }>;
  update(id: string, olds: O, news: C): Promise<O>;
  delete(id: string, props: O): Promise<void>;
  /**
   * What a refresh finds, as outputs; without it, what is in the state is taken for right. Throws where it cannot look:
   * an answer without properties would make Pulumi forget the resource.
   */
  read?(id: string, props: O): Promise<{ props: O; inputs: C }>;
}

/** Stands for a value that is not known yet (@pulumi/pulumi, runtime/rpc.ts, unknownValue). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isKnown(value: unknown): boolean {
  return value !== UNKNOWN;
}

/** Inputs that say how a control plane is reached. Their parts count one by one: a new token is no other control plane. */
type Side = "zone" | "global";

/** How an input that has changed is named: by itself, or as one part of how a control plane is reached. */
export type ChangedInput<I> =
  | Exclude<keyof I, Side>
  | { [K in keyof I & Side]: `${K}.${keyof NonNullable<I[K]> & string}` }[keyof I & Side];

/** Each property, those of a side one by one under names such as `zone.url`. */
export function mapProperties(
  properties: Properties,
  map: (name: string, value: unknown) => unknown,
): Properties {
  const isSide = (name: string, value: unknown): value is Properties =>
    (name === "zone" || name === "global") && typeof value === "object" && value !== null;
  const mapped = (values: Properties, path: string): Properties =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        path === "" && isSide(name, value) ? mapped(value, `${name}.`) : map(path + name, value),
      ]),
    );
  return mapped(properties, "");
}

/** Each property by its name, those of a side as `zone.url`. */
export function valuesIn(properties: object): Map<string, unknown> {
  const values = new Map<string, unknown>();
  mapProperties(properties as Properties, (name, value) => values.set(name, value));
  return values;
}

/**
 * Names of the inputs that differ from those of the last time. What was there and is left out now can be told of the parts of
 * a side only: beside them the outputs of a resource are among its properties.
 */
export function changedInputs<I extends object>(olds: Partial<I>, news: I): ChangedInput<I>[] {
  const [before, now] = [valuesIn(olds), valuesIn(news)];
  const sides = new Set([...now.keys()].filter((name) => name.includes(".")).map(sideOf));
  const left = [...before.keys()].filter((name) => name.includes(".") && sides.has(sideOf(name)));
  const isSame = (name: string) =>
    name === "__provider" || JSON.stringify(before.get(name)) === JSON.stringify(now.get(name));
  return [...new Set([...now.keys(), ...left])].filter((name) => !isSame(name)) as ChangedInput<I>[];
}

function sideOf(name: string): string {
  return name.slice(0, name.indexOf("."));
}

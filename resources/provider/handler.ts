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

/** Names of the inputs that differ from those of the last time. */
export function changedInputs<I extends object>(olds: Partial<I>, news: I): (keyof I)[] {
  const inputs = Object.keys(news).filter((name) => name !== "__provider") as (keyof I)[];
  return inputs.filter((name) => JSON.stringify(olds[name]) !== JSON.stringify(news[name]));
}

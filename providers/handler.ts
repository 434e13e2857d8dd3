import * as pulumi from "@pulumi/pulumi";

/** Properties of a resource, as they cross to the provider's process. */
export type Properties = Record<string, unknown>;

/** What a module in `handlers/` exports. `I` are a resource's inputs, `O` its outputs. */
export interface Handler<I, O> {
  /** Runs in previews too, and may read. Throws a `KumaError` for what the user has to mend. */
  check?(olds: Partial<I>, news: I): Promise<I>;
  /** Whether there is anything to do. Runs in previews too, and may read. */
  diff(id: string, olds: O, news: I): Promise<pulumi.dynamic.DiffResult>;
  create(inputs: I): Promise<{ id: string; outs: O }>;
  update(id: string, olds: O, news: I): Promise<O>;
  delete(id: string, props: O): Promise<void>;
  /**
   * What a refresh finds, as outputs; without it, what is in the state is taken for right. Throws where it cannot look:
   * an answer without properties would make Pulumi forget the resource.
   */
  read?(id: string, props: O): Promise<{ props: O; inputs: I }>;
}

/** Stands for a value that is not known yet (@pulumi/pulumi, runtime/rpc.ts, unknownValue). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isKnown(value: unknown): boolean {
  return value !== UNKNOWN;
}

/**
 * A dynamic provider that does its work in `providers/handlers/<name>.ts`.
 *
 * Pulumi serialises a dynamic provider's code into the state and runs that copy for `delete` and `read`. So the
 * provider holds nothing but the loading of a module: its text never changes, the state stays small, and what runs is
 * always today's code.
 */
export function handledBy(name: string): pulumi.dynamic.ResourceProvider {
  // the provider's process runs in the directory of the program
  const load = () => {
    require(`${process.cwd()}/toolchain/typescript.js`);
    return require(`${process.cwd()}/providers/handlers/dispatch.ts`).dispatch(name);
  };
  return {
    check: (olds: Properties, news: Properties) => load().check(olds, news),
    diff: (id: string, olds: Properties, news: Properties) => load().diff(id, olds, news),
    create: (inputs: Properties) => load().create(inputs),
    update: (id: string, olds: Properties, news: Properties) => load().update(id, olds, news),
    delete: (id: string, props: Properties) => load().delete(id, props),
    read: (id: string, props: Properties) => load().read(id, props),
  };
}

/** Names of the inputs that differ from those of the last time. */
export function changedInputs<I extends object>(olds: Partial<I>, news: I): (keyof I)[] {
  const inputs = Object.keys(news).filter((name) => name !== "__provider") as (keyof I)[];
  return inputs.filter((name) => JSON.stringify(olds[name]) !== JSON.stringify(news[name]));
}

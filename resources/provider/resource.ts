import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { PACKAGE_ROOT } from "../../toolchain/packageRoot";
import { Handler } from "./handler";

const { handledBy } = require(path.join(PACKAGE_ROOT, "toolchain", "handledBy.js")) as {
  handledBy(name: string): string;
};

/** Every field of `T` as an input of a resource. */
export type Inputs<T> = { [K in keyof T]: Input<T[K]> };

type Input<T> = pulumi.Input<
  T extends readonly (infer Element)[] ? readonly Input<Element>[] : T extends object ? Inputs<T> : T
>;

/** What a resource is: what the program gives, what it holds in the end, and the handler that does its work. */
export interface Contract<Name extends string, Args, Outputs> {
  new (
    name: string,
    args: Inputs<Args>,
    opts?: pulumi.CustomResourceOptions,
  ): pulumi.CustomResource & {
    readonly [K in keyof (Args & Outputs)]-?: pulumi.Output<(Args & Outputs)[K]>;
  };
  readonly handler: Name;
  /** Of the compiler only: what the handler deals with. */
  readonly contract?: { args: Args; outputs: Outputs };
}

/**
 * What the handler of a resource gets: what the program gave, and what the handler's own `check` may have filled in, of
 * which it always fills in `Filled`.
 */
export type InputsOf<Resource, Filled extends keyof StateOf<Resource> = never> =
  Resource extends Contract<string, infer Args, infer Outputs>
    ? Args & Partial<Outputs> & Pick<StateOf<Resource>, Filled>
    : never;

/** What the state holds of a resource. */
export type StateOf<Resource> =
  Resource extends Contract<string, infer Args, infer Outputs> ? Args & Outputs : never;

/** The handler of a resource, by its class; `Filled` are the outputs that its `check` always fills in. */
export type HandlerOf<Resource, Filled extends keyof StateOf<Resource> = never> = Handler<
  InputsOf<Resource>,
  StateOf<Resource>,
  InputsOf<Resource, Filled>
>;

/** Of a module that exports classes of resources: the record of their handlers, by the names that the state has. */
export type HandlersOf<Module> = {
  [K in keyof Module as Module[K] extends { handler: infer Name extends string } ? Name : never]: HandlerOf<
    Module[K]
  >;
};

/**
 * How a property is kept. The engine encrypts `secret` ones in the state. The `key` is that of the digests of a resource that
 * stores some: filled in when the resource is checked (dispatch.ts), and a secret from the beginning, so that the engine
 * encrypts it among the inputs as well.
 */
type Kept = "plain" | "secret" | "key";

/**
 * A dynamic resource: its class, for a program, and its contract, for its handler. `kept` names all that it holds beside
 * what it is given: one that is forgotten would never resolve, so the compiler asks for each.
 *
 * @param handler its name in the record of handlers. It stands in the state of every stack: it can never change
 */
export function resource<Args extends object, Outputs extends object>() {
  return <Name extends string>(
    handler: Name,
    kept: { [K in keyof Outputs]-?: Kept } & { [K in keyof Args]?: "secret" },
  ): Contract<Name, Args, Outputs> => {
    const properties = Object.entries<Kept | undefined>(kept);
    const additionalSecretOutputs = properties.flatMap(([name, how]) => (how === "secret" ? [name] : []));
    const type = handler.charAt(0).toUpperCase() + handler.slice(1);
    return class extends pulumi.CustomResource {
      static readonly handler = handler;

      constructor(name: string, args: Inputs<Args>, opts?: pulumi.CustomResourceOptions) {
        super(
          // as `pulumi.dynamic.Resource` has it (@pulumi/pulumi 3.248, dynamic/index.ts), which would work out the provider's code
          `pulumi-nodejs:dynamic/kuma-federation:${type}`,
          name,
          {
            ...Object.fromEntries(
              properties.map(([property, how]) => [property, how === "key" ? pulumi.secret("") : undefined]),
            ),
            ...args,
            __provider: handledBy(handler),
          },
          pulumi.mergeOptions(opts, { additionalSecretOutputs }),
        );
      }
    } as unknown as Contract<Name, Args, Outputs>;
  };
}

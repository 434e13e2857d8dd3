import { createRequire } from "node:module";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { main } from "@pulumi/pulumi/provider/server";
import * as components from ".";
import { packageSchema } from "./schema";

const PACKAGE = "kuma-federation";

type Component = new (
  name: string,
  args: pulumi.Inputs,
  opts: pulumi.ComponentResourceOptions,
) => pulumi.ComponentResource;

/**
 * What one component hands on to another, with credentials in it: secret as a whole, since a secret within an output is lost on
 * its way through a program in YAML (pulumi-yaml 1.38). What is taken from that is no less secret to Pulumi, though the
 * other outputs hold addresses, versions, names and digests.
 */
const HANDED_ON = ["membership", "zone"];

/**
 * Gives the components to programs in other languages. The schema is made ahead, so that neither the sources nor the
 * TypeScript compiler has to be there.
 */
export class ComponentHost implements pulumi.provider.Provider {
  readonly version = packageSchema().schema.version;

  /** `directory` is the program's. */
  constructor(private readonly directory: string) {}

  getSchema(): Promise<string> {
    return Promise.resolve(packageSchema().text);
  }

  construct(
    name: string,
    type: string,
    inputs: pulumi.Inputs,
    options: pulumi.ComponentResourceOptions,
  ): Promise<pulumi.provider.ConstructResult> {
    const definition = packageSchema().schema.resources[type];
    const component = (components as unknown as Record<string, Component>)[type.split(":").at(-1) ?? ""];
    if (!definition || !component) throw new Error(`The package ${PACKAGE} has no component ${type}.`);
    this.assertProvidersCanStart();
    const made = new component(name, inputs, options);
    const outputs = made as unknown as Record<string, unknown>;
    const state = Object.keys(definition.properties).map((property) => [
      property,
      HANDED_ON.includes(property)
        ? pulumi.output(outputs[property])
        : pulumi.unsecret(pulumi.output(outputs[property])),
    ]);
    return Promise.resolve({ urn: made.urn, state: Object.fromEntries(state) as pulumi.Inputs });
  }

  /**
   * The engine starts the provider of dynamic resources in the program's directory, and it finds there what it loads
   * (pulumi-resource-pulumi-nodejs). What it says by itself is a stack of Node's.
   */
  private assertProvidersCanStart(): void {
    const missing = ["@pulumi/pulumi/cmd/dynamic-provider", `${PACKAGE}/provider`].filter(
      (module) => !isFound(module, this.directory),
    );
    if (missing.length === 0) return;
    const packages = missing.map((module) => (module.startsWith("@") ? "@pulumi/pulumi" : PACKAGE));
    throw new Error(
      `The npm ${packages.length === 1 ? "package" : "packages"} ${packages.join(" and ")} cannot be found from ${this.directory}, where the engine starts the provider of this package. Nothing was changed. ` +
        `Next: npm install ${PACKAGE} @pulumi/pulumi in the directory of the program.`,
    );
  }
}

function isFound(module: string, directory: string): boolean {
  try {
    createRequire(path.join(directory, "program.js")).resolve(module);
    return true;
  } catch {
    return false;
  }
}

/** Serves until the engine ends it. */
export function serve(args: string[]): Promise<void> {
  return main(new ComponentHost(process.cwd()), args);
}

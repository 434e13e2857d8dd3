import * as pulumi from "@pulumi/pulumi";
import { type VersionedPolicies, givenPolicies, isKumaError, readPolicyFiles } from "../../kuma";
import { exactlyOne } from "./exactlyOne";
import { isWhole } from "./onceKnown";

/** Where policies are taken from: exactly one of `directory` and `policies` is given. */
export interface PolicySource {
  /**
   * Directory of YAML files in Kuma's universal form, relative to the program's directory. Those in a directory within it
   * called `since-2.10` or `before-2.10` are for globals from that version on, or below it.
   *
   * @default none
   */
  directory?: pulumi.Input<string>;
  /**
   * Policies in Kuma's universal form: objects with `type`, `name`, `mesh` and `spec`.
   *
   * @default none
   */
  policies?: pulumi.Input<pulumi.Input<{ [key: string]: any }>[]>; // eslint-disable-line @typescript-eslint/no-explicit-any
}

/** What is wrong with the policies as a fault of the component's, which the engine shows as a sentence and without a stack. */
function asFaultOf<T>(resource: pulumi.Resource, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isKumaError(error)) throw new pulumi.ResourceError(error.message, resource);
    throw error;
  }
}

/** Whether nothing in it is an output. */
function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (isWhole(value)) return false;
  return Object.values(value).every(isPlain);
}

/** The policies of a source. What is known is looked at at once, so that a mistake shows before anything is made. */
export function policiesOf(
  source: PolicySource,
  resource: pulumi.Resource,
  tell: (note: string) => void = () => {},
): pulumi.Output<VersionedPolicies> {
  const { directory } = source;
  if (exactlyOne(source, ["directory", "policies"], resource) === "policies") {
    const { policies = [] } = source;
    const given = (documents: unknown) =>
      asFaultOf(resource, () => givenPolicies(documents as readonly unknown[]));
    return (
      isPlain(policies) ? pulumi.output(given(policies)) : pulumi.output(policies).apply(given)
    ) as pulumi.Output<VersionedPolicies>;
  }
  const read = (from: string) => {
    const { policies, notes } = asFaultOf(resource, () => readPolicyFiles(from, "policies"));
    notes.forEach(tell);
    return policies;
  };
  return typeof directory === "string"
    ? (pulumi.output(read(directory)) as pulumi.Output<VersionedPolicies>)
    : (pulumi.output(directory ?? "").apply(read) as pulumi.Output<VersionedPolicies>);
}

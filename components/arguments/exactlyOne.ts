import * as pulumi from "@pulumi/pulumi";

/** The one of several arguments that is given. Fails where it is none or more than one. */
export function exactlyOne<Args extends object, Name extends keyof Args & string>(
  args: Args,
  names: readonly Name[],
  resource: pulumi.Resource,
): Name {
  const given = names.filter((name) => args[name] !== undefined);
  if (given.length === 1) return given[0];
  const all = names.map((name) => `[${name}]`);
  const allowed = `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
  const found = given.length === 0 ? "none is" : `${given.map((name) => `[${name}]`).join(" and ")} are`;
  throw new pulumi.ResourceError(`Exactly one of ${allowed} must be given; ${found}.`, resource);
}

import * as pulumi from "@pulumi/pulumi";

/** Fails where a number is known already and is none of those from the first to the last. */
export function assertWithin(
  value: pulumi.Input<number> | undefined,
  [least, most]: readonly [number, number],
  argument: string,
  component: pulumi.Resource,
): void {
  if (typeof value !== "number" || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw new pulumi.ResourceError(`[${argument}] must be a whole number from ${least} to ${most}.`, component);
}

import * as pulumi from "@pulumi/pulumi";
import { isWhole } from "./onceKnown";

/** What is given, or else what serves in its place. An output may come to nothing too: a value of the stack's that is not set. */
export function otherwise<T>(given: pulumi.Input<T> | undefined, fallback: pulumi.Input<T>): pulumi.Input<T> {
  if (given === undefined) return fallback;
  if (!isWhole(given)) return given;
  return pulumi.output(given).apply((value) => pulumi.output((value ?? fallback) as T)) as pulumi.Output<T>;
}

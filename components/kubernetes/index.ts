import type * as clusters from "./clusters";
import type * as global from "./global";
import type * as zone from "./zone";

/**
 * What components need for platform kubernetes. Loaded when it is asked for: Pulumi's SDK for Kubernetes takes half a
 * second to load, which stacks without a cluster need not wait.
 */
export function kubernetes(): typeof clusters & typeof global & typeof zone {
  return { ...require("./clusters"), ...require("./global"), ...require("./zone") };
}

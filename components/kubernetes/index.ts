import type * as demo from "../demoWorkload";
import type * as clusters from "./clusters";
import type * as global from "./global";
import type * as stackObjects from "./stackObjects";
import type * as zone from "./zone";

/**
 * What components need for platform kubernetes. Loaded when it is asked for: Pulumi's SDK for Kubernetes takes half a
 * second to load, which stacks without a cluster need not wait.
 */
export function kubernetes(): typeof clusters &
  typeof demo &
  typeof global &
  typeof stackObjects &
  typeof zone {
  return {
    ...require("./clusters"),
    ...require("../demoWorkload"),
    ...require("./global"),
    ...require("./stackObjects"),
    ...require("./zone"),
  };
}

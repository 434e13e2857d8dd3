/** What the program uses of a stack's file. Commands take the single files, as this loads Pulumi's SDK. */
export { deployDemo } from "./demo";
export { JoinOrder } from "./joinOrder";
export { outputsOf } from "./outputs";
export { readStack } from "./read";

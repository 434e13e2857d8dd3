/** A mesh over its zones, as control planes know it: what there is, where calls can go, and what is wrong with it. */
export * from "./checks";
export * from "./checks/check";
export * from "./ends";
export * from "./links";
export * from "./world";

/** Konnect, where Kong hosts the global control plane. */
export * from "./admission";
export * from "./client";
export * from "./hostedApi";
export * from "./recipient";
export * from "./regions";

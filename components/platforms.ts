/**
 * The platforms, each loaded when it is asked for: Pulumi's SDK for Kubernetes takes half a second to load, which programs
 * without a cluster need not wait.
 */
export const PLATFORMS = {
  kubernetes: () => (require("./kubernetes/platform") as typeof import("./kubernetes/platform")).platform,
  universal: () => (require("./universal/platform") as typeof import("./universal/platform")).platform,
  konnect: () => (require("./konnect/platform") as typeof import("./konnect/platform")).platform,
  existing: () => (require("./existing/platform") as typeof import("./existing/platform")).platform,
};

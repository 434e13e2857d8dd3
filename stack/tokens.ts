import * as pulumi from "@pulumi/pulumi";
import type { GlobalConfig } from "./settings/controlPlanes";

/** The token for the global's API that the stack or its environment gives; none where the stack runs the global itself. */
export function globalToken(
  settings: pulumi.Config,
  { platform }: GlobalConfig,
): pulumi.Output<string> | undefined {
  return platform === "konnect"
    ? (settings.getSecret("konnectToken") ?? secretFrom("KONNECT_TOKEN"))
    : (settings.getSecret("globalToken") ?? secretFrom("KUMA_GLOBAL_TOKEN"));
}

function secretFrom(variable: string): pulumi.Output<string> | undefined {
  // a line break at its end, as from a file, would not go into a header
  const value = process.env[variable]?.trim();
  return value ? pulumi.secret(value) : undefined;
}

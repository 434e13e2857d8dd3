import * as pulumi from "@pulumi/pulumi";
import type { ConfigSource } from "./config";

/** The configuration as Pulumi gives it to a program. */
export function pulumiSource(settings: pulumi.Config): ConfigSource {
  // not declared, as Pulumi's own use of it is switched off for now (@pulumi/pulumi 3.248, runtime/config.ts)
  const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
  return {
    keys: Object.keys(pulumi.runtime.allConfig()),
    get: (key) => settings.get(key),
    secretsIn: (key) => (isConfigSecret(`${settings.name}:${key}`) ? [key] : []),
  };
}

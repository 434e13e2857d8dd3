import * as command from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as yaml from "js-yaml";
import { KubernetesConfig } from "./config";

/**
 * Installs a control plane without Helm: `kumactl install control-plane` prints the manifest, and Pulumi applies it. The
 * certificates that kumactl makes are in what it prints, so that it runs again only when the values change. Returns what
 * changes with each installation.
 *
 * `kumactl` is taken from PATH or from the variable KUMACTL.
 */
export function kumactlInstallation(
  name: string,
  { namespace }: KubernetesConfig,
  values: pulumi.Input<Record<string, unknown>>,
  opts: pulumi.CustomResourceOptions & pulumi.ComponentResourceOptions,
): pulumi.Output<string> {
  const rendered = new command.local.Command(
    `${name}-manifest`,
    {
      create: `"${process.env.KUMACTL ?? "kumactl"}" install control-plane --namespace "$NAMESPACE" --values /dev/stdin`,
      environment: { NAMESPACE: namespace },
      stdin: pulumi.output(values).apply((plain) => yaml.dump(plain)),
      // it holds private keys
      logging: command.local.Logging.None,
    },
    { parent: opts.parent, additionalSecretOutputs: ["stdout", "stderr"] },
  );
  const manifest = new k8s.yaml.v2.ConfigGroup(
    `${name}-control-plane`,
    { yaml: rendered.stdout, skipAwait: false },
    opts,
  );
  return pulumi.all([rendered.id, manifest.resources]).apply(([id]) => id);
}

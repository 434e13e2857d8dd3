import * as command from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as yaml from "js-yaml";
import type { Installation, InstallationOptions } from "./chartRelease";

/**
 * Installs a control plane without Helm: `kumactl install control-plane` prints the manifest, and Pulumi applies it. The
 * certificates that kumactl makes are in what it prints, so that it runs again only when the values change. Returns what
 * changes with each installation.
 *
 * `kumactl` is taken from PATH or from the variable KUMACTL. It is kept from looking at a cluster, as it would look at the
 * one that happens to be the current one.
 */
export function kumactlInstallation(
  name: string,
  { names: { namespace }, cluster: { reference, identity }, values }: Installation,
  { parent, dependsOn }: InstallationOptions,
): pulumi.Output<string> {
  const rendered = new command.local.Command(
    `${name}-manifest`,
    {
      // with nothing of the engine's environment, which holds the passphrase and the credentials of clouds
      create: `env -i HOME="$HOME" PATH="$PATH" "${process.env.KUMACTL ?? "kumactl"}" install control-plane --without-kubernetes-connection --namespace "$NAMESPACE" --values /dev/stdin`,
      environment: { NAMESPACE: namespace },
      stdin: pulumi.output(values).apply((plain) => yaml.dump(plain)),
      // it holds private keys
      logging: command.local.Logging.None,
    },
    { parent, additionalSecretOutputs: ["stdout", "stderr"] },
  );
  // an earlier control plane leaves its CustomResourceDefinitions behind, with Helm as well as without
  const provider = new k8s.Provider(
    `${name}-over-leftovers`,
    { ...reference, clusterIdentifier: identity, upsertExistingObjects: true },
    { parent },
  );
  const manifest = new k8s.yaml.v2.ConfigGroup(
    `${name}-control-plane`,
    { yaml: rendered.stdout.apply(withoutNamespace), skipAwait: false },
    { parent, dependsOn, provider },
  );
  return pulumi.all([rendered.id, manifest.resources]).apply(([id]) => id);
}

/** The stack makes the namespace itself, as what comes before the installation stands in it. */
function withoutNamespace(manifest: string): string {
  const documents = manifest.split(/^---$/m);
  return documents.filter((document) => !/^kind: Namespace$/m.test(document)).join("---");
}

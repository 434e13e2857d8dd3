import * as fs from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { KumaError } from "../kuma";
import { controlPlaneService } from "../platforms/kubernetes/products";
import { portsFrom } from "../platforms/universal/ports";
import { apiUrl } from "../platforms/universal/settings";
import { ExistingGlobal, KdsCertificate, UniversalGlobal } from "../providers/resources";
import { ControlPlaneApi, Kds } from "./controlPlaneApi";
import { kubernetes } from "./kubernetes";
import type { Cluster } from "./kubernetes/clusters";
import { KubernetesGlobalConfig } from "./kubernetes/config";
import { ExistingGlobalConfig, GlobalConfig, UniversalGlobalConfig } from "./stackConfig";

export type GlobalControlPlaneArgs = GlobalConfig & {
  /** An admin's token for its API; not needed where it trusts its own machine. */
  token?: pulumi.Output<string>;
  /** For platform kubernetes: where it runs. */
  cluster?: Cluster;
};

interface Parts {
  api: ControlPlaneApi;
  kds: Kds;
  product: pulumi.Output<string>;
  version: pulumi.Output<string>;
}

/** The global control plane that zones are federated with: one that this stack runs, or one that exists. */
export class GlobalControlPlane extends pulumi.ComponentResource {
  readonly api: ControlPlaneApi;
  readonly kds: Kds;
  readonly product: pulumi.Output<string>;
  /** Unknown in previews as long as the control plane does not exist. */
  readonly version: pulumi.Output<string>;
  readonly guiUrl: pulumi.Output<string>;

  constructor(name: string, args: GlobalControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:GlobalControlPlane", name, {}, opts);
    const tokens = pulumi.secret(args.token?.apply((token) => [token]) ?? pulumi.output<string[]>([]));
    const { api, kds, product, version } = this.parts(name, args, tokens);
    this.api = api;
    this.kds = kds;
    this.product = product;
    this.version = version;
    this.guiUrl = args.platform === "kubernetes" ? guiHint(args) : pulumi.interpolate`${api.url}/gui`;
    this.registerOutputs({ kdsAddress: kds.address, product, version, guiUrl: this.guiUrl });
  }

  private parts(name: string, args: GlobalControlPlaneArgs, tokens: pulumi.Output<string[]>): Parts {
    switch (args.platform) {
      case "universal":
        return this.universal(name, args, tokens);
      case "existing":
        return this.existing(name, args, tokens);
      case "kubernetes":
        if (!args.cluster) throw new Error("a global on Kubernetes needs its cluster");
        return kubernetes().kubernetesGlobal(name, args, args.cluster, tokens, this);
    }
  }

  private existing(name: string, args: ExistingGlobalConfig, tokens: pulumi.Output<string[]>): Parts {
    const { apiUrl: url, kdsAddress, kdsCaFile } = args;
    const { product, version } = new ExistingGlobal(
      name,
      { globalUrl: url, globalTokens: tokens },
      { parent: this },
    );
    return {
      api: { url: pulumi.output(url), tokens },
      kds: { address: pulumi.output(kdsAddress), ca: pulumi.output(readCa(kdsCaFile)) },
      product,
      version,
    };
  }

  private universal(name: string, args: UniversalGlobalConfig, tokens: pulumi.Output<string[]>): Parts {
    const { kdsHost, directory, portBase, kumaCp, store } = args;
    const certificate = new KdsCertificate(`${name}-kds`, { name, hosts: [kdsHost] }, { parent: this });
    const process = new UniversalGlobal(
      name,
      {
        name,
        directory,
        portBase,
        kumaCp,
        store,
        portSetting: "global.portBase",
        kdsCert: certificate.cert,
        kdsKey: certificate.key,
      },
      { parent: this },
    );
    return {
      api: { url: pulumi.output(apiUrl(args)), tokens },
      kds: { address: pulumi.output(`grpcs://${kdsHost}:${portsFrom(portBase).kds}`), ca: certificate.ca },
      product: process.product,
      version: process.version,
    };
  }
}

/** Its API is open inside of the cluster only. */
function guiHint({ context, namespace, product }: KubernetesGlobalConfig): pulumi.Output<string> {
  const forward = `kubectl --context ${context} -n ${namespace} port-forward svc/${controlPlaneService(product)} 5681`;
  return pulumi.output(`http://localhost:5681/gui after ${forward}`);
}

function readCa(file: string | undefined): string {
  if (file === undefined) return "";
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    throw new KumaError(
      "invalid",
      `The file of the setting global.kdsCaFile cannot be read: ${(error as Error).message}.`,
    );
  }
}

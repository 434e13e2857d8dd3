import * as fs from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { KumaError } from "../kuma";
import { controlPlaneService } from "../platforms/kubernetes/products";
import { portsFrom } from "../platforms/universal/ports";
import { apiUrl } from "../platforms/universal/settings";
import { ExistingGlobal, KdsCertificate, KonnectControlPlane, UniversalGlobal } from "../resources";
import { ControlPlaneApi, Hosted, Kds, globalConnectionOf, localAdminTokens } from "./controlPlaneApi";
import { kubernetes } from "./kubernetes";
import type { Cluster } from "./kubernetes/clusters";
import { KonnectGlobalConfig } from "./konnectConfig";
import { ExistingGlobalConfig, GlobalConfig, UniversalGlobalConfig } from "./config";

export type GlobalControlPlaneArgs = GlobalConfig & {
  /** An admin's token for its API, not needed for one that the stack runs; for Konnect a token of Konnect's. */
  token?: pulumi.Output<string>;
  /** For platform kubernetes: where it runs, and the zones that are to be federated with it. */
  cluster?: Cluster;
  zones?: string[];
  /**
   * One that the stack runs makes the mesh `default` at its first start: where no zone brings meshes. Otherwise it must
   * not, as a mesh without the zone's authority would win over the zone's.
   */
  makesMesh?: boolean;
};

interface Parts {
  api: ControlPlaneApi;
  kds: Kds;
  product: pulumi.Output<string>;
  version: pulumi.Output<string>;
  hosted?: Hosted;
}

/** Of a control plane's API, and of its end on the machine of whoever looks. */
const GUI_PORT = 5681;
const KONNECT_GUI = "https://cloud.konghq.com/mesh-manager";

/** The global control plane that zones are federated with: one that this stack runs, one that exists, or one in Konnect. */
export class GlobalControlPlane extends pulumi.ComponentResource {
  readonly api: ControlPlaneApi;
  readonly kds: Kds;
  readonly product: pulumi.Output<string>;
  /** Unknown in previews as long as the control plane does not exist. */
  readonly version: pulumi.Output<string>;
  readonly guiUrl: pulumi.Output<string>;
  /** What has to run while somebody looks there, for one in a cluster. */
  readonly guiCommand: string | undefined;
  /** Set for one in Konnect. */
  readonly hosted: Hosted | undefined;

  constructor(name: string, args: GlobalControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:GlobalControlPlane", name, {}, opts);
    const tokens = args.token === undefined ? [] : [pulumi.secret(args.token.apply((token) => [token]))];
    const { api, kds, product, version, hosted } = this.parts(name, args, tokens);
    this.api = api;
    this.kds = kds;
    this.product = product;
    this.version = version;
    this.hosted = hosted;
    this.guiUrl = guiOf(args, api);
    this.guiCommand = guiCommandOf(args);
    const { guiUrl, guiCommand } = this;
    this.registerOutputs({ kdsAddress: kds.address, product, version, guiUrl, guiCommand });
  }

  private parts(name: string, args: GlobalControlPlaneArgs, tokens: pulumi.Output<string[]>[]): Parts {
    switch (args.platform) {
      case "universal":
        return this.universal(name, args);
      case "existing":
        return this.existing(name, args, tokens);
      case "konnect":
        return this.konnect(name, args, tokens, pulumi.secret(args.token ?? ""));
      case "kubernetes":
        if (!args.cluster) throw new Error("a global on Kubernetes needs its cluster");
        return kubernetes().kubernetesGlobal(
          name,
          args,
          { cluster: args.cluster, tokens, zones: args.zones ?? [], makesMesh: args.makesMesh },
          this,
        );
    }
  }

  private konnect(
    name: string,
    config: KonnectGlobalConfig,
    tokens: pulumi.Output<string[]>[],
    token: pulumi.Output<string>,
  ): Parts {
    const { region, controlPlane, controlPlaneId: chosenId, create, addresses, zoneProvisioning } = config;
    const choice = { region, name: controlPlane, chosenId, create, provisioning: zoneProvisioning };
    const found = new KonnectControlPlane(name, { ...choice, ...addresses, token }, { parent: this });
    const { controlPlaneId, limits, hostedUrl, product, version } = found;
    return {
      api: { url: hostedUrl, tokens },
      // the authority is left to the zone's system: Konnect's certificate is a public one
      kds: { address: pulumi.output(addresses.kdsAddress), ca: pulumi.output("") },
      product,
      version,
      hosted: { controlPlaneId, limits, token, config },
    };
  }

  private existing(name: string, args: ExistingGlobalConfig, tokens: pulumi.Output<string[]>[]): Parts {
    const { apiUrl: url, apiCaFile, kdsAddress, kdsCaFile } = args;
    const ca = apiCaFile === undefined ? undefined : readCa("apiCaFile", apiCaFile);
    const api = { url: pulumi.output(url), tokens, ...(ca !== undefined && { ca }) };
    const { product, version } = new ExistingGlobal(name, globalConnectionOf(api), { parent: this });
    return {
      api,
      kds: { address: pulumi.output(kdsAddress), ca: pulumi.output(readCa("kdsCaFile", kdsCaFile)) },
      product,
      version,
    };
  }

  private universal(
    name: string,
    args: UniversalGlobalConfig & Pick<GlobalControlPlaneArgs, "makesMesh">,
  ): Parts {
    const { kdsHost, directory, portBase, kumaCp, store, makesMesh } = args;
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
        ...(makesMesh && { makesMesh }),
      },
      { parent: this },
    );
    return {
      api: { url: pulumi.output(apiUrl(args)), tokens: [localAdminTokens(directory, process.id)] },
      kds: { address: pulumi.output(`grpcs://${kdsHost}:${portsFrom(portBase).kds}`), ca: certificate.ca },
      product: process.product,
      version: process.version,
    };
  }
}

/** Where people look at the global. */
function guiOf(args: GlobalConfig, { url }: ControlPlaneApi): pulumi.Output<string> {
  if (args.platform === "konnect" && args.standIn === undefined) return pulumi.output(KONNECT_GUI);
  if (args.platform === "kubernetes") return pulumi.output(`http://localhost:${GUI_PORT}/gui`);
  return pulumi.interpolate`${url}/gui`;
}

/** What has to run while they look, for one in a cluster. */
function guiCommandOf(args: GlobalConfig): string | undefined {
  if (args.platform !== "kubernetes") return undefined;
  const { context, namespace, product } = args;
  return `kubectl --context ${context} -n ${namespace} port-forward svc/${controlPlaneService(product)} ${GUI_PORT}`;
}

function readCa(setting: string, file: string | undefined): string {
  if (file === undefined) return "";
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    throw new KumaError(
      "invalid",
      `The file of the setting global.${setting} cannot be read: ${(error as Error).message}.`,
    );
  }
}

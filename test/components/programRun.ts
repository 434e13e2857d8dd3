import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Registered, isDynamic, mockPulumi } from "../support/pulumi/pulumiMocks";

export const component = (name: string) => `kuma-federation:index:${name}`;

/** What the provider gives for each resource; the addresses are others than those that were put in. */
function outputsOf(name: string): Record<string, unknown> {
  if (name === "global-kds") return { ca: "the ca", caKey: "canary", cert: "the cert", key: "canary-key" };
  if (name === "global") return { product: "Kuma", version: "2.14.3", standIn: true };
  if (name.endsWith("-resources")) {
    return {
      kdsAddress: "grpcs://from-the-bridge:5685",
      kdsCa: "ca from the bridge",
      resources: {
        "Mesh default": "hmac:1",
        "Secret default/s": "hmac:2",
        "Secret default/t": "hmac:3",
      },
      snapshot: "canary-snapshot",
      adminToken: "canary-admin",
      opener: "canary-admin",
    };
  }
  if (name.endsWith("-policies-way-back"))
    return { policies: { "MeshTimeout default/a": "hmac:4" }, originals: "canary-policies", added: [] };
  if (name.endsWith("-federation")) return { online: true, version: "2.14.2" };
  return {};
}

export const globalConfig = { platform: "universal", portBase: 5600 };
export const zoneConfig = {
  name: "zone-1",
  platform: "universal",
  portBase: 6600,
  content: "stand-in/demo-zone",
};

export type Outputs = Record<string, unknown> & { zones: Record<string, unknown>[] };

export async function run(
  config: Record<string, unknown>,
): Promise<{ registered: Registered[]; outputs: Outputs }> {
  const registered = await mockPulumi(outputsOf, config);
  const program = require("../../index") as () => Promise<Outputs>;
  let outputs: Outputs | undefined;
  await pulumi.runtime.runInPulumiStack(async () => (outputs = await program()));
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  return { registered, outputs: outputs as Outputs };
}

export const named = (registered: Registered[], name: string, type?: string): Registered =>
  registered.find((each) => each.name === name && (type ? each.type === type : isDynamic(each.type))) ??
  assert.fail(`no ${type} ${name}`);
export const list = (registered: Registered[]) =>
  registered
    .filter(({ type }) => type !== "pulumi:pulumi:Stack")
    .map(({ type, name, parent }) => `${type.split(":").at(-1)} ${name} in ${parent}`)
    .sort();

export const STACK = "kuma-federation-test";
export const GLOBAL = [
  `GlobalControlPlane global in ${STACK}`,
  "UniversalGlobal global in global",
  "KdsCertificate global-kds in global",
];
export const alone = (name: string) => [
  `StandaloneZone ${name}-alone in ${name}`,
  `ExistingZone ${name} in ${STACK}`,
];
export const federated = (name: string) => [
  `FederationBridge ${name} in ${STACK}`,
  `UniversalZoneFederation ${name}-federation in ${name}`,
  `GlobalWayBack ${name}-global-way-back in ${name}`,
  `FederatedResources ${name}-resources in ${name}`,
  `UniversalWayBack ${name}-way-back in ${name}`,
  `ZoneControlPlane ${name} in ${STACK}`,
];

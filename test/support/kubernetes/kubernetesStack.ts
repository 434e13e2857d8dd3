import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Registered, isDynamic, mockPulumi } from "../pulumi/pulumiMocks";

export const STACK = "kuma-federation-test";
export const RELEASE = "kubernetes:helm.sh/v3:Release";

/** What the zone's release was installed with. */
const INSTALLED = {
  controlPlane: { zone: "default", logLevel: "debug" },
  custom: { license: "canary-license" },
};

/** What the providers give; the bridge's address and authority are others than those that were put in. */
function outputsOf(valuesKey?: string): (name: string) => Record<string, unknown> {
  return (name) => {
    if (name.endsWith("-objects")) return { anew: {}, again: {} };
    switch (name) {
      case "clusters":
        return { identities: { global: "uid-of-global", "zone default": "uid-of-zone" } };
      case "global-kds-address":
        return { host: "10.0.0.7" };
      case "global-kds":
        return { ca: "the ca", caKey: "canary-ca-key", cert: "the cert", key: "canary-key" };
      case "global-serving":
        return { product: "Kuma", version: "2.14.3" };
      case "default-installed":
        return {
          values: valuesKey === undefined ? INSTALLED : { [valuesKey]: INSTALLED },
          chartName: "kuma",
          chartVersion: "2.13.1",
        };
      case "default-resources":
        return {
          kdsAddress: "grpcs://from-the-bridge:5685",
          kdsCa: "ca from the bridge",
          resources: { "Mesh default": "hmac:1" },
          snapshot: "canary-snapshot",
          adminToken: "canary-admin",
        };
      case "default-federation":
        return { online: true, version: "2.13.1" };
      case "global-manifest":
      case "default-manifest":
        return { stdout: "kind: canary-manifest\n---\nkind: Namespace\n---\nkind: Deployment\n" };
      default:
        return { status: { revision: 7 } };
    }
  };
}

export type Settings = Record<string, unknown>;
const globalOf = ({ kds, ...settings }: Settings = {}) => ({
  platform: "kubernetes",
  context: "kind-mesh-global",
  kds: { sourceRanges: "everyone", ...(kds as Settings) },
  ...settings,
});
const zoneOf = (settings: Settings = {}) => ({
  name: "default",
  platform: "kubernetes",
  context: "kind-mesh-zone",
  ...settings,
});

/**
 * Runs the program with mocks, for a global and a zone in clusters of kind with these settings; gives what it registers,
 * in order.
 */
export async function run(
  ...settings: [global?: Settings, zone?: Settings, more?: Settings]
): Promise<Registered[]> {
  return (await runWithOutputs(...settings)).registered;
}

/** As `run`, with the stack's outputs; in a preview too, and with other outputs that resources hold, by their names. */
export async function runWithOutputs(
  global: Settings = {},
  zone: Settings = {},
  more: Settings = {},
  { preview = false, held = {} }: { preview?: boolean; held?: Record<string, Settings | undefined> } = {},
): Promise<{ registered: Registered[]; outputs: Record<string, pulumi.Input<unknown>> }> {
  const config = { global: globalOf(global), zones: [zoneOf(zone)], ...more };
  const outputs = outputsOf(zone.product === "kong-mesh" ? "kuma" : undefined);
  const registered = await mockPulumi((name) => held[name] ?? outputs(name), config, { preview });
  const program = require("../../../index") as () => Promise<Record<string, pulumi.Input<unknown>>>;
  let given: Record<string, pulumi.Input<unknown>> = {};
  await pulumi.runtime.runInPulumiStack(async () => (given = await program()));
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  return { registered: registered.filter(({ type }) => type !== "pulumi:pulumi:Stack"), outputs: given };
}

export const named = (registered: Registered[], name: string, type?: string): Registered =>
  registered.find((each) => each.name === name && (type ? each.type === type : isDynamic(each.type))) ??
  assert.fail(`no ${type} ${name}`);

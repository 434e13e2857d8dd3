import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Registered, isDynamic, mockPulumi } from "./pulumiMocks";

/** What the providers give. */
export function outputsOf(name: string): Record<string, unknown> {
  if (name.endsWith("-cluster")) return { identities: { [name.replace("-cluster", "")]: `uid of ${name}` } };
  if (name.endsWith("-objects")) return { anew: {}, again: {} };
  if (name.endsWith("-kds-address")) return { host: "10.0.0.7" };
  if (name.endsWith("-konnect-access")) return { zoneToken: "canary-token" };
  if (name.endsWith("-cp-token")) return { token: "canary-token\n", ends: "2030-01-01T00:00:00Z" };
  if (name.endsWith("-kds") || name.endsWith("-server"))
    return { ca: "the ca", caKey: "canary", cert: "the cert", key: "canary-key" };
  if (name.endsWith("-serving")) return { product: "Kuma", version: "2.14.3" };
  if (name.endsWith("-installed")) return { values: {}, chartName: "kuma", chartVersion: "2.13.1" };
  if (name.endsWith("-resources"))
    return {
      ...{ resources: { "Mesh default": "hmac:1" }, snapshot: "canary", generation: 1, adminToken: "canary" },
    };
  if (name.endsWith("-federation")) return { online: true, version: "2.13.1" };
  return { status: { revision: 7 }, stored: {}, product: "Kuma", version: "2.14.3", storeId: "the store" };
}

/** Runs a program of somebody else's that uses the components. */
export async function run(program: () => unknown): Promise<Registered[]> {
  const registered = await mockPulumi(outputsOf);
  await pulumi.runtime.runInPulumiStack(async () => void (await program()));
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  return registered.filter(({ type }) => type !== "pulumi:pulumi:Stack");
}

export const list = (registered: Registered[]) =>
  registered.map(({ type, name, parent }) => `${type.split(":").at(-1)} ${name} in ${parent}`).sort();
export const named = (registered: Registered[], name: string, type?: string) =>
  registered.find((each) => each.name === name && (type ? each.type === type : isDynamic(each.type))) ??
  assert.fail(`no ${type} ${name}`);

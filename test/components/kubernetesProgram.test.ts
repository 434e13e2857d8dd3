import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { cleanUp } from "../support/cleanUp";
import { Registered, mockPulumi } from "../support/pulumiMocks";

const DYNAMIC = "pulumi-nodejs:dynamic:Resource";

/** What the zone's release was installed with. */
const INSTALLED = {
  controlPlane: { zone: "default", logLevel: "debug" },
  custom: { license: "canary-license" },
};

/** What the providers give; the bridge's address and authority are others than those that were put in. */
function outputsOf(valuesKey?: string): (name: string) => Record<string, unknown> {
  return (name) => {
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
          globalUrl: "kubernetes://from-the-bridge",
          kdsAddress: "grpcs://from-the-bridge:5685",
          kdsCa: "ca from the bridge",
          resources: { "Mesh default": "sha256:1" },
          snapshot: "canary-snapshot",
          adminToken: "canary-admin",
        };
      case "default-federation":
        return { online: true, version: "2.13.1" };
      default:
        return { status: { revision: 7 }, stdout: "kind: canary-manifest" };
    }
  };
}

type Settings = Record<string, unknown>;
const globalOf = (settings: Settings = {}) => ({
  platform: "kubernetes",
  context: "kind-mesh-global",
  ...settings,
});
const zoneOf = (settings: Settings = {}) => ({
  name: "default",
  platform: "kubernetes",
  context: "kind-mesh-zone",
  ...settings,
});

/** Runs the program with these settings; gives what it registers, in order. */
async function run(global: Settings = {}, zone: Settings = {}, more: Settings = {}): Promise<Registered[]> {
  const config = { global: globalOf(global), zones: [zoneOf(zone)], ...more };
  const registered = await mockPulumi(outputsOf(zone.product === "kong-mesh" ? "kuma" : undefined), config);
  const program = require("../../index") as () => Promise<unknown>;
  await pulumi.runtime.runInPulumiStack(program);
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  return registered.filter(({ type }) => type !== "pulumi:pulumi:Stack");
}

const named = (registered: Registered[], name: string, type = DYNAMIC): Registered =>
  registered.find((each) => each.name === name && each.type === type) ?? assert.fail(`no ${type} ${name}`);
const isKubernetes = ({ type }: Registered) => type.startsWith("kubernetes:");

describe("index.ts on Kubernetes", () => {
  afterEach(cleanUp);

  describe("the demo application", () => {
    const demoOf = (registered: Registered[]) =>
      registered.filter(({ name }) => name.startsWith("default-demo"));

    it("is not there by default", async () => {
      assert.deepEqual(demoOf(await run()), []);
    });

    for (const [what, zone, ready] of [
      ["has joined", {}, "default-federation"],
      ["is installed", { install: "helm" }, "default-federation"],
    ] as const) {
      it(`comes into the zone's cluster when the zone ${what}`, async () => {
        const registered = await run({}, { ...zone, demo: true });
        const demo = demoOf(registered);
        assert.equal(demo.filter(isKubernetes).length, 5);
        for (const each of demo.filter(isKubernetes)) assert.equal(each.provider, "cluster-of-zone-default");
        const component = named(demo, "default-demo", "kuma-federation:index:DemoWorkload");
        assert.ok(component.dependencies.includes(ready), String(component.dependencies));
        const namespace = named(demo, "default-demo-namespace", "kubernetes:core/v1:Namespace");
        assert.equal((namespace.inputs.metadata as { name: string }).name, "kuma-demo");
      });
    }

    it("takes its namespace and images from the settings", async () => {
      const demo = demoOf(
        await run({}, { demo: { namespace: "shop", image: "mirror/app:1", redisImage: "mirror/redis:2" } }),
      );
      const text = JSON.stringify(demo.map(({ inputs }) => inputs));
      for (const part of ['"shop"', '"mirror/app:1"', '"mirror/redis:2"'])
        assert.ok(text.includes(part), part);
      assert.doesNotMatch(text, /"kuma-demo"|"redis:7"|kumahq/);
    });
  });
});

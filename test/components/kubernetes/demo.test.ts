import * as assert from "node:assert/strict";
import { cleanUp } from "../../support/cleanUp";
import { named, run } from "../../support/kubernetes/kubernetesStack";
import type { Registered } from "../../support/pulumi/pulumiMocks";

const isKubernetes = ({ type }: Registered) => type.startsWith("kubernetes:");

describe("index.ts on Kubernetes: the demo application", () => {
  afterEach(cleanUp);

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
    for (const part of ['"shop"', '"mirror/app:1"', '"mirror/redis:2"']) assert.ok(text.includes(part), part);
    assert.doesNotMatch(text, /"kuma-demo"|"redis:7"|kumahq/);
  });
});

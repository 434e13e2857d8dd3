import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { DemoWorkload, type DemoWorkloadArgs } from "../../components/demoWorkload";
import { type Registered, mockPulumi, valueOf } from "../support/pulumi/pulumiMocks";

const COMPONENT = "kuma-federation:index:DemoWorkload";

describe("components/demoWorkload", () => {
  let namespace: { value: string; secret: boolean };

  const run = async (args?: DemoWorkloadArgs): Promise<Registered[]> => {
    const registered = await mockPulumi(() => ({}));
    await pulumi.runtime.runInPulumiStack(async () => {
      const provider = new k8s.Provider("zone-1", { context: "kind-mesh-zone" });
      // takes its time, as the installation of a control plane does
      const data = sleep(50, { some: "values" });
      const zone = new k8s.core.v1.ConfigMap("zone-1-release", { data }, { provider });
      const demo = new DemoWorkload("demo", args, { providers: [provider], dependsOn: [zone] });
      namespace = await valueOf(demo.namespace);
    });
    await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
    return registered.filter(
      ({ type }) => !["pulumi:pulumi:Stack", "pulumi:providers:kubernetes"].includes(type),
    );
  };
  const demoOf = (registered: Registered[]) => registered.filter(({ name }) => name.startsWith("demo"));
  const inputsOf = (registered: Registered[], type: string, name: string) =>
    registered.find((each) => each.type === type && each.name === name)?.inputs ??
    assert.fail(`no ${type} ${name}`);

  it("makes the guides' workload with exactly these values", async () => {
    const registered = await run();
    assert.deepEqual(
      demoOf(registered)
        .map(({ type, name, parent }) => [type, name, parent])
        .sort(),
      [
        ["kubernetes:apps/v1:Deployment", "demo-demo-app", "demo"],
        ["kubernetes:apps/v1:Deployment", "demo-redis", "demo"],
        ["kubernetes:core/v1:Namespace", "demo-namespace", "demo"],
        ["kubernetes:core/v1:Service", "demo-demo-app", "demo"],
        ["kubernetes:core/v1:Service", "demo-redis", "demo"],
        [COMPONENT, "demo", "kuma-federation-test"],
      ],
    );
    assert.deepEqual(inputsOf(registered, "kubernetes:core/v1:Namespace", "demo-namespace"), {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "kuma-demo", labels: { "kuma.io/sidecar-injection": "enabled" } },
    });
    assert.deepEqual(inputsOf(registered, "kubernetes:apps/v1:Deployment", "demo-redis"), {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "redis", namespace: "kuma-demo" },
      spec: deploymentSpec("redis", {
        image: "redis:7",
        ports: [{ name: "tcp", containerPort: 6379 }],
        env: [],
      }),
    });
    assert.deepEqual(inputsOf(registered, "kubernetes:apps/v1:Deployment", "demo-demo-app"), {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "demo-app", namespace: "kuma-demo" },
      spec: deploymentSpec("demo-app", {
        image: "kumahq/kuma-demo",
        ports: [{ name: "http", containerPort: 5000 }],
        env: [
          { name: "REDIS_HOST", value: "redis.kuma-demo.svc.cluster.local" },
          { name: "REDIS_PORT", value: "6379" },
          { name: "APP_VERSION", value: "1.0" },
          { name: "APP_COLOR", value: "#efefef" },
        ],
      }),
    });
    for (const [app, port, appProtocol] of [
      ["redis", 6379, "tcp"],
      ["demo-app", 5000, "http"],
    ]) {
      assert.deepEqual(inputsOf(registered, "kubernetes:core/v1:Service", `demo-${app}`), {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: app, namespace: "kuma-demo" },
        spec: { selector: { app }, ports: [{ port, appProtocol }] },
      });
    }
    assert.deepEqual(namespace, { value: "kuma-demo", secret: false });
  });

  it("puts everything into the namespace of choice, with the images of choice", async () => {
    const registered = await run({ namespace: "shop", image: "mirror/demo:1", redisImage: "mirror/redis:2" });
    assert.equal(namespace.value, "shop");
    const images = demoOf(registered).flatMap(({ inputs }) => {
      const { metadata, spec } = inputs as Partial<k8s.types.output.apps.v1.Deployment>;
      if (metadata) assert.equal(metadata.namespace ?? metadata.name, "shop");
      return (
        spec?.template?.spec.containers.map(({ image, env }) => [image, env.find(isRedisHost)?.value]) ?? []
      );
    });
    assert.deepEqual(images.sort(), [
      ["mirror/demo:1", "redis.shop.svc.cluster.local"],
      ["mirror/redis:2", undefined],
    ]);
  });

  it("begins when the zone's control plane is there, and deploys into the namespace once it exists", async () => {
    const registered = await run();
    assert.equal(registered[0].name, "zone-1-release");
    for (const { type, name, dependencies } of demoOf(registered)) {
      if (type === COMPONENT) assert.deepEqual(dependencies, ["zone-1-release"]);
      else assert.deepEqual(dependencies, name === "demo-namespace" ? [] : ["demo-namespace"], name);
    }
  });
});

function isRedisHost({ name }: { name: string }): boolean {
  return name === "REDIS_HOST";
}

function deploymentSpec(app: string, container: object): object {
  return {
    replicas: 1,
    selector: { matchLabels: { app } },
    template: {
      metadata: { labels: { app } },
      spec: { initContainers: [], containers: [{ name: app, volumeMounts: [], ...container }], volumes: [] },
    },
  };
}

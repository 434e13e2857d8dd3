import * as assert from "node:assert/strict";
import type { Properties } from "../../../../resources/provider/handler";
import { cleanUp } from "../../../support/cleanUp";
import { FakeCluster } from "../../../support/kubernetes/fakeCluster";
import { HandlerRun, check } from "../../../support/pulumi/handlerRun";

describe("resources/cluster/kubernetesRelease", () => {
  afterEach(cleanUp);

  const inputs = (cluster: FakeCluster, more: Properties = {}) => ({
    ...cluster.reference(),
    zoneName: "default",
    namespace: "kuma-system",
    release: "kuma",
    values: {},
    ...more,
  });
  const addRelease = (cluster: FakeCluster, revision: number, config: Properties, state = "deployed") =>
    cluster.addRelease("kuma-system", "kuma", revision, {
      info: { status: state },
      chart: { metadata: { name: "kuma", version: "2.13.1" } },
      config,
    });

  it("gives the values with which the zone was installed, and writes nothing", async () => {
    const cluster = await FakeCluster.start();
    addRelease(cluster, 1, { custom: 1 });
    const checked = (await check("kubernetesRelease", {}, inputs(cluster))) as Properties;
    assert.deepEqual(
      [checked.values, checked.chartName, checked.chartVersion],
      [{ custom: 1 }, "kuma", "2.13.1"],
    );
    assert.deepEqual(cluster.writes, []);
  });

  it("tells those of the federation from those of others afterwards", async () => {
    const cluster = await FakeCluster.start();
    addRelease(cluster, 2, {
      custom: 2,
      controlPlane: { mode: "zone", kdsGlobalAddress: "grpcs://g:5685", logLevel: "debug" },
      ingress: { enabled: true },
    });
    const olds = { values: { custom: 1, ingress: { enabled: false } } };
    const { values } = (await check("kubernetesRelease", olds, inputs(cluster))) as Properties;
    assert.deepEqual(values, {
      custom: 2,
      controlPlane: { logLevel: "debug" },
      ingress: { enabled: false },
    });
  });

  it("tells another version of the chart, unless it is the one that the stack has put there", async () => {
    const cluster = await FakeCluster.start();
    addRelease(cluster, 2, {});
    const olds = { values: {}, chartName: "kuma", chartVersion: "2.12.0" };
    for (const [isChartChosen, version] of [
      [false, "2.13.1"],
      [true, "2.12.0"],
    ] as const) {
      const checked = await check("kubernetesRelease", olds, inputs(cluster, { isChartChosen }));
      assert.equal((checked as Properties).chartVersion, version);
    }
  });

  it("says when there is no such release, and what to do", async () => {
    const cluster = await FakeCluster.start();
    assert.match(
      String(await check("kubernetesRelease", {}, inputs(cluster))),
      /^There is no Helm release kuma in namespace kuma-system .* zone default cannot be adopted\. Nothing was changed\. .*install: helm for a zone that does not run yet\.$/,
    );
  });

  it("does not send to install: helm where a zone runs that Helm has not installed", async () => {
    const cluster = await FakeCluster.start();
    const metadata = { name: "kuma-control-plane" };
    cluster.add("/api/v1/namespaces/kuma-system/services/kuma-control-plane", {
      apiVersion: "v1",
      kind: "Service",
      metadata,
    });
    assert.match(
      String(await check("kubernetesRelease", {}, inputs(cluster))),
      /A control plane runs there \(Service kuma-system\/kuma-control-plane\)\. .* One that was installed without Helm cannot be adopted: .* install: helm is no way out: it is for a zone that does not run yet\.$/,
    );
  });

  it("refuses one that is held by an operation", async () => {
    const cluster = await FakeCluster.start();
    addRelease(cluster, 3, {}, "pending-upgrade");
    assert.match(
      String(await check("kubernetesRelease", {}, inputs(cluster))),
      /is in state pending-upgrade/,
    );
  });
});

describe("resources/cluster/kubernetesRelease, of an upgrade that was cut short", () => {
  afterEach(cleanUp);

  it("ends it in up, not in a preview, and sees nothing to do the next time", async () => {
    const cluster = await FakeCluster.start();
    const federated = { custom: 1, controlPlane: { mode: "zone", kdsGlobalAddress: "grpcs://g:5685" } };
    const add = (revision: number, config: Properties, state: string) =>
      cluster.addRelease("kuma-system", "kuma", revision, {
        info: { status: state },
        chart: { metadata: { name: "kuma", version: "2.13.1" } },
        config,
      });
    add(1, { custom: 1 }, "deployed");
    const inputs = {
      ...cluster.reference(),
      zoneName: "default",
      namespace: "kuma-system",
      release: "kuma",
      isChartChosen: false,
      values: {},
    };
    const state = new Map<string, Properties>();
    const step = async () => new HandlerRun(state).step("kubernetesRelease", inputs);
    await step();
    add(2, federated, "pending-upgrade");
    const checked = (await check(
      "kubernetesRelease",
      state.get("kubernetesRelease") ?? {},
      inputs,
    )) as Properties;
    assert.deepEqual([checked.cutShort, checked.values], [2, { custom: 1 }]);
    assert.deepEqual(cluster.writes, [], "a preview writes nothing");

    const { changed, outs } = await step();
    assert.deepEqual([changed, outs.values, "cutShort" in outs], [true, { custom: 1 }, false]);
    assert.equal(cluster.writes.length, 1);
    assert.equal((await step()).changed, false);
    add(3, federated, "pending-upgrade");
    assert.equal((await step()).changed, true, "it may happen again");
  });
});

import * as assert from "node:assert/strict";
import { UNKNOWN, type Properties } from "../../resources/provider/handler";
import { dispatch } from "../../resources/provider/dispatch";
import { cleanUp } from "../support/cleanUp";
import { FakeCluster } from "../support/kubernetes/fakeCluster";
import { HandlerRun } from "../support/pulumi/handlerRun";

type HandlerName = Parameters<typeof dispatch>[0];

/** What a check makes of inputs, or the sentence with which it refuses them. */
async function check(name: HandlerName, olds: Properties, news: Properties): Promise<Properties | string> {
  const { inputs, failures = [] } = await dispatch(name).check(olds, news);
  return failures.length > 0 ? failures.map(({ reason }) => reason).join("\n") : (inputs as Properties);
}

describe("resources on Kubernetes", () => {
  afterEach(cleanUp);

  describe("kubernetesClusters", () => {
    const withUid = async (uid?: string) => {
      const cluster = await FakeCluster.start();
      const metadata = { name: "kube-system", uid };
      if (uid)
        cluster.add("/api/v1/namespaces/kube-system", { apiVersion: "v1", kind: "Namespace", metadata });
      return cluster;
    };
    const inputs = (global: FakeCluster, zone: FakeCluster) => ({
      clusters: { global: { ...global.reference("g") }, "zone default": { ...zone.reference("z") } },
    });

    it("knows clusters by what does not change", async () => {
      const [global, zone] = [await withUid("one"), await withUid("two")];
      const checked = (await check("kubernetesClusters", {}, inputs(global, zone))) as Properties;
      assert.deepEqual(checked.identities, { global: "one", "zone default": "two" });
      assert.deepEqual([...global.writes, ...zone.writes], []);
    });

    it("refuses two contexts of one cluster", async () => {
      const [global, zone] = [await withUid("one"), await withUid("one")];
      assert.equal(
        await check("kubernetesClusters", {}, inputs(global, zone)),
        "The contexts of global and zone default lead to one and the same cluster. Control planes of different roles cannot share one. Nothing was changed.",
      );
    });

    it("takes the address where the namespace may not be read", async () => {
      const [global, zone] = [await withUid("one"), await withUid()];
      const checked = (await check("kubernetesClusters", {}, inputs(global, zone))) as Properties;
      assert.deepEqual(checked.identities, {
        global: "one",
        "zone default": `http://127.0.0.1:${zone.port}`,
      });
    });

    it("names a context that is not there", async () => {
      const cluster = await withUid("one");
      const clusters = { global: { context: "other", kubeconfig: cluster.kubeconfig("g") } };
      const told = String(await check("kubernetesClusters", {}, { clusters }));
      assert.equal(told, "The kubeconfig has no context other; it has g. Nothing was changed.");
    });
  });

  describe("kubernetesKdsAddress", () => {
    const PATH = "/api/v1/namespaces/kuma-system/services/s";
    const inputs = (cluster: FakeCluster, more: Properties = {}) => ({
      ...cluster.reference(),
      namespace: "kuma-system",
      service: "s",
      timeout: 5,
      ...more,
    });
    const addService = (cluster: FakeCluster, ip: string) =>
      cluster.add(PATH, {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "s" },
        status: { loadBalancer: { ingress: [{ ip }] } },
      });

    it("shows an address that is there in previews, and leaves one that is not unknown", async () => {
      const cluster = await FakeCluster.start();
      const before = (await check("kubernetesKdsAddress", {}, inputs(cluster))) as Properties;
      assert.ok(!("host" in before));
      addService(cluster, "10.0.0.7");
      const after = (await check("kubernetesKdsAddress", {}, inputs(cluster))) as Properties;
      assert.equal(after.host, "10.0.0.7");
    });

    it("follows an address that has changed", async () => {
      const cluster = await FakeCluster.start();
      const state = new Map<string, Properties>();
      const step = () => new HandlerRun(state).step("kubernetesKdsAddress", inputs(cluster));
      addService(cluster, "10.0.0.7");
      assert.equal((await step()).outs.host, "10.0.0.7");
      assert.equal((await step()).changed, false);
      addService(cluster, "10.0.0.8");
      const { outs, changed } = await step();
      assert.deepEqual([outs.host, changed], ["10.0.0.8", true]);
    });

    it("asks no cluster for a fixed host", async () => {
      const cluster = await FakeCluster.start();
      const checked = await check(
        "kubernetesKdsAddress",
        {},
        inputs(cluster, { fixedHost: "kds.example.com" }),
      );
      assert.equal((checked as Properties).host, "kds.example.com");
      assert.deepEqual(cluster.requests, []);
    });
  });

  describe("kubernetesRelease", () => {
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

  describe("kubernetesRelease, of an upgrade that was cut short", () => {
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

  describe("kubernetesUpgrade", () => {
    const alone = { custom: 1 };
    const federated = { custom: 1, controlPlane: { kdsGlobalAddress: "grpcs://g:5685" } };
    const changed = { custom: 2, controlPlane: { kdsGlobalAddress: "grpcs://g:5685" } };
    let cluster: FakeCluster;
    let state: Map<string, Properties>;
    beforeEach(async () => {
      cluster = await FakeCluster.start();
      state = new Map();
    });
    const add = (revision: number, config: Properties, { status = "deployed", version = "2.14.3" } = {}) =>
      cluster.addRelease("kuma-system", "kuma", revision, {
        info: { status },
        chart: { metadata: { name: "kuma", version } },
        config,
      });
    const step = async (values: Properties, chartVersion = "2.14.3") => {
      const inputs = {
        ...cluster.reference(),
        zoneName: "default",
        namespace: "kuma-system",
        release: "kuma",
      };
      return new HandlerRun(state).step("kubernetesUpgrade", { ...inputs, values, chartVersion });
    };

    it("gives what is wanted the first time, and when the stack wants something else", async () => {
      add(1, alone);
      assert.deepEqual((await step(federated)).outs.values, federated);
      add(2, federated);
      assert.equal((await step(federated)).changed, false);
      assert.deepEqual((await step(changed)).outs.values, changed);
    });

    it("gives the same as before where somebody else's upgrade has made it what is wanted", async () => {
      add(1, alone);
      await step(federated);
      add(2, federated);
      add(3, changed, { version: "2.14.4" });
      const { outs } = await step(changed, "2.14.4");
      assert.deepEqual([outs.values, outs.chartVersion, outs.description], [federated, "2.14.3", undefined]);
      assert.deepEqual(cluster.writes, []);
      const again = await step(changed, "2.14.4");
      assert.deepEqual([again.changed, again.outs.values], [false, federated]);
      // what is wanted is not what is there any more
      assert.deepEqual((await step(alone, "2.14.4")).outs.values, alone);
    });

    it("has a release upgraded again that somebody else took back, once", async () => {
      add(1, alone);
      await step(federated);
      add(2, federated);
      add(3, alone);
      const { outs } = await step(federated);
      assert.deepEqual(
        [outs.values, outs.description],
        [federated, "After revision 3, which was another one than the stack's"],
      );
      add(4, federated);
      assert.equal((await step(federated)).changed, false);
    });

    it("does not take for wanted what an upgrade has failed with", async () => {
      add(1, alone);
      await step(federated);
      add(2, changed, { status: "failed" });
      assert.deepEqual((await step(changed)).outs.values, changed);
    });

    it("takes over with a refresh what is there", async () => {
      add(1, alone);
      await step(federated);
      add(2, changed);
      await new HandlerRun(state).refresh("kubernetesUpgrade");
      assert.deepEqual((await step(changed)).outs.values, changed);
    });
  });

  describe("kubernetesInstallation", () => {
    const installed = (cluster: FakeCluster, state: string, revision = 1) =>
      cluster.addRelease("kuma-system", "kuma", revision, {
        info: { status: state },
        chart: { metadata: { name: "kuma", version: "2.13.1" } },
      });
    const inputsFor = (cluster: FakeCluster) => ({
      ...cluster.reference(),
      role: "global",
      zones: ["default"],
      namespace: "kuma-system",
      release: "kuma",
    });

    it("ends what a run left open, as often as that happens, and nothing else", async () => {
      const cluster = await FakeCluster.start();
      const state = new Map<string, Properties>();
      const step = async () =>
        (await new HandlerRun(state).step("kubernetesInstallation", inputsFor(cluster))).changed;
      assert.equal(await step(), true, "made");
      for (const time of [1, 2]) {
        installed(cluster, "pending-install");
        assert.equal(await step(), true);
        assert.equal(cluster.writes.length, time);
        assert.equal(await step(), false);
      }
      installed(cluster, "deployed");
      assert.equal(await step(), false);
      installed(cluster, "pending-upgrade", 2);
      assert.equal(await step(), true);
      assert.match(cluster.writes.at(-1) ?? "", /^PATCH .*kuma\.v2$/);
    });

    it("refuses a release that others have installed", async () => {
      const cluster = await FakeCluster.start();
      installed(cluster, "deployed");
      assert.match(
        String(await check("kubernetesInstallation", {}, inputsFor(cluster))),
        /^In the cluster of context fake \(global\): Release kuma in namespace kuma-system is there already/,
      );
    });

    it("is not taken down before a release that the stack does not know", async () => {
      const cluster = await FakeCluster.start();
      const state = new Map<string, Properties>();
      const run = new HandlerRun(state);
      await run.step("kubernetesInstallation", inputsFor(cluster));
      installed(cluster, "pending-install");
      await assert.rejects(run.remove("kubernetesInstallation"), {
        message:
          "Release kuma in namespace kuma-system of the cluster of context fake was not uninstalled: the run that installed it was killed, so that the stack does not know it. " +
          'Run up, which goes on with it, and then destroy; or "helm uninstall kuma -n kuma-system --kube-context fake".',
      });
      cluster.objects.clear();
      await run.remove("kubernetesInstallation");
    });
  });

  describe("kubernetesGlobal", () => {
    it("is unknown in a preview before it is installed", async () => {
      const cluster = await FakeCluster.start();
      const inputs = {
        global: {
          url: "kubernetes://fake/kuma-system/kuma-control-plane",
          kubeconfig: cluster.kubeconfig(),
        },
        release: UNKNOWN,
      };
      assert.deepEqual(await check("kubernetesGlobal", {}, inputs), inputs);
      assert.deepEqual(cluster.writes, []);
    });
  });
});

import * as assert from "node:assert/strict";
import type { Properties } from "../../../../resources/provider/handler";
import { cleanUp } from "../../../support/cleanUp";
import { FakeCluster } from "../../../support/kubernetes/fakeCluster";
import { HandlerRun, check } from "../../../support/pulumi/handlerRun";

describe("resources/cluster/kubernetesInstallation", () => {
  afterEach(cleanUp);

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

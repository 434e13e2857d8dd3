import * as assert from "node:assert/strict";
import { dispatch } from "../../../resources/provider/dispatch";
import { UNKNOWN, type Properties } from "../../../resources/provider/handler";
import { cleanUp, withoutPauses } from "../../support/cleanUp";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { FakeCluster } from "../../support/kubernetes/fakeCluster";
import { HandlerRun, check } from "../../support/pulumi/handlerRun";

describe("resources/global/kubernetesGlobal", () => {
  let state: Map<string, Properties>;
  beforeEach(() => (state = new Map()));
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const inputs = (global: FakeControlPlane, release = "1"): Properties => ({
    global: { url: global.url, tokens: [] },
    release,
  });
  const up = (global: FakeControlPlane, release?: string) =>
    new HandlerRun(state).step("kubernetesGlobal", inputs(global, release));
  const started = (options = {}) => FakeControlPlane.start({ config: { mode: "global" }, ...options });

  it("is unknown in a preview before it is installed", async () => {
    const cluster = await FakeCluster.start();
    const global = {
      url: "kubernetes://fake/kuma-system/kuma-control-plane",
      kubeconfig: cluster.kubeconfig(),
    };
    assert.deepEqual(await check("kubernetesGlobal", {}, { global, release: UNKNOWN }), {
      global,
      release: UNKNOWN,
    });
    assert.deepEqual(cluster.writes, []);
  });

  it("tells what serves, is looked at again after an upgrade, and writes nothing", async () => {
    const global = await started({ version: "2.13.1" });
    const { outs } = await up(global);
    assert.deepEqual([outs.product, outs.version], ["Kuma", "2.13.1"]);
    assert.equal((await up(global)).changed, false);
    assert.equal((await up(global, "2")).changed, true);
    await new HandlerRun(state).remove("kubernetesGlobal");
    assert.deepEqual(global.writes, [], "its release is another resource");
  });

  it("waits until its admin token is there and serves", async () => {
    const global = await started();
    withoutPauses();
    const denied = { status: 403 };
    const { create } = dispatch("kubernetesGlobal");
    global.fail("GET /globalsecrets", denied, 3);
    const { outs } = await create(inputs(global));
    assert.equal(outs.product, "Kuma");
    assert.equal(global.asked.filter((each) => each.startsWith("GET /globalsecrets")).length, 4);
  });

  it("refuses a zone, and another major, and says that nothing was changed", async () => {
    assert.equal(
      await check("kubernetesGlobal", {}, inputs(await started({ config: { mode: "zone" } }))),
      "The control plane that is to be the global is a zone. Nothing was changed.",
    );
    assert.match(
      String(await check("kubernetesGlobal", {}, inputs(await started({ version: "3.0.0" })))),
      /runs Kuma 3\.0\.0; only 2\.x can be federated by this program\. Nothing was changed\.$/,
    );
  });
});

import * as assert from "node:assert/strict";
import type { Properties } from "../../../resources/provider/handler";
import { cleanUp } from "../../support/cleanUp";
import { FakeCluster } from "../../support/kubernetes/fakeCluster";
import { HandlerRun } from "../../support/pulumi/handlerRun";

describe("resources/cluster/kubernetesUpgrade", () => {
  afterEach(cleanUp);

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

  it("holds a description from the first time on, as a preview takes for unknown what is not held", async () => {
    add(1, alone);
    assert.equal((await step(federated)).outs.description, "");
    // as an earlier version left it
    state.forEach((held) => delete held.description);
    add(2, federated);
    assert.equal((await step(federated)).outs.description, "");
    assert.equal((await step(federated)).changed, false);
  });

  it("gives the same as before where somebody else's upgrade has made it what is wanted", async () => {
    add(1, alone);
    await step(federated);
    add(2, federated);
    add(3, changed, { version: "2.14.4" });
    const { outs } = await step(changed, "2.14.4");
    assert.deepEqual([outs.values, outs.chartVersion, outs.description], [federated, "2.14.3", ""]);
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

import assert from "node:assert/strict";
import * as net from "node:net";
import { KumaError } from "../../../../kuma";
import { SshHost } from "../../../../platforms/universal/hosts/sshHost";
import { UNKNOWN, type Properties } from "../../../../resources/provider/handler";
import { captureLog } from "../../../support/captureLog";
import { cleanUp, later } from "../../../support/cleanUp";
import { FakeControlPlane, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { FakeHost, type FakeUnit } from "../../../support/hosts/fakeHost";
import { HandlerRun } from "../../../support/pulumi/handlerRun";

const CONFIG = "/etc/kuma/kuma-cp.yaml";

/** The host answers here; its control plane is a fake of this process. What is done on a real host is tried in test/integration. */
describe("resources/zone/universal/hostZone", () => {
  let state: Map<string, Properties>;
  let told: string[];

  beforeEach(() => {
    state = new Map();
    told = captureLog().lines;
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  /** Whoever goes to a host by SSH meets this one. */
  async function hostThatIs(unit: FakeUnit = {}): Promise<FakeHost> {
    const controlPlane = await FakeControlPlane.start({
      config: { store: { type: "file" } },
      resources: [{ type: "GlobalSecret", name: "envoy-admin-ca", data: "Y2E=" }],
    });
    const host = new FakeHost({ ...unit, files: { [CONFIG]: "", ...unit.files } });
    const { run, connect } = SshHost.prototype;
    SshHost.prototype.run = (argv, options) => host.run(argv, options);
    SshHost.prototype.connect = async () => net.connect(Number(new URL(controlPlane.url).port), "127.0.0.1");
    later(() => void Object.assign(SshHost.prototype, { run, connect }));
    return host;
  }
  const inputs = (more: Properties = {}): Properties => ({
    zoneName: "zone-a",
    zone: { url: "ssh://mesh@zone-a:22/kuma-cp.service", ssh: {} },
    ...more,
  });
  const run = () => new HandlerRun(state);
  const up = (more?: Properties) => run().step("hostZone", inputs(more));

  it("tells what runs there, changes nothing, and has nothing to do the next time", async () => {
    const host = await hostThatIs();
    const { product, version, versionOnDisk, storeType } = (await up()).outs;
    assert.deepEqual([product, version, versionOnDisk, storeType], ["Kuma", "2.14.3", "2.14.3", "file"]);
    assert.deepEqual([(await up()).changed, host.ran.changes, told], [false, 0, []]);
    await run().remove("hostZone");
    assert.equal(host.ran.changes, 0, "it was there before, and stays");
  });

  it("says before anything is made that the switch is an upgrade", async () => {
    await hostThatIs({ version: "2.15.0" });
    assert.deepEqual(await run().refusals("hostZone", inputs()), []);
    assert.deepEqual(told, [
      "zone zone-a: its control plane is 2.14.3, and the program on disk is 2.15.0: the switch is a restart, and so an upgrade",
    ]);
  });

  for (const [what, unit, sentence] of [
    ["does not run", { activeState: "failed" }, /does not run, it is failed \(dead\)/],
    ["has a full disk", { freeKb: 12 }, /The disk of host mesh@zone-a is full.* Nothing was changed/],
    [
      "keeps what it has in its only database",
      { files: { [CONFIG]: "store: {type: postgres}" } },
      /cannot be federated in that one\. Nothing was changed.*federatedDatabase/,
    ],
  ] as const) {
    it(`refuses a zone that ${what}, in a preview already`, async () => {
      const host = await hostThatIs(unit);
      assert.match((await run().refusals("hostZone", inputs())).join(), sentence);
      await assert.rejects(up(), sentence);
      assert.deepEqual([host.ran.changes, state.size], [0, 0]);
    });
  }

  describe("with several instances", () => {
    const instances = [{ url: "ssh://mesh@zone-b:22/kuma-cp.service", ssh: {} }];
    const zone = { url: "ssh://mesh@zone-a:22/kuma-cp.service", ssh: {}, instances };

    it("refuses those whose store only one can have, before anything is made", async () => {
      const host = await hostThatIs();
      const [sentence] = await run().refusals("hostZone", inputs({ zone }));
      assert.match(
        sentence,
        /is one of 2 instances in the setting ssh, and keeps what it has in a store of the type file/,
      );
      assert.equal(host.ran.changes, 0);
    });

    it("refuses where one of them does not answer, before anything is made", async () => {
      const host = await hostThatIs();
      const { run: answer } = SshHost.prototype;
      SshHost.prototype.run = function (argv, options) {
        return this.access.host === "zone-b"
          ? Promise.reject(new KumaError("unreachable", "zone-b is away"))
          : answer.call(this, argv, options);
      };
      assert.deepEqual(await run().refusals("hostZone", inputs({ zone })), ["zone-b is away"]);
      assert.equal(host.ran.changes, 0);
    });
  });

  it("refuses an address that is no unit's", async () => {
    await hostThatIs();
    const zone = { url: "http://127.0.0.1:5681" };
    assert.deepEqual(await run().refusals("hostZone", inputs({ zone })), [
      "http://127.0.0.1:5681 is no unit on a host. Nothing was changed.",
    ]);
  });

  it("looks nowhere as long as a preview does not know where", async () => {
    const host = await hostThatIs({ freeKb: 12 });
    assert.deepEqual(await run().refusals("hostZone", inputs({ zone: { url: UNKNOWN } })), []);
    assert.deepEqual(host.ran, { looks: 0, changes: 0 });
  });
});

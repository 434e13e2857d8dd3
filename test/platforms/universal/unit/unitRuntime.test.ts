import * as assert from "node:assert/strict";
import { VARIABLES } from "../../../../platforms/universal/unit/places";
import { UnitRuntime } from "../../../../platforms/universal/unit/unitRuntime";
import { ARGV, FakeHost, type FakeUnit } from "../../../support/hosts/fakeHost";

const UNIT = "kuma-cp.service";
const MEMBER = { KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS: "grpcs://g:5685" };
const DROP_IN = {
  [`/etc/systemd/system/${UNIT}.d/zz-kuma-federation.conf`]: "[Service]",
  [`/var/lib/kuma-federation/${UNIT}/${VARIABLES}`]: "KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS=grpcs://g:5685\n",
};

describe("platforms/universal/unit: what a unit runs with", () => {
  const running = (variables: Record<string, string>, files: Record<string, string>, more: FakeUnit = {}) =>
    new UnitRuntime(
      new FakeHost({
        process: { program: ARGV[0], argv: ARGV, variables },
        files: { "/etc/kuma/kuma-cp.yaml": "", ...files },
        ...more,
      }),
      UNIT,
      undefined,
    );
  const runsWith = (runtime: UnitRuntime, environment: Record<string, string>) =>
    runtime.runsWith({ title: UNIT, storeType: "memory", environment });

  it("is what its drop-in says, once it was started since", async () => {
    assert.equal(await runsWith(running(MEMBER, DROP_IN), MEMBER), true);
    assert.equal(await runsWith(running({}, {}), {}), true);
    const former = `/etc/systemd/system/${UNIT}.d/90-kuma-federation.conf`;
    const ofEarlier = Object.fromEntries(
      Object.entries(DROP_IN).map(([path, text]) => [path.endsWith(".conf") ? former : path, text]),
    );
    assert.equal(await runsWith(running(MEMBER, ofEarlier), MEMBER), true, "switched by an earlier version");
    assert.equal(
      await runsWith(running({}, DROP_IN), MEMBER),
      false,
      "a kill before the restart as a member",
    );
    assert.equal(await runsWith(running(MEMBER, {}), {}), false, "a kill before the restart of the way back");
    assert.equal(await runsWith(running(MEMBER, DROP_IN), {}), false);
    assert.equal(await runsWith(running({}, {}, { activeState: "failed" }), {}), false);
  });
});

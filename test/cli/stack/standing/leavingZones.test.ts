import * as assert from "node:assert/strict";
import { adoptedAlone, letGoOfAdopted } from "../../../../cli/stack/standing/leavingZones";
import type { StandingZone } from "../../../../cli/stack/standing/standing";
import { MEMBERS_VARIABLE } from "../../../../resources/options/members";
import type { StackConfig } from "../../../../stack/config";
import { captureLog } from "../../../support/captureLog";
import { cleanUp, setEnvironment } from "../../../support/cleanUp";
import { FakeControlPlane, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { proxyOf } from "../../../support/resources/proxyOf";

describe("cli/stack/leavingZones", () => {
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  it("names zones that Helm has installed and that are to run alone, and no others", () => {
    const zone = (name: string, platform: string, install: unknown, federated: boolean) =>
      ({ name, platform, install, federated }) as unknown as StackConfig["zones"][number];
    const zones = [
      ...[zone("a", "kubernetes", "adopt", false), zone("b", "kubernetes", "adopt", true)],
      ...[zone("c", "kubernetes", {}, false), zone("d", "host", undefined, false)],
    ];
    assert.deepEqual(adoptedAlone({ zones }), ["a"]);
  });

  it("has other zones let go of those that leave, once, before anything else is done", async () => {
    const global = await FakeControlPlane.start();
    global.add({ type: "Mesh", name: "default" });
    for (const name of ["a", "b", "c"]) global.add({ type: "Zone", name, enabled: true });
    for (const each of [proxyOf("a", "shop"), proxyOf("b", "shop"), proxyOf("c", "pay")]) global.add(each);
    const zones = ["a", "b", "c"].map(
      (zoneName) => ({ zoneName, global: { url: global.url } }) as StandingZone,
    );
    setEnvironment(MEMBERS_VARIABLE, "b");
    const { lines } = captureLog();
    const enabled = () => ["a", "b", "c"].map((name) => global.store.get(`Zone ${name}`)?.enabled);
    await letGoOfAdopted(undefined, ["a"], 0);
    assert.deepEqual(enabled(), [true, true, true]);
    await letGoOfAdopted({ zones }, ["a", "c"], 0);
    // nobody else has what c has
    assert.deepEqual(enabled(), [false, true, true]);
    await letGoOfAdopted({ zones }, ["a", "c"], 0);
    assert.deepEqual(lines, [
      "  zone a: it is disabled on the global until it has left, so that calls to what other zones have too go there (shop)",
    ]);
  });
});

import * as assert from "node:assert/strict";
import { openKdsPortOf } from "../../../kuma";
import { admitsAnyZone } from "../../../kuma/zone/exposure";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";

describe("kuma/zone/exposure", () => {
  afterEach(stopFakes);
  const globalWith = async (type: string | undefined) =>
    FakeControlPlane.start({
      config: { mode: "global", multizone: { global: { kds: { auth: { type } } } } },
    });
  const WARNING =
    "asks for no credential: whoever reaches it under any zone's name is sent the secrets of every mesh, its certificate authorities and the keys that sign data plane tokens among them. " +
    "Let only your zones reach that port: by a firewall, a private network, or kds.sourceRanges of a load balancer. " +
    "Kuma 2 can ask zones for nothing; Kong Mesh can (cpToken), and so can 3.0 (zoneToken).";

  it("takes no word, an empty one and none for an open door", () => {
    for (const kdsAuth of [undefined, "", "none"]) assert.ok(admitsAnyZone({ kdsAuth }), kdsAuth);
    for (const kdsAuth of ["cpToken", "zoneToken", "None"]) assert.ok(!admitsAnyZone({ kdsAuth }), kdsAuth);
  });

  it("warns of a global that asks for nothing, with its address where that is known", async () => {
    const open = clientOf(await globalWith(undefined));
    assert.equal(await openKdsPortOf(open, undefined), `The KDS port of the global ${WARNING}`);
    assert.equal(
      await openKdsPortOf(open, "grpcs://g:5685"),
      `The KDS port of the global (grpcs://g:5685) ${WARNING}`,
    );
  });

  it("says nothing of one that asks, or that Konnect hosts", async () => {
    assert.equal(await openKdsPortOf(clientOf(await globalWith("zoneToken")), "x"), undefined);
    const basePath = "/v1/mesh/control-planes/c-1/api";
    const hosted = await FakeControlPlane.start({ basePath });
    assert.equal(await openKdsPortOf(clientOf(hosted), "x"), undefined);
    assert.deepEqual(hosted.requests, []);
  });
});

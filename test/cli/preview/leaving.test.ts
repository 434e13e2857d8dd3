import * as assert from "node:assert/strict";
import { describeLeaving } from "../../../cli/preview/leaving";
import type { StandingZone } from "../../../cli/stack/standing/standing";
import { Resource } from "../../../kuma";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";

const proxy = (zone: string, name: string, ...services: string[]): Resource => ({
  ...{ type: "Dataplane", mesh: "default", name, labels: { "kuma.io/zone": zone } },
  networking: { inbound: services.map((service) => ({ tags: { "kuma.io/service": service } })) },
});

describe("cli/preview/leaving", () => {
  afterEach(stopFakes);

  const told = async (zones: string[], ...resources: Resource[]) => {
    const global = await FakeControlPlane.start({ resources });
    const standing = { zoneName: "zone-1", global: { url: global.url } } as StandingZone;
    return describeLeaving({ zones: [standing] }, zones);
  };
  const tokens =
    "zone zone-1: tokens that the global issued are not valid in the zone once it runs alone, except those that were signed with a key that the zone had before";

  it("names the services that other zones, and the zone, no longer reach", async () => {
    const resources = [
      ...[proxy("zone-1", "a", "web", "api"), proxy("zone-1", "b", "web")],
      ...[proxy("zone-2", "c", "db"), proxy("zone-3", "d")],
    ];
    assert.deepEqual(await told(["zone-1"], ...resources), [
      "zone zone-1: calls across zones end: other zones no longer reach its services (api, web), nor does it reach those of zone-2 (db), zone-3 (none)",
      tokens,
    ]);
  });

  it("speaks of no calls where there is no other zone", async () => {
    assert.deepEqual(await told(["zone-1"], proxy("zone-1", "a", "web")), [tokens]);
  });

  it("says nothing where no zone leaves", async () => {
    assert.deepEqual(await told([]), []);
  });
});

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

  const toldOf = async (standing: Partial<StandingZone>, zones: string[], ...resources: Resource[]) => {
    const global = await FakeControlPlane.start({ resources });
    const zone = { zoneName: "zone-1", global: { url: global.url }, ...standing } as StandingZone;
    return describeLeaving({ zones: [zone] }, zones);
  };
  const told = (zones: string[], ...resources: Resource[]) => toldOf({}, zones, ...resources);
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

  it("says how no call fails that moves to another zone, unless it is so already", async () => {
    const proxies = [proxy("zone-1", "a", "web", "api"), proxy("zone-2", "b", "web")];
    const zone = (enabled: boolean): Resource => ({ type: "Zone", name: "zone-1", enabled });
    assert.equal(
      (await told(["zone-1"], ...proxies, zone(true)))[1],
      "zone zone-1: it is disabled on the global before it leaves, so that calls to what other zones have too go there (web)",
    );
    assert.equal((await told(["zone-1"], ...proxies, zone(false)))[1], tokens);
  });

  it("says of a zone that the stack has installed that it goes", async () => {
    assert.deepEqual(await toldOf({ isInstalled: true }, ["zone-1"]), [
      "zone zone-1: the stack has installed it, so that its control plane is deleted",
    ]);
  });

  it("speaks of no calls where there is no other zone", async () => {
    assert.deepEqual(await told(["zone-1"], proxy("zone-1", "a", "web")), [tokens]);
  });

  it("says nothing where no zone leaves", async () => {
    assert.deepEqual(await told([]), []);
  });
});

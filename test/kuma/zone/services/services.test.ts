import * as assert from "node:assert/strict";
import { Resource, servicesByZone } from "../../../../kuma";
import { FakeControlPlane, clientOf, stopFakes } from "../../../support/controlPlane/fakeControlPlane";

const dataplane = (name: string, zone: string | undefined, networking: unknown): Resource => ({
  ...{ type: "Dataplane", mesh: "m", name, networking },
  ...(zone === undefined ? {} : { labels: { "kuma.io/zone": zone } }),
});
const listener = (service: unknown) => ({ tags: { "kuma.io/service": service } });

describe("kuma/zone/services/services", () => {
  afterEach(stopFakes);

  it("names what the proxies of each zone stand before, once and in order", async () => {
    const fake = await FakeControlPlane.start({
      resources: [
        dataplane("a", "east", { inbound: [listener("shop"), listener("pay")] }),
        dataplane("b", "east", { inbound: [listener("shop")] }),
        dataplane("c", "west", { gateway: listener("edge") }),
        dataplane("d", "north", { inbound: [listener(7), {}, "none"] }),
        dataplane("e", undefined, { inbound: [listener("nobody")] }),
      ],
    });
    assert.deepEqual(await servicesByZone(clientOf(fake)), {
      east: ["pay", "shop"],
      west: ["edge"],
      north: [],
    });
  });

  it("knows of none where the type is not known", async () => {
    const fake = await FakeControlPlane.start({ types: [] });
    assert.deepEqual(await servicesByZone(clientOf(fake)), {});
    assert.deepEqual(fake.asked, ["GET /_resources"]);
  });
});

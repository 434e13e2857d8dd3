import * as assert from "node:assert/strict";
import { Resource, callsThatEnd, servicesByZone } from "../../../../kuma";
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

  describe("calls that end with a zone", () => {
    const proxy = (name: string, zone: string, mesh: string, ...services: string[]): Resource => ({
      ...dataplane(name, zone, { inbound: services.map(listener) }),
      mesh,
    });
    const service = (name: string, zone: string, mesh: string): Resource => ({
      ...{ type: "MeshService", mesh, name: `${name}-${zone}`, spec: {} },
      labels: { "kuma.io/zone": zone, "kuma.io/display-name": name, app: name },
    });
    const multi = (name: string, mesh: string): Resource => ({
      ...{ type: "MeshMultiZoneService", mesh, name },
      spec: { selector: { meshService: { matchLabels: { app: name } } } },
    });
    const told = async (...resources: Resource[]) => {
      const fake = await FakeControlPlane.start({ resources });
      return callsThatEnd(clientOf(fake), "east");
    };
    const mesh = (name: string, mode?: string): Resource => ({
      ...{ type: "Mesh", name },
      ...(mode !== undefined && { meshServices: { mode } }),
    });

    it("are those by tags that no other zone has", async () => {
      const proxies = [proxy("a", "east", "m", "shop", "pay"), proxy("b", "west", "m", "shop", "edge")];
      assert.equal(
        await told(mesh("m"), ...proxies),
        "calls from other zones to its services end (pay), or move to zones that have them too (shop)",
      );
    });

    it("are those that only a zone that is disabled has too", async () => {
      const proxies = [proxy("a", "east", "m", "shop"), proxy("b", "west", "m", "shop")];
      assert.match(
        await told(mesh("m"), ...proxies, { type: "Zone", name: "west", enabled: false }),
        /end \(shop\), or move .* \(none\)$/,
      );
    });

    it("are those by names of its MeshServices, also where the tag is in other zones", async () => {
      const proxies = [proxy("a", "east", "m", "shop"), proxy("b", "west", "m", "shop")];
      const services = [service("shop", "east", "m"), service("shop", "west", "m")];
      assert.match(
        await told(mesh("m", "Everywhere"), ...proxies, ...services),
        /end \(none\), or move .* \(shop\); those by names of its MeshServices, to which no other zone answers, end \(shop\)$/,
      );
    });

    it("move in a mesh of MeshServices alone where a MeshMultiZoneService has them in other zones", async () => {
      const proxies = [proxy("a", "east", "m", "shop"), proxy("b", "west", "m", "shop")];
      const services = [
        service("shop", "east", "m"),
        service("pay", "east", "m"),
        service("shop", "west", "m"),
      ];
      const exclusive = mesh("m", "Exclusive");
      const named = "; those by names of its MeshServices, to which no other zone answers, end (pay, shop)";
      const alone = await told(exclusive, ...proxies, ...services);
      assert.ok(alone.endsWith(`end (none), or move to zones that have them too (none)${named}`), alone);
      const both = await told(exclusive, ...proxies, ...services, multi("shop", "m"), multi("pay", "m"));
      assert.ok(both.endsWith(`end (pay), or move to zones that have them too (shop)${named}`), both);
      const elsewhere = await told(exclusive, ...proxies, ...services, multi("shop", "other"));
      assert.equal(elsewhere, alone);
    });
  });
});

import assert from "node:assert/strict";
import { type Resource, setZoneEnabled } from "../../../kuma";
import { MEMBERS_VARIABLE } from "../../../resources/options/members";
import { letGo } from "../../../resources/zone/letGo";
import {
  asMember,
  holdBack,
  isHeldBack,
  isToJoin,
  whileIngressChanges,
} from "../../../resources/zone/withheld";
import { captureLog } from "../../support/captureLog";
import { cleanUp, setEnvironment, withoutPauses } from "../../support/cleanUp";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { proxyOf } from "../../support/resources/proxyOf";

const INGRESSES = "/zoneingresses+insights";
const UP = { connectTime: "2026-11-28T00:00:00Z", status: { lds: { responsesAcknowledged: "1" } } };
const STARTING = { ...UP, status: { total: {} } };
/** A port that is given to nobody, unlike that of a control plane which was stopped: another test's may have it by then. */
const NOWHERE = { url: "http://127.0.0.1:1" };
const GONE = { ...UP, disconnectTime: "2026-11-28T00:01:00Z" };

describe("resources/zone/withheld", () => {
  let global: FakeControlPlane;
  let zone: FakeControlPlane;
  let told: string[];

  beforeEach(async () => {
    [global, zone] = [await FakeControlPlane.start(), await FakeControlPlane.start()];
    global.add({ type: "Mesh", name: "default" });
    global.add({ type: "Zone", name: "zone-2", enabled: true });
    global.add(proxyOf("zone-2", "shop"));
    const { labels: _, ...alone } = proxyOf("zone-1", "shop", "pay");
    zone.add(alone);
    zone.config = { mode: "zone", multizone: { zone: { name: "zone-1", globalAddress: "" } } };
    told = captureLog().lines;
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const place = () => ({ zoneName: "zone-1", zone: { url: zone.url }, global: { url: global.url } });
  const onGlobal = () => global.store.get("Zone zone-1");
  const disabled = (labels?: Resource["labels"]) =>
    global.add({ type: "Zone", name: "zone-1", enabled: false, ...(labels && { labels }) });
  const ingresses = (...subscriptions: object[]) => {
    const overview = (name: string, of: string, insight: object) => ({
      ...{ type: "ZoneIngressOverview", name, labels: { "kuma.io/zone": of } },
      zoneIngressInsight: insight,
    });
    const own = subscriptions.map((each, at) =>
      overview(`ingress-${at + 1}`, "zone-1", { subscriptions: [each] }),
    );
    const items = [...own, overview("of-another", "zone-2", {})];
    zone.documents.set(INGRESSES, { total: items.length, items, next: null });
  };
  const join = () => asMember(place(), async () => "joined", { withinMs: 0, routesMs: 0 });
  const leave = async () => {
    global.add({ ...proxyOf("zone-1", "shop") });
    setEnvironment(MEMBERS_VARIABLE, "zone-2");
    await letGo(place(), { waitMs: 0 });
  };

  it("makes the Zone of a zone that joins, disabled, where others have one of its services", async () => {
    await holdBack(place());
    assert.deepEqual(onGlobal(), {
      ...{ type: "Zone", name: "zone-1", enabled: false },
      labels: { "kuma-federation/disabled": "until-it-serves" },
    });
    assert.match(
      told.join(),
      /zone-1: it is disabled on the global until its zone ingress serves.* \(shop\)/,
    );
  });

  it("disables one that is there, and keeps its labels", async () => {
    global.add({ type: "Zone", name: "zone-1", labels: { team: "a" } });
    await holdBack(place());
    assert.equal(onGlobal()?.enabled, false);
    ingresses(UP);
    assert.equal(await join(), "joined");
    assert.deepEqual([onGlobal()?.enabled, onGlobal()?.labels], [true, { team: "a" }]);
    assert.match(told.at(-1) ?? "", /zone-1: it is enabled on the global, as its zone ingress serves/);
  });

  it("writes nothing where no other zone that is enabled has one of its services", async () => {
    global.add({ type: "Zone", name: "zone-2", enabled: false });
    await holdBack(place());
    global.add({ type: "Zone", name: "zone-2", enabled: true });
    zone.store.clear();
    await holdBack(place());
    assert.deepEqual([onGlobal(), told], [undefined, []]);
  });

  it("writes nothing for what a zone has of others", async () => {
    zone.store.clear();
    zone.add(proxyOf("zone-3", "shop"));
    await holdBack(place());
    assert.deepEqual([onGlobal(), told], [undefined, []]);
  });

  it("writes nothing for a zone that is a member, nor to a Zone that somebody has disabled", async () => {
    const { config } = zone;
    zone.config = { mode: "zone", multizone: { zone: { globalAddress: "grpcs://global:5685" } } };
    await holdBack(place());
    assert.equal(onGlobal(), undefined);
    zone.config = config;
    disabled({ team: "a" });
    await holdBack(place());
    await join();
    assert.deepEqual([onGlobal()?.enabled, onGlobal()?.labels, told], [false, { team: "a" }, []]);
  });

  it("makes the Zone of one that the stack has disabled, whatever others have, and never enables it", async () => {
    global.store.delete("Zone zone-2");
    await holdBack({ ...place(), enabled: false });
    assert.deepEqual(onGlobal(), { type: "Zone", name: "zone-1", enabled: false });
    ingresses(UP);
    await join();
    assert.equal(onGlobal()?.enabled, false);
    assert.deepEqual(told, [
      "zone zone-1: it is disabled on the global before it joins, as the stack has it",
    ]);
  });

  it("disables the Zone that is there of one that the stack has disabled, and keeps its labels", async () => {
    global.add({ type: "Zone", name: "zone-1", labels: { team: "a" } });
    await holdBack({ ...place(), enabled: false });
    assert.deepEqual([onGlobal()?.enabled, onGlobal()?.labels], [false, { team: "a" }]);
  });

  it("fails before a zone joins that the stack has disabled and that cannot be", async () => {
    global.fail("PUT /zones/zone-1", { status: 400 });
    await assert.rejects(holdBack({ ...place(), enabled: false }), /status 400/);
  });

  it("leaves one that the stack has enabled to be held back, where others have what it has", async () => {
    await holdBack({ ...place(), enabled: true });
    assert.deepEqual(onGlobal()?.labels, { "kuma-federation/disabled": "until-it-serves" });
  });

  it("tells of a zone that runs alone that it is to join, and nothing of one that does not answer", async () => {
    assert.equal(await isToJoin(place()), true);
    zone.config = { mode: "zone", multizone: { zone: { globalAddress: "grpcs://global:5685" } } };
    assert.equal(await isToJoin(place()), false);
    withoutPauses();
    assert.equal(await isToJoin({ ...place(), zone: NOWHERE }), false);
  });

  it("keeps no zone from joining that cannot be held back", async () => {
    global.fail("PUT /zones/zone-1", { status: 400 });
    await holdBack(place());
    assert.match(told.join(), /^warning: zone zone-1: it could not be disabled .* with status 400/);
  });

  it("enables one without a zone ingress at once", async () => {
    await holdBack(place());
    ingresses();
    await join();
    assert.equal(onGlobal()?.enabled, true);
    assert.match(told.at(-1) ?? "", /and has no zone ingress/);
  });

  it("leaves one disabled, and fails, where none of its ingresses serves; the next run enables it", async () => {
    await holdBack(place());
    for (const subscription of [STARTING, GONE, {}]) {
      ingresses(subscription);
      await assert.rejects(join(), {
        code: "gate",
        message: /zone-1 has joined, and is left disabled .* \(ingress-1\).*run it again/,
      });
      assert.equal(onGlobal()?.enabled, false);
    }
    assert.equal(await isHeldBack(place()), true);
    assert.match(
      told.at(-1) ?? "",
      /still disabled on the global, until its zone ingress serves; as it is a/,
    );
    ingresses(UP);
    await join();
    assert.equal(onGlobal()?.enabled, true);
  });

  it("warns of ingresses that do not serve beside one that does", async () => {
    await holdBack(place());
    ingresses(UP, GONE);
    await join();
    assert.equal(onGlobal()?.enabled, true);
    assert.match(told.join("\n"), /warning: zone zone-1: .* do not serve after 60 s: ingress-2\. Calls/);
  });

  it("enables a zone again that was to leave and stays, before all else", async () => {
    global.add({ type: "Zone", name: "zone-1", enabled: true, labels: { team: "a" } });
    await leave();
    assert.equal(await isHeldBack(place()), true);
    assert.match(
      told.at(-1) ?? "",
      /still disabled on the global, as it was about to leave; as it is a member/,
    );
    await asMember(place(), async () => assert.equal(onGlobal()?.enabled, true));
    assert.deepEqual([onGlobal()?.enabled, onGlobal()?.labels], [true, { team: "a" }]);
    assert.match(told.at(-1) ?? "", /enabled on the global again, as it stays/);
    assert.equal(await isHeldBack(place()), false);
  });

  it("leaves one disabled that somebody has enabled after that, and disabled again", async () => {
    await holdBack(place());
    await setZoneEnabled(clientOf(global), "zone-1", true);
    assert.deepEqual([onGlobal()?.enabled, onGlobal()?.labels], [true, undefined]);
    await setZoneEnabled(clientOf(global), "zone-1", false);
    assert.equal(await isHeldBack(place()), false);
    await join();
    assert.equal(onGlobal()?.enabled, false);
  });

  describe("while a zone ingress of a member changes", () => {
    const SERVING = { name: "ingress-1", isKnown: false };
    const change = async (goes: boolean, name = SERVING.name) => {
      let wasEnabled: unknown;
      const made = await whileIngressChanges(place(), { ...SERVING, name, goes }, async () => {
        wasEnabled = onGlobal()?.enabled;
        if (goes) global.documents.set(INGRESSES, { total: 0, items: [], next: null });
        return "made";
      });
      assert.deepEqual([made, onGlobal()?.enabled], ["made", true]);
      return wasEnabled;
    };
    beforeEach(() => {
      global.add({ type: "Zone", name: "zone-1", enabled: true });
      ingresses(UP);
    });

    it("withholds the zone where others have all that it has", async () => {
      zone.store.clear();
      zone.add(proxyOf("zone-1", "shop"));
      assert.equal(await change(true), false);
      assert.match(
        told.join("\n"),
        /disabled on the global until its zone ingress is gone, .*\n.* and its zone i/,
      );
      assert.equal(onGlobal()?.labels, undefined);
    });

    it("withholds no zone with services of its own that are called through another ingress", async () => {
      assert.equal(await change(true, "another"), true);
      assert.deepEqual(told, []);
    });

    it("withholds one whose only ingress goes, whatever it has", async () => {
      assert.equal(await change(true), false);
    });

    it("asks nobody of the ingresses that are left, of a zone that is not withheld", async () => {
      global.add({ type: "Zone", name: "zone-2", enabled: false });
      global.fail(`GET ${INGRESSES}`, { status: 500 });
      assert.equal(await change(true), true);
    });
  });

  it("joins a global that shows no Zones, and fails where one does not answer", async () => {
    for (const status of [403, 405]) {
      for (const path of ["/zones/zone-1", "/zones"]) global.fail(`GET ${path}`, { status });
      assert.equal(await join(), "joined");
    }
    withoutPauses();
    const away = { ...place(), global: NOWHERE };
    assert.equal(await isHeldBack(away), false);
    await assert.rejects(
      asMember(away, async () => "joined"),
      /cannot be reached/,
    );
  });
});

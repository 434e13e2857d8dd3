import * as assert from "node:assert/strict";
import { once } from "node:events";
import * as net from "node:net";
import type { StandingZone } from "../../../cli/stack/standing/standing";
import { collectStatus } from "../../../cli/status/collect";
import { Resource, manifestOf } from "../../../kuma";
import type { ZoneConfig } from "../../../stack/settings/controlPlanes";
import { cleanUp, later } from "../../support/cleanUp";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";

const mesh: Resource = { type: "Mesh", name: "default" };
const online = { zoneInsight: { subscriptions: [{ id: "s", connectTime: "now" }] } };
const wanted = (name: string, federated = true) => ({ name, federated }) as ZoneConfig;

describe("cli/status/collect, of several zones", () => {
  let global: FakeControlPlane;
  let zone: FakeControlPlane;
  beforeEach(async () => {
    global = await FakeControlPlane.start({ resources: [mesh] });
    global.overviews.set("zone-1", [online]);
    zone = await FakeControlPlane.start({
      resources: [{ ...mesh, labels: { "kuma.io/origin": "global" } }],
    });
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const federation = (more: Partial<StandingZone> = {}): StandingZone => ({
    zoneName: "zone-1",
    zone: { url: zone.url },
    global: { url: global.url },
    resources: manifestOf([mesh]),
    joined: true,
    onConflict: "fail",
    ledger: [],
    ...more,
  });

  it("says what to do with a zone that is connected and gets nothing, or sends nothing (kumahq/kuma 16428)", async () => {
    const timeout = (name: string, labels = {}): Resource => ({
      ...{ type: "MeshTimeout", mesh: "default", name, labels, spec: {} },
    });
    const look = () =>
      collectStatus(
        { zones: [federation()], alone: [], endsGlobal: false },
        { zones: [wanted("zone-1")], acceptDifferences: [] },
      );
    const told = async () =>
      (await look()).warnings.filter((each) => !each.startsWith("The KDS port")).join();
    assert.equal(await told(), "");
    global.add(timeout("later"));
    const { problems } = await look();
    assert.match(problems.join(), /^On the global, but missing or different in zone zone-1: MeshTimeout/);
    assert.match(
      await told(),
      /^Zone zone-1 is connected.* from the global to it arrives\. .* start the zone's/,
    );
    zone.add(timeout("own", { "kuma.io/origin": "zone" }));
    assert.match(await told(), /not all that goes between it and the global arrives/);
    global.store.delete("MeshTimeout default/later");
    assert.match(await told(), /not all that goes from it to the global arrives/);
    // it may be sent as soon as the zone is back
    global.overviews.set("zone-1", [{}]);
    assert.equal(await told(), "");
  });

  describe("with a zone that is disabled, or to be", () => {
    const toBe = (enabled?: boolean) =>
      collectStatus(
        { zones: [federation()], alone: [], endsGlobal: false },
        { zones: [{ ...wanted("zone-1"), enabled }], acceptDifferences: [] },
      );
    const told = async (enabled?: boolean) => {
      const { problems, warnings } = await toBe(enabled);
      return [problems, warnings.filter((warning) => !warning.startsWith("The KDS port"))];
    };
    const disable = () => global.overviews.set("zone-1", [{ ...online, zone: { enabled: false } }]);
    const DISABLED =
      "Zone zone-1 is disabled on the global (enabled: false of its Zone): other zones learn of none of its services.";

    it("is healthy where it is as the stack's file says", async () => {
      assert.deepEqual(await told(true), [[], []]);
      disable();
      assert.deepEqual(await told(false), [[], []]);
    });

    it("warns of one that others have disabled, and calls it a problem where the file says otherwise", async () => {
      disable();
      assert.deepEqual(await told(), [[], [DISABLED]]);
      assert.deepEqual(await told(true), [
        [`${DISABLED} By the stack file it is to be enabled; npm run up does that.`],
        [],
      ]);
    });

    it("calls it a problem where a run that has ended left it disabled for a while", async () => {
      disable();
      const leave = (until: string, enabled = false) =>
        global.add({ type: "Zone", name: "zone-1", enabled, labels: { "kuma-federation/disabled": until } });
      leave("until-it-serves");
      const joining =
        "Other zones learn of none of the services of zone zone-1: it is disabled on the global until its zone ingress serves. " +
        "If no run is under way, npm run up looks again, and enables it then.";
      for (const enabled of [undefined, true]) assert.deepEqual(await told(enabled), [[joining], []]);
      assert.deepEqual(await told(false), [[], []]);
      leave("until-it-has-left");
      assert.match(
        String((await told())[0]),
        /as it was about to leave\. If no run is under way, npm run up has it leave/,
      );
      // it was enabled since: the label says nothing
      leave("until-it-serves", true);
      global.overviews.set("zone-1", [online]);
      assert.deepEqual(await told(), [[], []]);
    });

    it("tells of one that is enabled and is to be disabled", async () => {
      assert.deepEqual(await told(false), [
        [
          "Zone zone-1 is enabled on the global, and by the stack file it is to be disabled; npm run up does that.",
        ],
        [],
      ]);
    });

    it("names what another zone still has of it", async () => {
      global.add({ type: "Zone", name: "zone-2", enabled: false });
      const type = { name: "ZoneIngress", path: "zoneingresses", scope: "Global", readOnly: false } as const;
      zone.types = [...zone.types, { ...type, includeInFederation: false }];
      zone.add({ type: "ZoneIngress", name: "in-2", labels: { "kuma.io/zone": "zone-2" } });
      const [problems] = await told();
      assert.deepEqual(problems, [
        "Zone zone-1 still has of zone zone-2, which is disabled on the global: ZoneIngress in-2. Calls may go there until it is gone.",
      ]);
    });
  });

  describe("of ten zones, of which three do not answer", () => {
    const SILENT = ["zone-2", "zone-5", "zone-9"];
    const NAMES = Array.from({ length: 10 }, (_, index) => `zone-${index + 1}`);

    const ten = async () => {
      const silent = net.createServer(() => {}).listen(0, "127.0.0.1");
      later(() => void silent.close());
      await once(silent, "listening");
      const url = `http://127.0.0.1:${(silent.address() as net.AddressInfo).port}`;
      for (const name of NAMES) global.overviews.set(name, [online]);
      return NAMES.map((name) => ({
        ...federation({ zoneName: name }),
        ...(SILENT.includes(name) && { zone: { url } }),
      }));
    };

    it("tells of all of them, names those, and reads what the global has once", async () => {
      const zones = await ten();
      const { problems, zones: told } = await collectStatus(
        { zones, alone: [], endsGlobal: false },
        { zones: NAMES.map((name) => wanted(name)), acceptDifferences: [] },
        { patience: { attempts: 1, requestTimeoutMs: 2_000 } },
      );
      assert.deepEqual(
        told.map(({ name, online: isOnline, globalToZone }) => [name, isOnline, globalToZone]),
        NAMES.map((name) => [name, true, SILENT.includes(name) ? null : true]),
      );
      const named = problems.map((problem) => /^Zone (\S+) could not be compared/.exec(problem)?.[1]);
      assert.deepEqual(named, SILENT);
      const lists = global.requests.filter(({ path }) => /^\/meshes\?/.test(path));
      assert.equal(lists.length, 1, lists.map(({ path }) => path).join());
    });

    it("tells of a host that cannot be reached as of any other zone", async () => {
      const away = {
        url: "ssh://root@127.0.0.1:1/kuma-cp.service",
        ssh: { hostKey: `SHA256:${"a".repeat(43)}` },
      };
      const zones = [federation({ zoneName: "zone-1", zone: away }), federation({ zoneName: "zone-2" })];
      global.overviews.set("zone-2", [online]);
      const { problems, zones: told } = await collectStatus(
        { zones, alone: [{ name: "zone-3", ...away }], endsGlobal: false },
        { zones: [wanted("zone-1"), wanted("zone-2"), wanted("zone-3", false)], acceptDifferences: [] },
        { patience: { attempts: 1, requestTimeoutMs: 2_000 } },
      );
      assert.deepEqual(
        told.map(({ name, globalToZone }) => [name, globalToZone]),
        [
          ["zone-1", null],
          ["zone-2", true],
        ],
      );
      assert.equal(problems.length, 2, problems.join("\n"));
      assert.match(problems[0], /^Zone zone-1 could not be compared with the global\. /);
    });
  });
});

import * as assert from "node:assert/strict";
import { once } from "node:events";
import * as net from "node:net";
import * as v from "valibot";
import type { StandingZone } from "../../../cli/stack/standing/standing";
import { collectStatus } from "../../../cli/status/collect";
import { formatted } from "../../../cli/status/formats";
import { STATUS_REPORT, StatusReport } from "../../../cli/status/report";
import { OUTPUTS } from "../../../cli/commandLine/commands";
import { Resource, manifestOf } from "../../../kuma";
import type { ZoneConfig } from "../../../stack/settings/controlPlanes";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { NOW } from "./sampleReports";

const mesh: Resource = { type: "Mesh", name: "default", mtls: { enabledBackend: "a", backends: [] } };
const inZone = { ...mesh, labels: { "kuma.io/origin": "global" } };
const labels = (zone: string, name: string) => ({ "kuma.io/zone": zone, "kuma.io/display-name": name });
const token = `h.${Buffer.from(JSON.stringify({ exp: 1 })).toString("base64url")}.s`;

const subscription = (more: object = {}) => ({
  ...{ id: "s", connectTime: "2026-11-27T10:00:00Z", zoneInstanceId: "vm-1" },
  version: { kumaCp: { version: "2.14.2" } },
  status: {
    lastUpdateTime: "2026-11-27T11:00:00Z",
    stat: {
      Mesh: { responsesSent: "4", responsesAcknowledged: "4" },
      MeshTimeout: { responsesSent: "3", responsesAcknowledged: "1", responsesRejected: "2" },
    },
  },
  ...more,
});
const page = (...items: object[]) => ({ total: items.length, items, next: null });
const dataplane = (zone: string, ...subscriptions: object[]) => ({
  ...{ type: "DataplaneOverview", mesh: "default", name: `web.${zone}`, labels: labels(zone, "web") },
  dataplane: {
    networking: { inbound: [{ port: 80, tags: { "kuma.io/service": "web", "kuma.io/zone": zone } }] },
  },
  dataplaneInsight: { subscriptions },
});

describe("cli/status/collect, over zones", () => {
  let global: FakeControlPlane;
  let zone: FakeControlPlane;
  const closing: net.Server[] = [];
  beforeEach(async () => {
    global = await FakeControlPlane.start({ resources: [mesh] });
    zone = await FakeControlPlane.start({ resources: [inZone] });
  });
  afterEach(async () => {
    closing.splice(0).forEach((server) => server.close());
    await stopFakes();
  });

  const show = (names: readonly string[], overview = () => subscription()) => {
    const insight = () => ({ subscriptions: [overview()] });
    const all = names.map((name) => ({
      type: "ZoneOverview",
      name,
      zone: { enabled: true },
      zoneInsight: insight(),
    }));
    for (const each of all) global.overviews.set(each.name, [each]);
    global.documents.set("/zones+insights", page(...all));
  };
  const federation = (zoneName: string, more: Partial<StandingZone> = {}): StandingZone => ({
    ...{ zoneName, zone: { url: zone.url, tokens: [token] }, global: { url: global.url } },
    ...{ resources: manifestOf([mesh]), joined: true, onConflict: "fail", ledger: [] },
    ...more,
  });
  const collect = async (zones: StandingZone[]): Promise<StatusReport> => {
    const collected = await collectStatus(
      { zones, alone: [], endsGlobal: false },
      {
        zones: zones.map(({ zoneName: name }) => ({ name, federated: true }) as ZoneConfig),
        acceptDifferences: [],
      },
      { patience: { attempts: 1, requestTimeoutMs: 500 }, acrossZones: true },
    );
    return { version: 1, stack: "test", time: NOW, history: [], ...collected };
  };

  it("tells of each zone what the global knows of it, in the form of the schema", async () => {
    show(["zone-1", "zone-2"]);
    const door = (kind: string, name: string, networking: object) => ({
      ...{ type: `${kind}Overview`, name: `${name}-hash`, labels: labels("zone-1", name) },
      [kind[0].toLowerCase() + kind.slice(1)]: { networking },
      [`${kind[0].toLowerCase()}${kind.slice(1)}Insight`]: { subscriptions: [subscription()] },
    });
    const advertised = {
      address: "10.0.0.1",
      port: 1,
      advertisedAddress: "in.example.com",
      advertisedPort: 10001,
    };
    global.documents.set("/zoneingresses+insights", page(door("ZoneIngress", "in", advertised)));
    global.documents.set(
      "/zoneegressoverviews",
      page(door("ZoneEgress", "out", { address: "10.0.0.2", port: 10002 })),
    );
    global.documents.set(
      "/dataplanes+insights",
      page(
        dataplane("zone-1", subscription()),
        dataplane("zone-2", subscription({ disconnectTime: "2026-11-27T11:00:00Z" })),
      ),
    );
    const report = await collect([federation("zone-1"), federation("zone-2")]);
    const printed: unknown = JSON.parse(formatted(report, "json"));
    assert.deepEqual(v.parse(STATUS_REPORT, printed), printed);
    const [first] = report.zones;
    assert.deepEqual(
      [first.since, first.version, first.skew, first.ingress, first.egress],
      [
        "2026-11-27T10:00:00Z",
        "2.14.2",
        "same",
        [{ name: "in", address: "in.example.com:10001", connected: true }],
        [{ name: "out", address: "10.0.0.2:10002", connected: true }],
      ],
    );
    assert.deepEqual(first.sync, {
      ...{ at: "2026-11-27T11:00:00Z", sent: 7, refused: 2 },
      types: [
        { type: "Mesh", sent: 4, acknowledged: 4, refused: 0, kept: 0 },
        { type: "MeshTimeout", sent: 3, acknowledged: 1, refused: 2, kept: 0 },
      ],
    });
    assert.deepEqual(report.meshes, [
      {
        ...{ name: "default", mtls: true, egress: false, zones: ["zone-1", "zone-2"] },
        ...{ proxies: { registered: 2, connected: 1 }, services: 1 },
      },
    ]);
    assert.deepEqual(report.services[0].zones, [
      { zone: "zone-1", registered: 1, connected: 1 },
      { zone: "zone-2", registered: 1, connected: 0 },
    ]);
    assert.deepEqual(
      report.links.map(({ from, to, state }) => [from, to, state]),
      [
        ["zone-1", "zone-2", "closed"],
        ["zone-2", "zone-1", "open"],
      ],
    );
  });

  it("does not take for connected what was when its zone went offline", async () => {
    const ended = { disconnectTime: "2026-11-27T11:00:00Z" };
    show(["zone-1"], () => subscription(ended));
    const ingress = {
      ...{ type: "ZoneIngressOverview", name: "in-hash", labels: labels("zone-1", "in") },
      zoneIngress: { networking: { advertisedAddress: "in.example.com", advertisedPort: 10001 } },
      zoneIngressInsight: { subscriptions: [subscription()] },
    };
    global.documents.set("/zoneingresses+insights", page(ingress));
    global.documents.set("/dataplanes+insights", page(dataplane("zone-1", subscription())));
    const report = await collect([federation("zone-1")]);
    const printed: unknown = JSON.parse(formatted(report, "json"));
    assert.deepEqual(v.parse(STATUS_REPORT, printed), printed);
    assert.deepEqual(report.zones[0].ingress, [
      { name: "in", address: "in.example.com:10001", connected: null },
    ]);
    assert.deepEqual(report.services[0].zones, [{ zone: "zone-1", registered: 1, connected: null }]);
    assert.match(formatted(report, "table"), /zone-1 \(unknown of 1\)/);
    assert.match(formatted(report, "markdown"), /`zone-1` \(unknown of 1\)/);
    assert.match(formatted(report, "html"), /zone-1 \?\/1/);
    assert.doesNotMatch(formatted(report, "openmetrics"), /service_dataplanes_connected\{/);
  });

  it("makes a problem of what a check is sure of, and a warning of what is only to be known", async () => {
    show(["zone-1"]);
    const { problems, checks, warnings } = await collect([federation("zone-1")]);
    const ended = "A certificate or token has ended: what needs it is refused.";
    assert.ok(problems.includes(ended), "the token of the zone ended in 1970");
    const found = checks.find(({ code }) => code === "certificates-and-tokens");
    assert.deepEqual(
      [found?.verdict, found?.evidence, found?.doc],
      [
        "blocker",
        ["token for the control plane of zone zone-1: ended 1970-01-01T00:00:01.000Z"],
        "docs/multi-zone.md#certificates-and-tokens",
      ],
    );
    assert.ok(!warnings.includes(ended));
  });

  it("tells of each zone where the mesh over them cannot be read, and does not pass", async () => {
    show(["zone-1"]);
    global.fail("GET /zoneegressoverviews", { status: 403, body: "" }, 99);
    const { outcome, problems, zones, links, checks } = await collect([
      federation("zone-1", { zone: { url: zone.url } }),
    ]);
    assert.equal(zones[0].globalToZone, true);
    assert.match(
      problems.join("\n"),
      /^What the global knows of the mesh over its zones could not be read\. /m,
    );
    assert.deepEqual([links, checks], [[], []]);
    assert.notEqual(outcome, "healthy");
  });

  it("answers of ten zones of which three hang, in every form, and names those", async () => {
    const names = Array.from({ length: 10 }, (_, at) => `zone-${at + 1}`);
    const silent = net.createServer(() => {}).listen(0, "127.0.0.1");
    closing.push(silent);
    await once(silent, "listening");
    const url = `http://127.0.0.1:${(silent.address() as net.AddressInfo).port}`;
    show(names, () => subscription({ status: {} }));
    const hanging = ["zone-2", "zone-5", "zone-9"];
    const report = await collect(
      names.map((name) => federation(name, { zone: { url: hanging.includes(name) ? url : zone.url } })),
    );
    assert.equal(report.outcome, "inconclusive");
    const printed: unknown = JSON.parse(formatted(report, "json"));
    assert.deepEqual(v.parse(STATUS_REPORT, printed), printed);
    for (const output of OUTPUTS) {
      const text = formatted(report, output);
      for (const name of names) assert.ok(text.includes(name), `${output}: ${name}`);
      // in Markdown a name that a forge might take for a reference stands in code
      const plain = text.replaceAll("`", "");
      const missing = hanging.every((name) =>
        output === "openmetrics"
          ? !text.includes(`zone_equal{stack="test",zone="${name}"`)
          : plain.includes(`${name} could not be compared`),
      );
      assert.ok(missing, `${output} names those that hang`);
    }
    const lists = global.requests.filter(({ path }) => path.startsWith("/zones+insights"));
    assert.equal(lists.length, 1, "one list for all zones");
  });
});

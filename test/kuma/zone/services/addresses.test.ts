import assert from "node:assert/strict";
import { ControlPlane, Resource, addressesIn, servicesHeld } from "../../../../kuma";
import { FakeControlPlane, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { UNIVERSAL_TYPES } from "../../../support/resources/types";

const TYPES = [
  ...UNIVERSAL_TYPES,
  ...[
    { name: "ZoneIngress", path: "zoneingresses", scope: "Global" as const },
    { name: "ZoneEgress", path: "zoneegresses", scope: "Global" as const },
    { name: "MeshZoneAddress", path: "meshzoneaddresses", scope: "Mesh" as const },
  ].map((type) => ({ ...type, readOnly: false, includeInFederation: false })),
];
const mtls = { enabledBackend: "ca", backends: [{ name: "ca", type: "builtin" }] };
const of = (zone: string) => ({ "kuma.io/zone": zone });
const service = (name: string, zone: string, hostname: string, healthy = 1): Resource => ({
  ...{ type: "MeshService", mesh: "default", name: `${name}-${zone}`, spec: { ports: [{ port: 80 }] } },
  labels: { ...of(zone), "kuma.io/display-name": name },
  status: { addresses: [{ hostname }], dataplaneProxies: { healthy, total: 2 } },
});
const proxy = (zone: string, name: string, services: string[], outbound: object[] = []): Resource => ({
  ...{ type: "Dataplane", mesh: "default", name, labels: of(zone) },
  networking: { inbound: services.map((each) => ({ tags: { "kuma.io/service": each } })), outbound },
});
const ingress = (zone: string, port: number | undefined = 10001): Resource => ({
  ...{ type: "ZoneIngress", name: `in-${zone}`, labels: of(zone) },
  networking: { advertisedAddress: `${zone}.example.com`, advertisedPort: port },
});

describe("kuma/zone/services/addresses", () => {
  afterEach(stopFakes);

  const told = async (own: Resource[], all: Resource[]) => {
    const [zone, global] = await Promise.all(
      [own, all].map((resources) => FakeControlPlane.start({ types: TYPES, resources })),
    );
    const open = (fake: FakeControlPlane) => new ControlPlane({ title: "it", url: fake.url });
    const [toZone, toGlobal] = [open(zone), open(global)];
    try {
      const found = await addressesIn("zone-1", toZone, await servicesHeld(toGlobal));
      return found.map(({ service: name, address, by, reaches }) => [
        `${name} ${address} ${by}`,
        reaches.map((each) => `${each.zone} ${each.healthy ?? "?"}/${each.total ?? "?"}`).join(),
      ]);
    } finally {
      toZone.close();
      toGlobal.close();
    }
  };

  it("tells the names that HostnameGenerators made, of one zone and of several", async () => {
    const mesh = { type: "Mesh", name: "default", mtls, meshServices: { mode: "Exclusive" } };
    const multi = {
      ...{ type: "MeshMultiZoneService", mesh: "default", name: "web-hash", spec: { ports: [{ port: 80 }] } },
      labels: { "kuma.io/display-name": "web" },
      status: {
        addresses: [{ hostname: "web.mzsvc.mesh.local" }],
        meshServices: [
          { name: "web", zone: "zone-1" },
          { name: "web", zone: "zone-2" },
        ],
      },
    };
    const there = service("web", "zone-2", "web.svc.zone-2.mesh.local", 0);
    const { dataplaneProxies: _, ...uncounted } = there.status as { dataplaneProxies: object };
    const own = [
      mesh,
      service("web", "zone-1", "web.svc.mesh.local"),
      { ...there, status: uncounted },
      multi,
      ingress("zone-2"),
    ];
    assert.deepEqual(await told(own, [mesh, there]), [
      ["web web.mzsvc.mesh.local:80 HostnameGenerator", "zone-1 1/2,zone-2 0/2"],
      ["web web.svc.mesh.local:80 HostnameGenerator", "zone-1 1/2"],
      ["web web.svc.zone-2.mesh.local:80 HostnameGenerator", "zone-2 0/2"],
    ]);
    const closed = own.filter(({ type }) => type !== "ZoneIngress");
    assert.deepEqual(await told(closed, [mesh, there]), [
      ["web web.mzsvc.mesh.local:80 HostnameGenerator", "zone-1 1/2"],
      ["web web.svc.mesh.local:80 HostnameGenerator", "zone-1 1/2"],
      ["web web.svc.zone-2.mesh.local:80 HostnameGenerator", ""],
    ]);
  });

  const all = [
    ...[proxy("zone-1", "a", ["web"]), proxy("zone-2", "b", ["web", "db"]), proxy("zone-2", "c", ["db"])],
    proxy("zone-3", "d", ["web"]),
  ];
  const open = { type: "Mesh", name: "default", mtls };

  it("tells services by their tag, in other zones where mTLS and a zone ingress take calls there", async () => {
    const reached = [
      ["db db.mesh:80 tag", "zone-2 ?/2"],
      ["web web.mesh:80 tag", "zone-1 ?/1,zone-2 ?/1"],
    ];
    assert.deepEqual(await told([open, ingress("zone-2")], all), reached);
  });

  const address = { type: "MeshZoneAddress", mesh: "default", name: "a", labels: of("zone-2"), spec: {} };
  const identity = { type: "MeshIdentity", mesh: "default", name: "i", spec: {} };
  const mode = (name: string) => ({ ...open, meshServices: { mode: name } });

  it("reaches by a MeshIdentity and a MeshZoneAddress MeshServices alone, and no service by its tag (kumahq/kuma 14339)", async () => {
    const there = service("web", "zone-2", "web.svc.zone-2.mesh.local");
    const found = await told([{ ...mode("Everywhere"), mtls: undefined }, identity, address, there], all);
    assert.deepEqual(found, [
      ["db db.mesh:80 tag", ""],
      ["web web.mesh:80 tag", "zone-1 ?/1"],
      ["web web.svc.zone-2.mesh.local:80 HostnameGenerator", "zone-2 ?/?"],
    ]);
    for (const door of [[identity, ingress("zone-2")], [address]])
      assert.deepEqual(
        (await told([{ ...open, ...(door[0] === identity && { mtls: undefined }) }, ...door], all)).map(
          ([, reaches]) => reaches,
        ),
        ["", "zone-1 ?/1"],
      );
  });

  it("reaches no other zone whose zone ingress the zone does not have, as of one that is disabled", async () => {
    const nearest = [
      ["db db.mesh:80 tag", ""],
      ["web web.mesh:80 tag", "zone-1 ?/1"],
    ];
    assert.deepEqual(await told([open], [...all, ingress("zone-2")]), nearest);
    // a load balancer whose address is pending
    assert.deepEqual(await told([open, ingress("zone-2", 0)], all), nearest);
  });

  it("reaches no other zone by tag without the zone egress that the mesh asks for, and by a MeshService's name it does", async () => {
    const asking = { ...open, routing: { zoneEgress: true } };
    const egress = (zone: string): Resource => ({
      type: "ZoneEgress",
      name: `out-${zone}`,
      labels: of(zone),
    });
    const there = service("web", "zone-2", "web.svc.zone-2.mesh.local");
    const reached = async (...egresses: Resource[]) =>
      new Map(
        (await told([asking, ingress("zone-2"), there, ...egresses], [...all, there])) as [string, string][],
      );
    const [without, others, own] = await Promise.all([
      reached(),
      reached(egress("zone-2")),
      reached(egress("zone-1")),
    ]);
    for (const each of [without, others]) assert.equal(each.get("web web.mesh:80 tag"), "zone-1 ?/1");
    assert.equal(own.get("web web.mesh:80 tag"), "zone-1 ?/1,zone-2 ?/1");
    for (const each of [without, others, own])
      assert.equal(each.get("web web.svc.zone-2.mesh.local:80 HostnameGenerator"), "zone-2 1/2");
  });

  const multi = (...meshServices: object[]): Resource => ({
    ...{ type: "MeshMultiZoneService", mesh: "default", name: "both", spec: { ports: [{ port: 80 }] } },
    status: { addresses: [{ hostname: "both.mzsvc.mesh.local" }], meshServices },
  });
  const byMulti = async (own: Resource[], global: Resource[] = []) =>
    (await told([open, ingress("zone-2"), ...own], global)).find(([name]) => name.startsWith("both"))?.[1];

  it("names a zone once that has several of a MeshMultiZoneService's MeshServices", async () => {
    const both = multi(...["web", "api"].map((name) => ({ name, zone: "zone-1" })));
    const services = [service("web", "zone-1", "web.mesh"), service("api", "zone-1", "api.mesh", 0)];
    assert.equal(await byMulti([both, ...services]), "zone-1 1/4");
    // one that is gone is asked no more
    assert.equal(await byMulti([both, services[0]]), "zone-1 1/2");
    assert.equal(await byMulti([both, services[0], { ...services[1], status: {} }]), "zone-1 ?/?");
  });

  it("reaches by a MeshMultiZoneService the MeshServices with its port that are available (kumahq/kuma 10915)", async () => {
    const both = multi(...["zone-1", "zone-2"].map((zone) => ({ name: "web", zone })));
    const spec = (state: string, port = 80) => ({ spec: { state, ports: [{ port }] } });
    const [here, there] = ["zone-1", "zone-2"].map((zone) => service("web", zone, `web.${zone}`));
    const reached = (ofHere: object, ofThere: object) =>
      byMulti([both, { ...here, ...ofHere }, { ...there, ...ofThere }], [there]);
    assert.equal(await reached(spec("Available"), spec("Available")), "zone-1 1/2,zone-2 1/2");
    assert.equal(await reached(spec("Available"), spec("Unavailable")), "zone-1 1/2");
    // a zone asks its own as soon as they are ready
    assert.equal(await reached(spec("Unavailable"), spec("Available")), "zone-1 1/2,zone-2 1/2");
    assert.equal(await reached(spec("Available", 81), spec("Available", 81)), "");
    // versions that have no such state
    assert.equal(await reached({}, {}), "zone-1 1/2,zone-2 1/2");
  });

  it("tells MeshServices of one name in two namespaces apart", async () => {
    const inSpace = (namespace: string, healthy: number): Resource => {
      const each = service("web", "zone-2", `web.${namespace}`, healthy);
      return {
        ...each,
        name: `web-${namespace}`,
        labels: { ...each.labels, "k8s.kuma.io/namespace": namespace },
      };
    };
    const [apps, tests] = [inSpace("apps", 1), inSpace("tests", 2)];
    const found = await told([mode("Exclusive"), ingress("zone-2"), apps, tests], [apps, tests]);
    assert.deepEqual(found, [
      ["web web.apps:80 HostnameGenerator", "zone-2 1/2"],
      ["web web.tests:80 HostnameGenerator", "zone-2 2/2"],
    ]);
    const one = multi({ name: "web", zone: "zone-2", namespace: "tests" });
    assert.equal(await byMulti([one, apps, tests], [apps, tests]), "zone-2 2/2");
  });

  it("reaches no other zone without mTLS", async () => {
    assert.deepEqual(await told([{ type: "Mesh", name: "default" }, ingress("zone-2")], all), [
      ["db db.mesh:80 tag", ""],
      ["web web.mesh:80 tag", "zone-1 ?/1"],
    ]);
  });

  it("tells the outbounds of the zone's own proxies", async () => {
    const client = proxy("zone-1", "client", [], [{ port: 10001, tags: { "kuma.io/service": "db" } }]);
    const at = async (meshOf: Resource) =>
      (await told([meshOf, client, ingress("zone-2")], all)).filter(([name]) => name.endsWith(" outbound"));
    assert.deepEqual(await at(open), [["db 127.0.0.1:10001 outbound", "zone-2 ?/2"]]);
    // with MeshServices alone no service is reached in another zone by its tag (kumahq/kuma 10459)
    assert.deepEqual(await at(mode("Exclusive")), [["db 127.0.0.1:10001 outbound", ""]]);
  });

  it("tells what outbounds refer to by name or labels", async () => {
    const there = service("web", "zone-2", "web.svc.zone-2.mesh.local");
    const refers = (port: number, backendRef: object) => ({ port, backendRef: { port: 80, ...backendRef } });
    const labels = { "kuma.io/display-name": "web", "kuma.io/zone": "zone-2" };
    const client = proxy(
      "zone-1",
      "client",
      [],
      [
        refers(10001, { kind: "MeshService", labels }),
        refers(10002, { kind: "MeshService", labels: { ...labels, "kuma.io/zone": "zone-1" } }),
        refers(10003, { kind: "MeshMultiZoneService", name: "both" }),
        refers(10004, { kind: "MeshMultiZoneService", name: "both", port: 81 }),
        refers(10005, { kind: "MeshMultiZoneService", name: "web-zone-2" }),
        refers(10006, { kind: "MeshService", name: "web-zone-2" }),
      ],
    );
    const own = [mode("Exclusive"), there, multi({ name: "web", zone: "zone-2" }), client, ingress("zone-2")];
    const found = await told(own, [there]);
    assert.deepEqual(
      found.filter(([name]) => name.endsWith(" outbound")),
      [
        ["both 127.0.0.1:10003 outbound", "zone-2 1/2"],
        ["both 127.0.0.1:10004 outbound", ""],
        ["web 127.0.0.1:10001 outbound", "zone-2 1/2"],
        ["web 127.0.0.1:10006 outbound", "zone-2 1/2"],
      ],
    );
  });

  const tags = (zone: string, name: string) => ({
    ...{ "kuma.io/service": `${name}_apps_svc_6379`, "kuma.io/zone": zone, "k8s.kuma.io/namespace": "apps" },
    ...{ "k8s.kuma.io/service-name": name, "k8s.kuma.io/service-port": "6379" },
  });
  /** As Kubernetes has them: computed outbounds for a transparent proxy. */
  const pod = (zone: string, name: string): Resource => ({
    ...proxy(zone, `${name}-${zone}`, []),
    networking: {
      inbound: [{ tags: tags(zone, name) }],
      outbound: [{ address: "240.0.0.1", port: 80, tags: { "kuma.io/service": `${name}_apps_svc_6379` } }],
      transparentProxying: { redirectPortOutbound: 15_001 },
    },
  });

  it("tells the names of Services in a cluster, and none of the addresses that a transparent proxy computes", async () => {
    const pods = [pod("zone-1", "redis"), { ...pod("zone-1", "redis"), name: "second" }];
    const everywhere = [...pods, pod("zone-2", "redis")];
    const inMode = async (given?: string) => {
      const mesh = given === undefined ? open : mode(given);
      const found = await told([mesh, ...pods, ingress("zone-2")], everywhere);
      return found.filter(([address]) => !address.endsWith(" tag"));
    };
    const named = (reaches: string) => [["redis_apps_svc_6379 redis.apps.svc:6379 Service", reaches]];
    for (const each of [undefined, "Disabled", "ReachableBackends"])
      assert.deepEqual(await inMode(each), named("zone-1 ?/2,zone-2 ?/1"), each);
    for (const each of ["Everywhere", "Exclusive"])
      assert.deepEqual(await inMode(each), named("zone-1 ?/2"), each);
  });

  it("tells nothing of a zone without a mesh", async () => {
    assert.deepEqual(await told([], all), []);
  });
});

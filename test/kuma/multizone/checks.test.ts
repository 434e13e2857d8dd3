import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { LookedAt, MULTI_ZONE_CHECKS, Resource, docOf } from "../../../kuma";
import { allowAll, inMesh, local, look, mesh, permission, proxyIn, sound, zoneOn } from "./worlds";

const ofZone = (zone: string) => ({ "kuma.io/origin": "zone", "kuma.io/zone": zone });
const service = (
  zone: string,
  ports: object[] = [{ port: 80, appProtocol: "http" }],
  more: object = {},
): Resource =>
  inMesh(
    "MeshService",
    `web-${zone}`,
    { ports },
    { ...ofZone(zone), "kuma.io/display-name": "web", ...more },
  );
const generator = (template: string, selector: object = { meshService: { matchLabels: {} } }): Resource => ({
  ...{ type: "HostnameGenerator", name: "g", spec: { selector, template } },
});
const multi = (matchLabels: object, port = 80): Resource =>
  inMesh("MeshMultiZoneService", "all", { selector: { meshService: { matchLabels } }, ports: [{ port }] });
const withResources = (...resources: Resource[]) =>
  sound({ resources: [mesh(), allowAll, local, ...resources] });
const ingress = (more: object, zone = "b") => {
  const [a, b] = sound().ingresses;
  return sound({ ingresses: [a, { ...b, ...more, zone }] });
};
/** Beside the zone ingress of b one that has ended. */
const withOld = (old: object, own: object = {}) => {
  const at = ingress(own);
  return { ...at, ingresses: [...at.ingresses, { name: "old", zone: "b", connected: false, ...old }] };
};
const ending = (ends: string, renewed = false) =>
  sound({ ends: [{ what: "token", zone: null, ends, renewed }] });

/** What breaks each, with what it is seen by; what keeps it; and what this program does not know. */
const CASES: Record<string, [what: string, at: LookedAt, verdict: string, evidence?: string[]][]> = {
  "zone-connections": [
    ["one each", sound(), "ok"],
    ["none, as a zone is offline", sound({ zones: [zoneOn("a", { online: false, instances: [] })] }), "ok"],
    [
      "two of one name",
      sound({ zones: [zoneOn("a", { instances: ["y", "x"] })] }),
      "blocker",
      ["zone a: instances x, y"],
    ],
  ],
  "certificates-and-tokens": [
    ["one that ends in a year", ending("2027-11-27T12:00:00Z"), "ok"],
    [
      "one that ends in three days",
      ending("2026-11-30T12:00:00Z"),
      "warning",
      ["token: ends 2026-11-30T12:00:00Z"],
    ],
    ["one that is renewed before", ending("2026-11-28T12:00:00Z", true), "ok"],
    [
      "one that has ended",
      ending("2026-11-27T11:59:00Z", true),
      "blocker",
      ["token: ended 2026-11-27T11:59:00Z"],
    ],
    ["one whose end nobody can read", ending("never"), "ok"],
  ],
  "zone-versions": [
    ["the same ones", sound(), "ok"],
    ["two minors apart", sound({ zones: [zoneOn("a", { version: "2.12.0" })] }), "ok"],
    [
      "three minors apart, between zones",
      sound({ zones: [zoneOn("a", { version: "2.11.0" }), zoneOn("b")] }),
      "warning",
      ["the global runs 2.14.3, and zone a 2.11.0", "zone b runs 2.14.3, and zone a 2.11.0"],
    ],
    [
      "a zone that is newer",
      sound({ zones: [zoneOn("a", { version: "2.15.0" })] }),
      "warning",
      ["zone a runs 2.15.0, newer than the global's 2.14.3"],
    ],
    [
      "a build of one's own",
      sound({ zones: [zoneOn("a", { version: "mine" })] }),
      "warning",
      ["zone a runs mine"],
    ],
    ["none that is told", sound({ zones: [zoneOn("a", { version: undefined })] }), "ok"],
  ],
  "mesh-mtls-across-zones": [
    ["mTLS", sound(), "ok"],
    [
      "none",
      sound({ resources: [mesh({ mtls: {} })] }),
      "warning",
      ["mesh default: in zones a, b, without mTLS"],
    ],
    ["a MeshIdentity", sound({ resources: [mesh({ mtls: {} }), inMesh("MeshIdentity", "i", {})] }), "ok"],
    ["none in a mesh of one zone", sound({ resources: [mesh({ mtls: {} })], proxies: [proxyIn("a")] }), "ok"],
  ],
  "mesh-permission-across-zones": [
    ["one for all", sound(), "ok"],
    [
      "none",
      sound({ resources: [mesh()] }),
      "warning",
      ["a", "b"].map((zone) => `mesh default: zone ${zone} has no MeshTrafficPermission`),
    ],
    ["none without mTLS", sound({ resources: [mesh({ mtls: {} })] }), "ok"],
    [
      "one of a zone's own",
      sound({ resources: [mesh(), permission({ action: "Allow" }, ofZone("a"))] }),
      "warning",
      ["mesh default: zone b has no MeshTrafficPermission"],
    ],
    [
      "one that denies",
      sound({ resources: [mesh(), permission({ action: "Deny" })] }),
      "warning",
      ["a", "b"].map(
        (zone) => `mesh default: zone ${zone} is only denied by MeshTrafficPermission default/p`,
      ),
    ],
    [
      "one by SPIFFE ids",
      sound({
        resources: [mesh(), inMesh("MeshTrafficPermission", "r", { rules: [{ default: { allow: [{}] } }] })],
      }),
      "ok",
    ],
    ["an older one", sound({ resources: [mesh(), inMesh("TrafficPermission", "old", {})] }), "ok"],
    [
      "one with an action of the future",
      sound({ resources: [mesh(), permission({ action: "Perhaps" })] }),
      "inconclusive",
      ["MeshTrafficPermission default/p"],
    ],
    ["one for another mesh", sound({ resources: [mesh(), { ...allowAll, mesh: "other" }] }), "warning"],
  ],
  "zone-ingress": [
    ["one each", sound(), "ok"],
    ["none", sound({ ingresses: sound().ingresses.slice(0, 1) }), "warning", ["zone b has no zone ingress"]],
    ["none in a mesh of one zone", sound({ ingresses: [], proxies: [proxyIn("a")] }), "ok"],
    [
      "one that is not connected",
      ingress({ connected: false }),
      "warning",
      ["zone b: in-b is not connected with its control plane"],
    ],
    ["one of which that is not known", ingress({ connected: undefined }), "ok"],
    [
      "no address",
      ingress({ address: undefined }),
      "warning",
      ["zone b: in-b tells no advertised address with a port"],
    ],
    [
      "an address of one that is gone, and none of the one that is there",
      withOld({ address: "old.example.com:10001" }, { address: undefined }),
      "warning",
      [
        "zone b: in-b tells no advertised address with a port",
        "zone b: old is not connected with its control plane, and a part of the calls goes to its address (old.example.com:10001)",
      ],
    ],
    [
      "one that is gone beside one that is there",
      withOld({ address: "old.example.com:10001" }),
      "warning",
      [
        "zone b: old is not connected with its control plane, and a part of the calls goes to its address (old.example.com:10001)",
      ],
    ],
    ["one that is gone, behind the address of another", withOld({ address: "b.example.com:10001" }), "ok"],
    ["one that is gone and told no address", withOld({}), "ok"],
    [
      "nobody's address",
      ingress({ address: "0.0.0.0:1" }),
      "warning",
      ["zone b: in-b tells an address that is nobody's (0.0.0.0:1)"],
    ],
    [
      "its own machine's",
      ingress({ address: "127.0.0.1:1" }),
      "warning",
      ["zone b: in-b tells an address of its own machine (127.0.0.1:1)"],
    ],
    [
      "one machine for all",
      sound({
        ingresses: sound().ingresses.map((each, at) => ({ ...each, address: `127.0.0.1:${at + 1}` })),
      }),
      "ok",
    ],
    [
      "a Service's name",
      ingress({ address: "kuma-ingress.kuma-system.svc:10001" }),
      "warning",
      ["zone b: in-b tells a name that only its own cluster knows (kuma-ingress.kuma-system.svc:10001)"],
    ],
    ["a name with svc in it", ingress({ address: "svc.example.com:10001" }), "ok"],
    [
      "another zone's address",
      ingress({ address: "a.example.com:10001" }),
      "warning",
      ["zones a and b tell one address (a.example.com:10001)"],
    ],
    [
      "a MeshZoneAddress in its place",
      {
        ...withResources(inMesh("MeshZoneAddress", "z", {}, ofZone("b"))),
        ingresses: sound().ingresses.slice(0, 1),
      },
      "ok",
    ],
  ],
  "zone-egress": [
    ["none that is asked for", sound(), "ok"],
    [
      "one that is asked for, in one zone",
      sound({
        resources: [mesh({ routing: { zoneEgress: true } })],
        egresses: [{ name: "e", zone: "a", connected: true }],
      }),
      "warning",
      ["mesh default: zone b has no zone egress"],
    ],
    [
      "one that is not connected",
      sound({
        resources: [mesh({ routing: { zoneEgress: true } })],
        egresses: ["a", "b"].map((zone) => ({ name: "e", zone, connected: zone === "a" })),
      }),
      "warning",
      ["mesh default: zone b has no zone egress that is connected"],
    ],
    ["a setting of another kind", sound({ resources: [mesh({ routing: { zoneEgress: "yes" } })] }), "ok"],
    [
      "one that MeshServices go past",
      sound({
        resources: [mesh({ routing: { zoneEgress: true }, meshServices: { mode: "Exclusive" } })],
        egresses: ["a", "b"].map((zone) => ({ name: "e", zone, connected: true })),
      }),
      "warning",
      ["mesh default: with MeshServices alone its calls to other zones go past it"],
    ],
    [
      "one that MeshServices of one zone alone need for what is outside",
      sound({
        resources: [mesh({ routing: { zoneEgress: true }, meshServices: { mode: "Exclusive" } })],
        proxies: [proxyIn("a")],
      }),
      "warning",
      ["mesh default: zone a has no zone egress"],
    ],
  ],
  "service-tags": [
    ["the same", sound(), "ok"],
    [
      "their zones' own",
      sound({ proxies: [proxyIn("a", "web", { "k8s.kuma.io/namespace": "x" }), proxyIn("b")] }),
      "ok",
    ],
    [
      "other protocols",
      sound({ proxies: [proxyIn("a"), proxyIn("b", "web", { "kuma.io/protocol": "tcp" })] }),
      "warning",
      ["service web in mesh default: http in zone a, tcp in zone b"],
    ],
    [
      "a tag in one zone",
      sound({ proxies: [proxyIn("a", "web", { version: "v1" }), proxyIn("b")] }),
      "warning",
      ["service web in mesh default: no proxy in zone b has the tag version"],
    ],
    [
      "other values of one tag",
      sound({ proxies: [proxyIn("a", "web", { v: "1" }), proxyIn("b", "web", { v: "2" })] }),
      "ok",
    ],
    [
      "other ports of a MeshService",
      withResources(service("a"), service("b", [{ port: 81 }])),
      "warning",
      ["MeshService web in mesh default: port 80/http in zone a, port 81/tcp in zone b"],
    ],
    ["other services", sound({ proxies: [proxyIn("a"), proxyIn("b", "api", { version: "v1" })] }), "ok"],
  ],
  locality: [
    ["a strategy", sound(), "ok"],
    ["none", sound({ resources: [mesh()] }), "warning", ["service web in mesh default: in zones a, b"]],
    [
      "the mesh's own setting",
      sound({ resources: [mesh({ routing: { localityAwareLoadBalancing: true } })] }),
      "ok",
    ],
    ["MeshServices alone", sound({ resources: [mesh({ meshServices: { mode: "Exclusive" } })] }), "ok"],
    [
      "a strategy that disables it",
      sound({
        resources: [
          mesh(),
          { ...local, spec: { to: [{ default: { localityAwareness: { disabled: true } } }] } },
        ],
      }),
      "warning",
    ],
    [
      "no service in two zones",
      sound({ resources: [mesh()], proxies: [proxyIn("a"), proxyIn("b", "api")] }),
      "ok",
    ],
  ],
  "hostnames-once": [
    ["none", sound(), "ok"],
    [
      "a zone in each name",
      withResources(service("a"), service("b"), generator("{{ .DisplayName }}.{{ .Zone }}.mesh")),
      "ok",
    ],
    [
      "none in them",
      withResources(service("a"), service("b"), generator("{{ .DisplayName }}.mesh")),
      "warning",
      ["a", "b"].map(
        (zone) =>
          `web.mesh in mesh default, in zone ${zone}: MeshService web of zone a and MeshService web of zone b`,
      ),
    ],
    [
      "a selector that takes a zone's own alone",
      withResources(
        service("a"),
        service("b"),
        generator("{{ .DisplayName }}.mesh", { meshService: { matchLabels: { "kuma.io/origin": "zone" } } }),
      ),
      "ok",
    ],
    [
      "a label that tells them apart",
      withResources(
        service("a", [], { team: "x" }),
        service("b", [], { team: "y" }),
        generator('{{ .DisplayName }}.{{ label "team" }}'),
      ),
      "ok",
    ],
    [
      "a label that none has",
      withResources(service("a"), service("b"), generator('{{ label "team" }}.mesh')),
      "ok",
    ],
    [
      "a template of another kind",
      withResources(service("a"), generator("{{ if .Zone }}x{{ end }}.mesh")),
      "inconclusive",
      ["HostnameGenerator g: {{ if .Zone }}x{{ end }}.mesh"],
    ],
    [
      "a collision that a control plane tells of",
      withResources({
        ...service("a"),
        status: {
          hostnameGenerators: [{ conditions: [{ type: "Generated", status: "False", reason: "Collision" }] }],
        },
      }),
      "warning",
      ["MeshService default/web-a: its control plane tells of a collision"],
    ],
  ],
  "multi-zone-services": [
    ["none", sound(), "ok"],
    ["one that matches", withResources(service("a"), multi({ "kuma.io/display-name": "web" })), "ok"],
    [
      "one that matches nothing",
      withResources(service("a"), multi({ app: "web" })),
      "warning",
      ["MeshMultiZoneService default/all: no MeshService has the labels that it selects"],
    ],
    [
      "another port",
      withResources(service("a"), multi({ "kuma.io/display-name": "web" }, 443)),
      "warning",
      ["MeshMultiZoneService default/all: none of its MeshServices has port 443"],
    ],
    [
      "one without a selector",
      withResources(service("a"), inMesh("MeshMultiZoneService", "all", {})),
      "warning",
    ],
  ],
};

describe("kuma/multizone/checks", () => {
  for (const { code } of MULTI_ZONE_CHECKS)
    for (const [what, at, verdict, evidence] of CASES[code] ?? assert.fail(`${code} has no case`))
      it(`${code}: ${verdict} with ${what}`, () => {
        const found = look(code, at);
        assert.equal(found.verdict, verdict, found.sentence);
        if (evidence) assert.deepEqual(found.evidence, evidence);
        assert.equal(found.remedy === undefined, verdict === "ok");
      });

  it("take whatever a control plane may hold", () => {
    const odd = [null, 1, "x", [], {}, [null], { matchLabels: 1 }, { to: [1] }];
    for (const { type, mesh: of } of [mesh(), allowAll, local, service("a"), generator("x"), multi({})])
      for (const spec of odd)
        for (const check of MULTI_ZONE_CHECKS)
          assert.doesNotThrow(() =>
            check.look(
              withResources({ type, mesh: of, name: "odd", spec, routing: spec, mtls: spec, status: spec }),
            ),
          );
  });

  it("have a heading each in their page, and no other", () => {
    const page = fs.readFileSync(path.resolve(__dirname, "../../../docs/multi-zone.md"), "utf8");
    const headings = [...page.matchAll(/^## (\S+)$/gm)].map(([, code]) => `docs/multi-zone.md#${code}`);
    assert.deepEqual(headings, MULTI_ZONE_CHECKS.map(docOf));
  });
});

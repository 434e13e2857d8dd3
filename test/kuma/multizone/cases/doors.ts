import type { Resource } from "../../../../kuma";
import { Cases, Case, inMesh, mesh, ofZone, proxyIn, sound } from "../worlds";

const ingress = (more: object) => ingresses(more);
/** Of zone b, each with what is special about it; zone a has one. */
const ingresses = (...more: object[]) => {
  const [a, b] = sound().ingresses;
  return sound({ ingresses: [a, ...more.map((each) => ({ ...b, ...each }))] });
};
/** In zone b one that is there, and one that has ended. */
const withOld = (old: object, own: object = {}) => ingresses(own, { ...old, name: "old", connected: false });
/** Zone b has a MeshZoneAddress in mesh default, and no zone ingress. */
const inPlace = (meshes: Resource[]) =>
  sound({
    ingresses: sound().ingresses.slice(0, 1),
    resources: [...meshes, inMesh("MeshZoneAddress", "z", {}, ofZone("b"))],
  });
const named = (name: string) => mesh({ name, meshServices: { mode: "Exclusive" } });
const external = (more: object = {}): Resource => ({
  ...inMesh("MeshExternalService", "outside", {}),
  ...more,
});
const externalOf = (zone: string, more: object = {}): Resource => ({
  ...{ type: "ExternalService", mesh: "default", name: "es" },
  tags: { "kuma.io/service": "es", "kuma.io/zone": zone },
  ...more,
});
const egressIn = (...zones: string[]) => zones.map((zone) => ({ name: "e", zone, connected: true }));
const ROUTED = mesh({ routing: { zoneEgress: true } });
const UNENCRYPTED = mesh({ mtls: undefined });
/** Of what a zone egress in a zone leaves out. */
const leftOut = (zone: string, what: string) =>
  `mesh default: the zone egress of zone ${zone} serves no mesh without mTLS of its own, for ${what}`;
const OLD =
  "zone b: old is not connected with its control plane, and a part of the calls goes to its address (old.example.com:10001)";

export const DOORS: Cases = {
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
      ["zone b: in-b tells no advertised address with a port", OLD],
    ],
    [
      "one that is gone beside one that is there",
      withOld({ address: "old.example.com:10001" }),
      "warning",
      [OLD],
    ],
    ["one that is gone, behind the address of another", withOld({ address: "b.example.com:10001" }), "ok"],
    ["one that is gone and told no address", withOld({ address: undefined }), "ok"],
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
    ["a name with svc within it", ingress({ address: "b.svc.example.com:10001" }), "ok"],
    [
      "another zone's address",
      ingress({ address: "a.example.com:10001" }),
      "warning",
      ["zones a and b tell one address (a.example.com:10001)"],
    ],
    ["a MeshZoneAddress in its place", inPlace([named("default")]), "ok"],
    [
      "a MeshZoneAddress where services are known by their tag",
      inPlace([mesh()]),
      "warning",
      ["zone b has no zone ingress"],
    ],
    [
      "a MeshZoneAddress of one mesh, and another mesh without",
      {
        ...inPlace([named("default"), named("other")]),
        proxies: ["a", "b"].flatMap((zone) => [proxyIn(zone), proxyIn(zone, "api", {}, { mesh: "other" })]),
      },
      "warning",
      ["zone b has no zone ingress"],
    ],
    [
      "one that is connected and has no listener, as with a name that its own zone does not know (kumahq/kuma 4218)",
      ingress({ serves: false }),
      "warning",
      ["zone b: in-b is connected and has no listener, so that nobody answers at b.example.com:10001"],
    ],
    [
      "one that has a listener beside one that has none",
      ingresses({ serves: true }, { serves: false }),
      "ok",
    ],
    [
      "none, with zones in whatever order their meshes tell them",
      sound({
        ingresses: [],
        resources: [mesh(), mesh({ name: "other" })],
        proxies: [
          ...["c", "b"].map((zone) => proxyIn(zone)),
          ...["b", "a"].map((zone) => proxyIn(zone, "api", {}, { mesh: "other" })),
        ],
      }),
      "warning",
      ["a", "b", "c"].map((zone) => `zone ${zone} has no zone ingress`),
    ],
    ["one of two that is connected", ingresses({}, { connected: false }), "ok"],
    [
      "two that are not connected",
      ingresses({ connected: false }, { connected: false, name: "in-b-2" }),
      "warning",
      ["zone b: in-b, in-b-2 is not connected with its control plane"],
    ],
    ["one of two that tells its address", ingresses({}, { address: undefined }), "ok"],
    ...["[::]:1", "169.254.1.1:1"].map((address): Case => [
      `nobody's address ${address}`,
      ingress({ address }),
      "warning",
      [`zone b: in-b tells an address that is nobody's (${address})`],
    ]),
    ...["localhost:1", "[::1]:1"].map((address): Case => [
      `its own machine's address ${address}`,
      ingress({ address }),
      "warning",
      [`zone b: in-b tells an address of its own machine (${address})`],
    ]),
    ...["10.0.0.2:1", "1.169.254.1:1", "127.example.com:1", "[2001:db8::1]:1"].map((address): Case => [
      `the address ${address}`,
      ingress({ address }),
      "ok",
    ]),
    [
      "its own machine's, and another that tells none",
      sound({
        ingresses: [
          { name: "in-a", zone: "a", connected: true },
          { name: "in-b", zone: "b", connected: true, address: "127.0.0.1:1" },
        ],
      }),
      "warning",
      ["zone a: in-a tells no advertised address with a port"],
    ],
    [
      "two that tell none",
      sound({ ingresses: ["a", "b"].map((zone) => ({ name: `in-${zone}`, zone, connected: true })) }),
      "warning",
      ["a", "b"].map((zone) => `zone ${zone}: in-${zone} tells no advertised address with a port`),
    ],
    [
      "one address for two zones, in whatever order they are told",
      sound({ ingresses: ["b", "a"].map((zone) => ({ name: "in", zone, address: "x:1" })) }),
      "warning",
      ["zones a and b tell one address (x:1)"],
    ],
    ["one address for two of a zone", ingresses({}, { name: "in-b-2" }), "ok"],
    ...[undefined, {}, ofZone("a")].map((labels): Case => [
      `a MeshZoneAddress with the labels ${JSON.stringify(labels)}`,
      {
        ...sound({
          resources: [named("default"), { type: "MeshZoneAddress", mesh: "default", name: "z", labels }],
        }),
        ingresses: sound().ingresses.slice(0, 1),
      },
      "warning",
      ["zone b has no zone ingress"],
    ]),
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
      "one that is asked for, in zones of another mesh as well",
      sound({
        resources: [mesh({ routing: { zoneEgress: true } }), mesh({ name: "other" })],
        proxies: [proxyIn("b"), proxyIn("a"), proxyIn("c", "api", {}, { mesh: "other" })],
      }),
      "warning",
      ["a", "b"].map((zone) => `mesh default: zone ${zone} has no zone egress`),
    ],
    [
      "one that is connected beside one that is not",
      sound({
        resources: [mesh({ routing: { zoneEgress: true } })],
        egresses: ["a", "b", "b"].map((zone, at) => ({ name: "e", zone, connected: at !== 1 })),
      }),
      "ok",
    ],
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
    [
      "a MeshExternalService, which needs one whatever the mesh asks for (kumahq/kuma 11443)",
      sound({ resources: [mesh(), external()], egresses: egressIn("a") }),
      "warning",
      ["mesh default: zone b has no zone egress, for MeshExternalService outside"],
    ],
    [
      "a MeshExternalService, and one that is not connected",
      sound({
        resources: [mesh(), external(), external({ name: "far" })],
        egresses: [...egressIn("a"), { name: "e", zone: "b", connected: false }],
      }),
      "warning",
      ["mesh default: zone b has no zone egress that is connected, for MeshExternalService far, outside"],
    ],
    [
      "a MeshExternalService with one each",
      sound({ resources: [mesh(), external()], egresses: egressIn("a", "b") }),
      "ok",
    ],
    [
      "a MeshExternalService in a mesh without mTLS, which is told once where there is no egress",
      sound({ resources: [UNENCRYPTED, external()], egresses: egressIn("a") }),
      "warning",
      [
        "mesh default: zone b has no zone egress, for MeshExternalService outside",
        leftOut("a", "MeshExternalService outside"),
      ],
    ],
    [
      "a MeshExternalService in a mesh with a MeshIdentity alone",
      sound({
        resources: [UNENCRYPTED, external(), inMesh("MeshIdentity", "i", {})],
        egresses: egressIn("a", "b"),
      }),
      "warning",
      ["a", "b"].map((zone) => leftOut(zone, "MeshExternalService outside")),
    ],
    [
      "a MeshExternalService in a mesh without mTLS, and a data plane proxy that is the egress",
      sound({
        resources: [UNENCRYPTED, external()],
        egresses: egressIn("a", "b"),
        proxies: ["a", "b"].map((zone) => proxyIn(zone, "out", {}, { isEgress: true })),
      }),
      "ok",
    ],
    [
      "an ExternalService in a mesh without mTLS that asks for an egress",
      sound({
        resources: [mesh({ mtls: undefined, routing: { zoneEgress: true } }), externalOf("a")],
        egresses: egressIn("a", "b"),
      }),
      "warning",
      ["a", "b"].map((zone) => leftOut(zone, "ExternalService es")),
    ],
    [
      "an ExternalService in a mesh without mTLS, which is called past the egress",
      sound({ resources: [UNENCRYPTED, externalOf("a")], egresses: egressIn("a", "b") }),
      "ok",
    ],
    [
      "a MeshExternalService of another mesh",
      sound({ resources: [mesh(), external({ mesh: "other" })] }),
      "ok",
    ],
    [
      "a MeshExternalService of one zone",
      sound({ resources: [mesh(), external({ labels: ofZone("b") })] }),
      "warning",
      ["mesh default: zone b has no zone egress, for MeshExternalService outside"],
    ],
    [
      "a MeshExternalService in a mesh that asks for one, told once",
      sound({ resources: [ROUTED, external()], egresses: egressIn("a") }),
      "warning",
      ["mesh default: zone b has no zone egress"],
    ],
    [
      "a data plane proxy that is one, of this mesh and of another",
      sound({
        resources: [mesh(), external(), mesh({ name: "other" }), external({ mesh: "other" })],
        proxies: [
          ...["a", "b"].map((zone) => proxyIn(zone, "out", {}, { isEgress: true })),
          proxyIn("a", "web", {}, { mesh: "other" }),
        ],
      }),
      "warning",
      ["mesh other: zone a has no zone egress, for MeshExternalService outside"],
    ],
    [
      "an ExternalService of a zone without proxies, egress and ingress (kumahq/kuma 6352)",
      sound({ resources: [ROUTED, externalOf("c")], egresses: egressIn("a", "b") }),
      "warning",
      [
        "mesh default: zone c has no zone egress, for ExternalService es, which has its tag",
        "mesh default: zone c has no zone ingress with an address, for ExternalService es, which has its tag",
      ],
    ],
    [
      "an ExternalService of a zone that has an ingress without an address",
      sound({
        resources: [ROUTED, externalOf("b")],
        egresses: egressIn("a", "b"),
        ingresses: [sound().ingresses[0], { name: "in-b", zone: "b", connected: true }],
      }),
      "warning",
      ["mesh default: zone b has no zone ingress with an address, for ExternalService es, which has its tag"],
    ],
    [
      "an ExternalService of a zone that has both",
      sound({ resources: [ROUTED, externalOf("b")], egresses: egressIn("a", "b") }),
      "ok",
    ],
    ...[externalOf("c", { mesh: "other" }), externalOf(""), externalOf("c", { tags: undefined })].map(
      (each, at): Case => [
        `an ExternalService of another mesh, or of no zone (${at + 1})`,
        sound({ resources: [ROUTED, each], egresses: egressIn("a", "b") }),
        "ok",
      ],
    ),
    [
      "an ExternalService of a zone, in a mesh that asks for none",
      sound({ resources: [mesh(), externalOf("c")] }),
      "ok",
    ],
    [
      "an ExternalService of the only zone",
      sound({
        resources: [ROUTED, externalOf("a")],
        proxies: [proxyIn("a")],
        egresses: egressIn("a"),
        ingresses: [],
      }),
      "ok",
    ],
  ],
};

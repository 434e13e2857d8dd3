import { Cases, inMesh, local, mesh, ofZone, proxyIn, service, sound, withResources } from "../worlds";

const tagged = (zone: string, tags: Record<string, string>) => proxyIn(zone, "web", {}, { tags: [tags] });

const SPREAD = "service web in mesh default: in zones a, b";
const WEB = { kind: "MeshService", name: "web" };
const item = (targetRef?: object, disabled = false) => ({
  ...(targetRef && { targetRef }),
  default: disabled ? { localityAwareness: { disabled } } : {},
});
const strategies = (...specs: object[]) =>
  sound({ resources: [mesh(), ...specs.map((spec) => ({ ...local, spec }))] });

export const SERVICES: Cases = {
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
    ["inbounds without a service", sound({ proxies: [tagged("a", { v: "1" }), tagged("b", {})] }), "ok"],
    [
      "a protocol in one zone",
      sound({ proxies: [tagged("a", { "kuma.io/service": "web" }), proxyIn("b")] }),
      "warning",
      ["service web in mesh default: http in zone b, tcp in zone a"],
    ],
    [
      "two protocols in one zone",
      sound({ proxies: [proxyIn("a", "web", { "kuma.io/protocol": "tcp" }), proxyIn("a"), proxyIn("b")] }),
      "warning",
      ["service web in mesh default: http and tcp in zone a, http in zone b"],
    ],
    [
      "two protocols in each zone (kumahq/kuma 6825)",
      sound({
        proxies: ["a", "b"].flatMap((zone) => [
          proxyIn(zone),
          proxyIn(zone, "web", { "kuma.io/protocol": "tcp" }),
        ]),
      }),
      "warning",
      ["service web in mesh default: http and tcp in zone a, http and tcp in zone b"],
    ],
    [
      "other protocols, in whatever order zones are told",
      sound({ proxies: [proxyIn("b"), proxyIn("a")] }),
      "ok",
    ],
    [
      "a tag of one proxy in each zone",
      sound({
        proxies: [
          proxyIn("a", "web", { version: "v1" }),
          proxyIn("a"),
          proxyIn("b", "web", { version: "v1" }),
        ],
      }),
      "ok",
    ],
    [
      "two tags in one zone of three",
      sound({ proxies: [proxyIn("c"), proxyIn("b"), proxyIn("a", "web", { version: "v1", app: "x" })] }),
      "warning",
      ["app", "version"].map(
        (tag) => `service web in mesh default: no proxy in zone b, c has the tag ${tag}`,
      ),
    ],
    ["the same ports of MeshServices", withResources(service("a"), service("b")), "ok"],
    [
      "a MeshService that is no zone's",
      withResources(service("a"), inMesh("MeshService", "web", { ports: [{ port: 81 }] })),
      "ok",
    ],
    [
      "no port of a MeshService, and zones in whatever order they are told",
      withResources(service("b", [{ port: 81 }, { port: 80 }]), service("a", [])),
      "warning",
      ["MeshService web in mesh default: no port in zone a, port 80/tcp, 81/tcp in zone b"],
    ],
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
    ["no mesh over zones", sound({ proxies: [proxyIn("a")] }), "ok"],
    [
      "none, and zones in whatever order they are told",
      sound({ resources: [mesh()], proxies: [proxyIn("b"), proxyIn("a")] }),
      "warning",
      ["service web in mesh default: in zones a, b"],
    ],
    [
      "another mesh's setting and strategy",
      sound({
        resources: [
          mesh({ name: "other", routing: { localityAwareLoadBalancing: true } }),
          mesh(),
          { ...local, mesh: "other" },
        ],
      }),
      "warning",
      ["service web in mesh default: in zones a, b"],
    ],
    ["a mesh that is not there", sound({ resources: [] }), "warning"],
    ["a strategy that disables it for one of two", strategies({ to: [item(undefined, true), item()] }), "ok"],
    // kumahq/kuma 11966: nothing but a strategy keeps calls in their zone; 9077: which of several holds
    ["a strategy for the mesh", strategies({ to: [item({ kind: "Mesh" })] }), "ok"],
    ["a strategy for the service", strategies({ to: [item(WEB)] }), "ok"],
    [
      "a strategy for another service",
      strategies({ to: [item({ ...WEB, name: "api" })] }),
      "warning",
      [SPREAD],
    ],
    [
      "a strategy for MeshMultiZoneServices",
      strategies({ to: [item({ kind: "MeshMultiZoneService", name: "web" })] }),
      "warning",
      [SPREAD],
    ],
    [
      "a strategy for the mesh, and one that disables it for the service",
      strategies({ to: [item({ kind: "Mesh" })] }, { to: [item(WEB, true)] }),
      "warning",
      [SPREAD],
    ],
    [
      "a strategy that disables it for the mesh, and one for the service",
      strategies({ to: [item({ kind: "Mesh" }, true), item(WEB)] }),
      "ok",
    ],
    [
      "a strategy for gateways",
      strategies({ targetRef: { kind: "MeshGateway", name: "edge" }, to: [item({ kind: "Mesh" })] }),
      "warning",
      [SPREAD],
    ],
    [
      "a strategy of one zone's own",
      sound({ resources: [mesh(), { ...local, labels: ofZone("a") }] }),
      "warning",
      [SPREAD],
    ],
    [
      "a strategy of each zone's own",
      sound({ resources: [mesh(), ...["a", "b"].map((zone) => ({ ...local, labels: ofZone(zone) }))] }),
      "ok",
    ],
  ],
};

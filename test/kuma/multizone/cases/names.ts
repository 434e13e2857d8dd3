import type { Resource } from "../../../../kuma";
import { Cases, Case, generator, inMesh, multi, ofZone, service, sound, withResources } from "../worlds";

const withConditions = (type: string, ...reasons: string[]): Resource => ({
  ...inMesh(type, "s", {}),
  status: { hostnameGenerators: [{ conditions: reasons.map((reason) => ({ type: "Generated", reason })) }] },
});

export const NAMES: Cases = {
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
    [
      "a label that does not tell them apart",
      withResources(
        service("b", [], { team: "x" }),
        service("a", [], { team: "x" }),
        generator('{{ .Name }}{{ label "team" }}', { meshService: { matchLabels: { team: "x" } } }),
        generator('{{ label "team" }}', { meshService: { matchLabels: { team: "x" } } }),
      ),
      "warning",
      ["a", "b"].map(
        (zone) =>
          `x in mesh default, in zone ${zone}: MeshService web of zone a and MeshService web of zone b`,
      ),
    ],
    [
      "a namespace that tells them apart",
      withResources(
        service("a", [], { "k8s.kuma.io/namespace": "x" }),
        service("b", [], { "k8s.kuma.io/namespace": "y" }),
        generator("{{ .DisplayName }}.{{ .Namespace }}"),
      ),
      "ok",
    ],
    [
      "no namespace",
      withResources(service("a"), service("b"), generator("{{ .DisplayName }}.{{ .Namespace }}")),
      "warning",
      ["a", "b"].map(
        (zone) =>
          `web. in mesh default, in zone ${zone}: MeshService web of zone a and MeshService web of zone b`,
      ),
    ],
    [
      "external services, whose zone is that of the control plane",
      withResources(
        ...["x", "y"].map((name) => ({ type: "MeshExternalService", mesh: "default", name })),
        generator("{{ .Zone }}.mesh", { meshExternalService: {} }),
      ),
      "warning",
      ["a", "b"].map(
        (zone) =>
          `${zone}.mesh in mesh default, in zone ${zone}: MeshExternalService x and MeshExternalService y`,
      ),
    ],
    ...(["zone", "global"] as const).map((origin): Case => [
      `a selector of origin ${origin} that takes two of one zone`,
      withResources(
        service("a"),
        { ...service("a"), name: "web-2" },
        generator("{{ .DisplayName }}", { meshService: { matchLabels: { "kuma.io/origin": origin } } }),
      ),
      "warning",
      [
        `web in mesh default, in zone ${origin === "zone" ? "a" : "b"}: MeshService web of zone a and MeshService web of zone a`,
      ],
    ]),
    [
      "MeshMultiZoneServices, which are no zone's own",
      withResources(
        ...["x", "y"].map((name) => inMesh("MeshMultiZoneService", name, {}, ofZone("a"))),
        generator("m", { meshMultiZoneService: { matchLabels: { "kuma.io/origin": "zone" } } }),
      ),
      "ok",
    ],
    [
      "a generator of one zone's own",
      withResources(service("a"), service("b"), { ...generator("{{ .DisplayName }}"), labels: ofZone("b") }),
      "warning",
      ["web in mesh default, in zone b: MeshService web of zone a and MeshService web of zone b"],
    ],
    [
      "a generator of the global's that a zone's label is on",
      withResources(service("a"), service("b"), {
        ...generator("{{ .DisplayName }}"),
        labels: { ...ofZone("c"), "kuma.io/origin": "global" },
      }),
      "warning",
    ],
    ["a template that is no text", withResources(service("a"), generator(1 as never)), "ok"],
    [
      "templates of another kind, in whatever order they are told",
      withResources(service("a"), ...["y", "x"].map((name) => ({ ...generator("{{ if }}"), name }))),
      "inconclusive",
      ["HostnameGenerator x: {{ if }}", "HostnameGenerator y: {{ if }}"],
    ],
    [
      "a template of another kind beside a name for several",
      withResources(service("a"), service("b"), generator("{{ if }}"), generator("m")),
      "warning",
      ["a", "b"].map(
        (zone) =>
          `m in mesh default, in zone ${zone}: MeshService web of zone a and MeshService web of zone b`,
      ),
    ],
    [
      "collisions that a control plane tells of, among other conditions",
      withResources(
        ...["MeshService", "MeshExternalService", "MeshMultiZoneService"].map((type) =>
          withConditions(type, "Collision", "Other"),
        ),
      ),
      "warning",
      ["MeshExternalService", "MeshMultiZoneService", "MeshService"].map(
        (type) => `${type} default/s: its control plane tells of a collision`,
      ),
    ],
    ["other conditions alone", withResources(withConditions("MeshService", "Other")), "ok"],
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
    [
      "one that matches in another mesh alone",
      withResources({ ...service("a"), mesh: "other" }, multi({ "kuma.io/display-name": "web" })),
      "warning",
      ["MeshMultiZoneService default/all: no MeshService has the labels that it selects"],
    ],
  ],
};

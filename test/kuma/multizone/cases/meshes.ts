import { Cases, allowAll, inMesh, mesh, ofZone, permission, proxyIn, sound } from "../worlds";

const byRules = (default_: object) =>
  inMesh("MeshTrafficPermission", "r", { rules: [{ default: default_ }] });

export const MESHES: Cases = {
  "mesh-mtls-across-zones": [
    ["mTLS", sound(), "ok"],
    [
      "none",
      sound({ resources: [mesh({ mtls: {} })] }),
      "warning",
      ["mesh default: in zones a, b, without mTLS"],
    ],
    [
      "a MeshIdentity",
      sound({
        resources: [mesh({ mtls: {}, meshServices: { mode: "Exclusive" } }), inMesh("MeshIdentity", "i", {})],
      }),
      "ok",
    ],
    [
      "a MeshIdentity, and services that are known by their tag (kumahq/kuma 14339)",
      sound({ resources: [mesh({ mtls: {} }), inMesh("MeshIdentity", "i", {})] }),
      "warning",
      [
        "mesh default: in zones a, b, with a MeshIdentity and no mTLS of its own, which services known by their tag need",
      ],
    ],
    ["none in a mesh of one zone", sound({ resources: [mesh({ mtls: {} })], proxies: [proxyIn("a")] }), "ok"],
    [
      "a MeshIdentity of another mesh",
      sound({ resources: [mesh({ mtls: {} }), { ...inMesh("MeshIdentity", "i", {}), mesh: "other" }] }),
      "warning",
    ],
    [
      "zones in whatever order proxies are told",
      sound({ resources: [mesh({ mtls: {} })], proxies: [proxyIn("b"), proxyIn("a")] }),
      "warning",
      ["mesh default: in zones a, b, without mTLS"],
    ],
  ],
  "mesh-permission": [
    ["one for all", sound(), "ok"],
    [
      "none",
      sound({ resources: [mesh()] }),
      "warning",
      ["a", "b"].map((zone) => `mesh default: zone ${zone} has no MeshTrafficPermission`),
    ],
    ["none without mTLS", sound({ resources: [mesh({ mtls: {} })] }), "ok"],
    ["none for a service alone", sound({ resources: [mesh()], proxies: [proxyIn("a"), proxyIn("a")] }), "ok"],
    [
      "none for two services of one zone",
      sound({ resources: [mesh()], proxies: [proxyIn("a"), proxyIn("a", "other")] }),
      "warning",
      ["mesh default: zone a has no MeshTrafficPermission"],
    ],
    [
      "none for services of different meshes",
      sound({
        resources: [mesh(), { ...mesh(), name: "second" }],
        proxies: [proxyIn("a"), proxyIn("a", "other", {}, { mesh: "second" })],
      }),
      "ok",
    ],
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
    [
      "an action that is no text",
      sound({ resources: [mesh(), permission({ action: ["Allow"] })] }),
      "inconclusive",
      ["MeshTrafficPermission default/p"],
    ],
    [
      "one that allows and one that allows with a shadow",
      sound({ resources: [mesh(), byRules({ allow: [{}], allowWithShadowDeny: [{}] })] }),
      "ok",
    ],
    ["a shadow alone", sound({ resources: [mesh(), byRules({ allowWithShadowDeny: [{}] })] }), "ok"],
    [
      "a rule that denies",
      sound({ resources: [mesh(), byRules({ deny: [{}] })] }),
      "warning",
      ["a", "b"].map(
        (zone) => `mesh default: zone ${zone} is only denied by MeshTrafficPermission default/r`,
      ),
    ],
    [
      "a rule of another kind",
      sound({ resources: [mesh(), byRules({})] }),
      "inconclusive",
      ["MeshTrafficPermission default/r"],
    ],
    [
      "one without rules",
      sound({ resources: [mesh(), inMesh("MeshTrafficPermission", "empty", {})] }),
      "inconclusive",
      ["MeshTrafficPermission default/empty"],
    ],
    [
      "two that deny",
      sound({ resources: [mesh(), permission({ action: "Deny" }), byRules({ deny: [{}] })] }),
      "warning",
      ["a", "b"].map(
        (zone) =>
          `mesh default: zone ${zone} is only denied by MeshTrafficPermission default/p, MeshTrafficPermission default/r`,
      ),
    ],
    [
      "one that denies beside one of another kind",
      sound({ resources: [mesh(), permission({ action: "Deny" }), byRules({})] }),
      "inconclusive",
      ["MeshTrafficPermission default/r"],
    ],
    [
      "one of another kind in one zone, and none in the other",
      sound({ resources: [mesh(), permission({ action: "Perhaps" }, ofZone("a"))] }),
      "warning",
      ["mesh default: zone b has no MeshTrafficPermission"],
    ],
  ],
};

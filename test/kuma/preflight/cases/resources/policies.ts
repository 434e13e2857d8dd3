import { Case, ownPolicies, stored } from "../../fixtures";

export const policies: Case[] = [
  [
    "a policy of the stack is of a type that the global does not know",
    "policies",
    "blocker",
    { federation: { policies: ownPolicies({ type: "Novelty", mesh: "default", name: "x" }) } },
    /x\.yaml, document 2: Novelty default\/x: the global control plane does not know the type Novelty/,
  ],
  [
    "a policy of the stack is in a mesh that nobody brings",
    "policies",
    "blocker",
    { federation: { policies: ownPolicies({ type: "TrafficRoute", mesh: "gone", name: "x" }) } },
    /x\.yaml, document 2: TrafficRoute gone\/x: there is no mesh gone/,
  ],
  [
    "a policy of the stack is in a mesh that the zone brings",
    "policies",
    "ok",
    { federation: { policies: ownPolicies({ type: "TrafficRoute", name: "x" }) } },
    /types and meshes of the stack's 1 policy\./,
  ],
  [
    "a policy of the stack is in a mesh that the global alone has",
    "policies",
    "ok",
    {
      global: stored({ type: "Mesh", name: "theirs" }),
      federation: { policies: ownPolicies({ type: "TrafficRoute", mesh: "theirs", name: "x" }) },
    },
    /types and meshes of the stack's 1 policy/,
  ],
  [
    "there is no global yet that could know the types of the stack's policies",
    "policies",
    "pending",
    {
      federation: {
        global: undefined,
        policies: ownPolicies({ type: "TrafficRoute", mesh: "default", name: "x" }),
      },
    },
    /The zone knows the types and meshes of the stack's 1 policy/,
  ],
];

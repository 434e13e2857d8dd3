import { lookAtPolicies } from "../../../policies/stackPolicies";
import { plural } from "../../../plural";
import { Check } from "../../check";

export const policies: Check = {
  code: "policies",
  title: "The global can take the policies that the stack writes to it",
  always: true,
  async run(facts) {
    const { policies = [] } = facts.federation;
    if (policies.length === 0) return { verdict: "ok", sentence: "The stack writes no policies of its own." };
    const global = facts.globalIfMade;
    const zone = await facts.exported();
    const { found, faults } = await lookAtPolicies(
      { policies, global: global && (await facts.openGlobal()) },
      zone,
    );
    if (faults.length > 0) {
      return {
        verdict: "blocker",
        sentence: `${faults.length} resource(s) in the directory of the setting policies cannot be written to the global control plane.`,
        evidence: faults,
        remedy:
          "Change the files. A mesh has to be on the global, to come with the first zone, or to stand in the files.",
      };
    }
    return global
      ? {
          verdict: "ok",
          sentence: `The global has, or will have, the types and meshes of the stack's ${plural(found.length, "policy")}.`,
        }
      : {
          verdict: "pending",
          sentence: `The zone knows the types and meshes of the stack's ${plural(found.length, "policy")}; the stack is still to make the global control plane.`,
        };
  },
};

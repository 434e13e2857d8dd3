import { isKumaError } from "../../errors";
import type { ControlPlane } from "../../client";
import { isSecret } from "../../resource";
import { Check } from "../check";

interface WhoAmI {
  name?: string;
  groups?: string[];
}

/** Who a control plane takes the caller for; older ones do not tell. */
async function whoAmI(controlPlane: ControlPlane): Promise<string[]> {
  try {
    const { name, groups = [] } = (await controlPlane.getJson(
      "/who-am-i",
      "the name of the caller",
    )) as WhoAmI;
    return name === undefined ? [] : [`taken for ${name}, of ${groups.join(", ") || "no group"}`];
  } catch (error) {
    if (isKumaError(error, "notFound")) return [];
    throw error;
  }
}

export const zoneCredential: Check = {
  code: "zone-credential",
  title: "The credential for the zone may read its secrets",
  async run(facts) {
    const { carried } = await facts.exported();
    const readable = carried.filter(isSecret).length;
    return {
      verdict: "ok",
      sentence: `The zone shows its ${readable} secret(s) to the credential in use.`,
      evidence: await whoAmI(facts.federation.zone),
    };
  },
};

export const globalCredential: Check = {
  code: "global-credential",
  title: "The credential for the global may write",
  async run(facts) {
    await facts.onGlobal();
    if (facts.isHosted) {
      return {
        verdict: "ok",
        sentence:
          "Konnect shows the control plane to the token in use. That it may write was not tried: a check writes nothing.",
      };
    }
    const evidence = await whoAmI(await facts.openGlobal());
    const { environment, readOnly } = await facts.globalConfig();
    if (readOnly && environment !== "kubernetes") {
      return {
        verdict: "blocker",
        sentence: "The API of the global is set to be read-only.",
        evidence,
        remedy: "Unset KUMA_API_SERVER_READ_ONLY on the global.",
        error: "refused",
      };
    }
    return {
      verdict: "ok",
      sentence:
        "The global shows its secrets to the credential in use, as it does to admins only. That it may write was not tried: a check writes nothing.",
      evidence,
    };
  },
};

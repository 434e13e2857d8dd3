import { isGeneratedWithMesh } from "../../../api/resourceTypes";
import { Check } from "../../check";

/** Proxies and their tokens are with those who run them. What else calls between zones need is looked at one by one. */
export const acrossZones: Check = {
  code: "across-zones",
  title: "Tokens of this zone's data plane proxies hold once it is with others",
  async run(facts) {
    const { zoneName } = facts;
    const others = (await facts.zonesThen()).filter((name) => name !== zoneName);
    if (others.length === 0) return { verdict: "ok", sentence: "There is no other zone on the global." };
    const gaveWay = (await facts.plan()).resources.filter(
      ({ action, resource }) => action === "keepGlobal" && isGeneratedWithMesh(resource),
    );
    if (gaveWay.length === 0)
      return {
        verdict: "ok",
        sentence: `Zone ${zoneName} joins ${others.join(", ")}, and the tokens of its proxies hold.`,
      };
    return {
      verdict: "warning",
      sentence: `Zone ${zoneName} joins ${others.join(", ")}, and tokens of its data plane proxies end with that.`,
      evidence: gaveWay.map(
        ({ resource }) => `new dataplane tokens in mesh ${resource.mesh}: its signing key is replaced`,
      ),
      remedy:
        "Calls within the zone go on as they are. Give the proxies tokens that the control plane issues afterwards.",
    };
  },
};

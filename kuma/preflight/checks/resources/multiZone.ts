import { MULTI_ZONE_CHECKS } from "../../../multizone/checks";
import { zoneConnections } from "../../../multizone/checks/zones";
import { docOf } from "../../../multizone/checks/check";
import { Check } from "../../check";

/**
 * What the mesh over its zones is to become with this zone. What is so without it is told by `status`, and not of each zone
 * that joins; nor does it keep one from joining. That its name is taken is another check's.
 */
export const multiZone: readonly Check[] = MULTI_ZONE_CHECKS.filter((check) => check !== zoneConnections).map(
  (check) => ({
    code: check.code,
    title: check.title,
    doc: docOf(check),
    async run(facts) {
      const others = (await facts.zonesThen()).filter((name) => name !== facts.zoneName);
      if (others.length === 0) return { verdict: "ok", sentence: "There is no other zone on the global." };
      const { before, after } = await facts.acrossZones();
      const found = check.look(after);
      if (found.verdict === "ok") return found;
      const known = new Set(check.look(before).evidence);
      const evidence = (found.evidence ?? []).filter((each) => !known.has(each));
      if (evidence.length === 0)
        return { verdict: "ok", sentence: `Zone ${facts.zoneName} changes nothing of that.` };
      return { ...found, verdict: found.verdict === "blocker" ? "warning" : found.verdict, evidence };
    },
  }),
);

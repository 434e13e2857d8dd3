import { isKumaError } from "../../../errors";
import { Check } from "../../check";

/** The switch is a restart: what it needs of the machine, and which program it starts. */
export const zoneHost: Check = {
  code: "zone-host",
  title: "The zone's host has room, the right time, and the program that runs",
  hostOnly: true,
  async run(facts) {
    const vantage = facts.vantage;
    if (vantage === undefined) return { verdict: "ok", sentence: "There is no host to look at." };
    try {
      const [{ versionOnDisk }, { version }] = await Promise.all([vantage.look(), facts.zoneInfo()]);
      const evidence = [`runs ${version}, on disk ${versionOnDisk ?? "unknown"}`];
      if (versionOnDisk === undefined || versionOnDisk === version)
        return {
          verdict: "ok",
          sentence: `${vantage.title} can start the zone's control plane anew.`,
          evidence,
        };
      return {
        verdict: "warning",
        sentence: `The program of zone ${facts.zoneName} on disk is another version than the one that runs: the switch is a restart, and so an upgrade.`,
        evidence,
        remedy:
          "Restart the zone's control plane before, and see that it is well; or put the former program back.",
      };
    } catch (error) {
      if (!isKumaError(error, "invalid")) throw error;
      return {
        verdict: "blocker",
        sentence: error.message,
        remedy: "Mend that on the host, and run this again.",
      };
    }
  },
};

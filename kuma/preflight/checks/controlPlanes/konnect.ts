import { keyOf } from "../../../resource/resource";
import { Check } from "../../check";

export const konnectTypes: Check = {
  code: "konnect-types",
  title: "Konnect takes every resource that only a global can own",
  hostedOnly: true,
  async run(facts) {
    const { carried } = await facts.exported();
    const { types } = await facts.onGlobal();
    const refused = carried.filter(({ type }) => types.get(type)?.readOnly !== false);
    if (refused.length === 0) {
      return { verdict: "ok", sentence: "Konnect takes everything that is carried to it." };
    }
    return {
      verdict: "blocker",
      sentence: `Konnect does not take ${refused.length} resource(s) of zone ${facts.zoneName}, and the zone would lose them at its first connection.`,
      evidence: refused.map(keyOf),
      remedy: "Replace them in the zone (older policies by targetRef ones), or delete them.",
      error: "refused",
    };
  },
};

/** Konnect's certificate is a public one: a zone that is told which authority to trust trusts only that one. */
export const konnectTrust: Check = {
  code: "konnect-trust",
  title: "The zone will trust Konnect's public certificate, and look at it",
  hostedOnly: true,
  async run(facts) {
    const { kdsRootCaFile, kdsSkipsVerify } = await facts.zoneConfig();
    const setting =
      kdsRootCaFile !== undefined
        ? `an authority of its own for the global (KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE, ${kdsRootCaFile}), and would not trust Konnect's public certificate`
        : kdsSkipsVerify === true
          ? "the setting KUMA_MULTIZONE_ZONE_KDS_TLS_SKIP_VERIFY, and would send its token to whoever answers"
          : undefined;
    if (setting === undefined) {
      return { verdict: "ok", sentence: "The zone trusts the authorities of its system." };
    }
    return {
      verdict: "blocker",
      sentence: `Zone ${facts.zoneName} has ${setting}.`,
      remedy: "Take that setting out of the zone's configuration, restart it, and run this again.",
    };
  },
};

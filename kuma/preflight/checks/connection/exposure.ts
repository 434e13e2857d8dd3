import { CLOSE_KDS_PORT, admitsAnyZone, openKdsPort } from "../../../zone/exposure";
import { Check } from "../../check";

export const kdsCredential: Check = {
  code: "kds-credential",
  title: "The KDS port of the global asks zones for a credential",
  always: true,
  async run(facts) {
    if (facts.isHosted) return { verdict: "ok", sentence: "Konnect asks each zone for its token." };
    const config = await facts.globalConfig();
    if (!admitsAnyZone(config)) {
      return { verdict: "ok", sentence: `The global asks each zone for its token (${config.kdsAuth}).` };
    }
    return {
      verdict: "warning",
      sentence: openKdsPort(facts.federation.kdsAddress),
      remedy: CLOSE_KDS_PORT,
    };
  },
};

export const localhostAdmin: Check = {
  code: "localhost-admin",
  title: "Neither control plane takes everybody on its own machine for its admin",
  always: true,
  async run(facts) {
    const sides = {
      zone: await facts.zoneConfig(),
      ...(facts.globalIfMade && !facts.isHosted && { global: await facts.globalConfig() }),
    };
    const open = Object.entries(sides).filter(([, { localhostIsAdmin }]) => localhostIsAdmin === true);
    const silent = Object.entries(sides).filter(([, { localhostIsAdmin }]) => localhostIsAdmin === undefined);
    const setting = "KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN=false";
    if (open.length > 0) {
      const which = open.map(([side]) => `the control plane of the ${side}`).join(" and ");
      return {
        verdict: "warning",
        sentence: `Whoever has an account on the same machine as ${which} is its admin, and reads every key that it holds without a token.`,
        evidence: open.map(([side]) => `${side}: apiServer.authn.localhostIsAdmin is true`),
        remedy: `Keep the token of the global secret admin-user-token, and run it with ${setting}.`,
      };
    }
    if (silent.length > 0) {
      return {
        verdict: "inconclusive",
        sentence: `A control plane does not tell whether it takes everybody on its own machine for its admin.`,
        evidence: silent.map(([side]) => `${side}: no apiServer.authn.localhostIsAdmin`),
        remedy: `See to it that it runs with ${setting}.`,
      };
    }
    return { verdict: "ok", sentence: "Every control plane that runs wants a token of its admin." };
  },
};

import type { ControlPlane } from "../../../api/client";
import { isKumaError } from "../../../errors";
import { adminToken } from "../../../federation/export";
import { objectIn } from "../../../api/json";
import { isWrite, wantedOnGlobal } from "../../../federation/plan";
import { isWord } from "../../../printable";
import { Resource, isSecret, keyOf } from "../../../resource/resource";
import { isTokenSecret } from "../../../api/resourceTypes";
import { reasonToRefuse, tokenRules } from "../../../api/userTokens";
import { Check } from "../../check";
import type { Facts } from "../../facts";

/** Who a control plane takes the caller for; older ones do not tell. */
async function whoAmI(controlPlane: ControlPlane): Promise<string[]> {
  try {
    const { name, groups } =
      objectIn(await controlPlane.getJson("/who-am-i", "the name of the caller")) ?? {};
    if (!isWord(name)) return [];
    const named = Array.isArray(groups) ? groups.filter(isWord) : [];
    return [`taken for ${name}, of ${named.join(", ") || "no group"}`];
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

export const tokenInForce: Check = {
  code: "global-token",
  title: "A token at hand serves on the global once the zone's keys are there",
  async run(facts) {
    if (facts.isHosted) return { verdict: "ok", sentence: "Konnect knows no tokens of a zone's." };
    const { resources } = await facts.plan();
    const { global } = facts;
    const changes = resources.filter((planned) => isWrite(planned) && isTokenSecret(planned.resource));
    if (changes.length === 0) {
      return { verdict: "ok", sentence: "Nothing changes in what the global accepts tokens by." };
    }
    const wanted = wantedOnGlobal({ resources });
    const held = new Set(wanted.map(keyOf));
    const rules = tokenRules([
      ...wanted,
      ...(await facts.onGlobal()).resources.filter((resource) => !held.has(keyOf(resource))),
    ]);
    const { own, given } = await tokensOf(facts, wanted);
    const results = [...own, ...given].map(([title, token]): [string, string | undefined] => [
      title,
      reasonToRefuse(token, rules),
    ]);
    const evidence = [
      ...changes.map(
        ({ key, action }) => `${key}: ${action === "create" ? "new" : "is replaced by the zone's"}`,
      ),
      ...results.map(
        ([title, reason]) => `${title}: ${reason === undefined ? "accepted" : `refused, as ${reason}`}`,
      ),
    ];
    if (results.some(([, reason]) => reason === undefined)) {
      const isVoid =
        given.length > 0 && given.every(([, token]) => reasonToRefuse(token, rules) !== undefined);
      if (isVoid && !(await facts.globalConfig()).hasPublicKeys)
        return {
          verdict: "warning",
          sentence:
            "Once the zone's signing keys and revocations are on the global, it does not accept what was given for it any more. Another token serves in its place.",
          evidence,
          remedy:
            "Have the global issue another one then, and set it as globalToken. Issue its other users new ones as well, whose tokens the same key has signed.",
        };
      return { verdict: "ok", sentence: "A token at hand serves on the global also afterwards.", evidence };
    }
    const remedy =
      "Give the zone an admin token that its keys accept: kumactl generate user-token --name mesh-system:admin --group mesh-system:admin --valid-for 87600h, " +
      "written to its GlobalSecret admin-user-token. It serves on the global from then on.";
    const sentence =
      "Once the zone's signing keys and revocations are on the global, it accepts none of the tokens at hand";
    if (await global.isOpen()) {
      return {
        verdict: "warning",
        sentence: `${sentence}. It takes programs on its own machine for admins, so the federation goes on; its users are locked out.`,
        evidence,
        remedy: `${remedy} Issue its users new tokens.`,
      };
    }
    if ((await facts.globalConfig()).hasPublicKeys) {
      return {
        verdict: "inconclusive",
        sentence: `${sentence}, unless they were signed with a public key of its configuration.`,
        evidence,
        remedy,
      };
    }
    return {
      verdict: "blocker",
      sentence: `${sentence}, and its users would be locked out.`,
      evidence,
      remedy,
      error: "unauthenticated",
    };
  },
};

type Titled = [title: string, token: string];

/** What may serve on the global, with what messages call it: admins' tokens that are there or come along, and those given for it. */
async function tokensOf(
  facts: Facts,
  wanted: readonly Resource[],
): Promise<{ own: Titled[]; given: Titled[] }> {
  const { carried } = await facts.exported();
  const [ofZone, onGlobal] = [
    adminToken(carried),
    adminToken([...wanted, ...(await facts.onGlobal()).resources]),
  ];
  const atHand = (await facts.openGlobal()).tokensAtHand.filter(
    (token) => token !== ofZone && token !== onGlobal,
  );
  return {
    own: [
      ...(ofZone === undefined ? [] : [["the zone's admin token", ofZone] as Titled]),
      ...(onGlobal === undefined || onGlobal === ofZone
        ? []
        : [["the global's admin token", onGlobal] as Titled]),
    ],
    given: atHand.map((token, index): Titled => [`token ${index + 1} that was given for the global`, token]),
  };
}

import { DISPLAY_NAME_LABEL, Resource, ZONE_LABEL, keyOf } from "../../../resource/resource";
import {
  commandFor,
  hasTokenOf,
  isProxyTokenKey,
  proxiesWhoseTokensEnd,
} from "../../../zone/tokens/proxyTokens";
import { Check } from "../../check";
import { plural } from "../../../plural";

/** A key that gives way ends the tokens that it has signed; a proxy notes it when it connects the next time. */
export const proxyTokens: Check = {
  code: "proxy-tokens",
  title: "Tokens of data plane proxies stay valid",
  async run(facts) {
    const { zoneName, vantage } = facts;
    const plan = await facts.plan();
    const { kept } = await facts.exported();
    const own = proxiesWhoseTokensEnd(plan, kept, zoneName);
    const overwritten = plan.resources.flatMap(({ action, resource }) =>
      action === "overwrite" && isProxyTokenKey(resource) ? [resource.mesh ?? ""] : [],
    );
    const elsewhere = [
      ...facts.earlier.flatMap((zone) => zone.kept.map((resource) => ({ resource, zone: zone.zoneName }))),
      ...(await facts.held()).resources.map((resource) => ({ resource, zone: zoneOf(resource) })),
    ];
    const others = elsewhere.filter(
      ({ resource, zone }) => hasTokenOf(overwritten, resource) && zone !== zoneName,
    );
    if (own.length + others.length === 0)
      return { verdict: "ok", sentence: "No token of a data plane proxy ends with the federation." };
    return {
      verdict: "warning",
      sentence: `The tokens of ${plural(own.length + others.length, "proxy")} end with the federation, as the key that has signed them gives way: who has one is cut off from its control plane when it connects again.`,
      evidence: [
        ...own.map((each) => `${keyOf(each)}: ${commandFor(each, zoneName)}`),
        ...others.map(({ resource, zone }) => {
          const { [DISPLAY_NAME_LABEL]: name = resource.name } = resource.labels ?? {};
          const named = { ...resource, name };
          return `${keyOf(named)} of zone ${zone}: ${commandFor(named, zone)}`;
        }),
      ],
      remedy:
        (vantage
          ? `Those on ${vantage.title}, and on hosts of the setting proxyHosts, that are units get new tokens, and are restarted where Envoy has the token in its bootstrap. For the others: `
          : "") +
        "Have the tokens issued by the global once it is there, put them where kuma-dp reads them, and restart it after the switch.",
    };
  },
};

function zoneOf({ labels }: Resource): string {
  return labels?.[ZONE_LABEL] ?? "unknown";
}

import { multiZoneOf } from "../../../multizone/world";
import { Check } from "../../check";
import { dial } from "../../dial";
import { Facts } from "../../facts";

/** `host:port` that the ingresses of other zones tell, each with what it is of. */
async function addressesOfOthers(facts: Facts): Promise<[address: string, of: string][]> {
  const { zoneName, earlier } = facts;
  const onGlobal = facts.globalIfMade ? (await facts.onGlobal()).resources : [];
  const held = earlier.map(({ zoneName: zone, kept }) => ({ zone, resources: kept }));
  const { ingresses } = multiZoneOf([], [{ zone: "", resources: onGlobal }, ...held]);
  return ingresses.flatMap(({ name, zone, address }) =>
    zone === zoneName || address === undefined ? [] : [[address, `${name} of zone ${zone}`]],
  );
}

/** An address is right or wrong for who dials it: proxies of this zone, or its egress, do so from about where its host is. */
export const ingressesReachable: Check = {
  code: "ingresses-reachable",
  title: "The zone's host reaches the zone ingresses of other zones at the addresses that they tell",
  hostOnly: true,
  always: true,
  async run(facts) {
    const { vantage } = facts;
    const addresses = vantage ? await addressesOfOthers(facts) : [];
    if (vantage === undefined || addresses.length === 0)
      return { verdict: "ok", sentence: "No other zone tells the address of a zone ingress." };
    const dialled = await Promise.all(
      addresses.map(async ([address, of]) => ({
        ...{ at: `${of}, at ${address}` },
        why: (await dial(`grpc://${address}`, "", vantage)).unreachable,
      })),
    );
    const failed = dialled.flatMap(({ at, why }) => (why === undefined ? [] : [`${at}: ${why}`]));
    if (failed.length === 0)
      return {
        verdict: "ok",
        sentence: `${vantage.title} reaches the zone ingresses of the other zones.`,
        evidence: dialled.map(({ at }) => at),
      };
    return {
      verdict: "warning",
      sentence: `${vantage.title} does not reach zone ingresses of other zones, so that calls from zone ${facts.zoneName} to their services would fail.`,
      evidence: failed,
      remedy:
        "Check that they run, that their advertised address and port are those under which this zone reaches them, and the network between. Where the proxies of the zone and its egress are on other hosts, look from there.",
    };
  },
};

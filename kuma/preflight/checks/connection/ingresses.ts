import type { Vantage } from "../../../api/vantage";
import { type ZoneProxy, multiZoneOf } from "../../../multizone/world";
import { Check, Finding } from "../../check";
import { dial } from "../../dial";
import { Facts } from "../../facts";

async function knownIngresses(facts: Facts): Promise<readonly ZoneProxy[]> {
  const { earlier } = facts;
  const onGlobal = facts.globalIfMade ? (await facts.onGlobal()).resources : [];
  const held = earlier.map(({ zoneName: zone, kept }) => ({ zone, resources: kept }));
  return multiZoneOf([], [{ zone: "", resources: onGlobal }, ...held]).ingresses;
}

const NONE_TOLD: Finding = {
  verdict: "ok",
  sentence: "No other zone tells the address of a zone ingress.",
};

/**
 * Dials the ingresses of other zones from the host of a zone. An address is right or wrong for who dials it: proxies of the zone, or
 * its egress, do so from about where its host is.
 */
export async function dialIngresses(
  vantage: Vantage,
  zoneName: string,
  ingresses: readonly ZoneProxy[],
): Promise<Finding> {
  const dialled = await Promise.all(
    ingresses
      .filter(({ zone, address }) => zone !== zoneName && address !== undefined)
      .map(async ({ name, zone, address }) => ({
        at: `${name} of zone ${zone}, at ${address}`,
        why: (await dial(`grpc://${address}`, "", vantage)).unreachable,
      })),
  );
  if (dialled.length === 0) return NONE_TOLD;
  const failed = dialled.flatMap(({ at, why }) => (why === undefined ? [] : [`${at}: ${why}`]));
  if (failed.length === 0)
    return {
      verdict: "ok",
      sentence: `${vantage.title} reaches the zone ingresses of the other zones.`,
      evidence: dialled.map(({ at }) => at),
    };
  return {
    verdict: "warning",
    sentence: `${vantage.title} does not reach zone ingresses of other zones, so that calls from zone ${zoneName} to their services would fail.`,
    evidence: failed,
    remedy:
      "Check that they run, that their advertised address and port are those under which this zone reaches them, and the network between. Where the proxies of the zone and its egress are on other hosts, look from there.",
  };
}

export const ingressesReachable: Check = {
  code: "ingresses-reachable",
  title: "The zone's host reaches the zone ingresses of other zones at the addresses that they tell",
  hostOnly: true,
  always: true,
  async run(facts) {
    const { vantage } = facts;
    return vantage ? dialIngresses(vantage, facts.zoneName, await knownIngresses(facts)) : NONE_TOLD;
  },
};

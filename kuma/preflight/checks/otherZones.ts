import { enumerated } from "../../lists";
import { MessageSize, messageSizes } from "../../messageSize";
import { isOf } from "../../ownership";
import { isWrite, wantedOnGlobal } from "../../plan";
import { Resource, isSyncDisabled, keyOf } from "../../resource";
import { zoneState } from "../../zone";
import { Check } from "../check";
import type { Facts } from "../facts";
import { ACROSS_ZONES, DEFAULT_LIMIT, SETTINGS, bytes, describe, isSent, limitsOf, roundedUp } from "./sync";

interface Grown {
  zone: string;
  limit: number;
  sizes: (MessageSize & { way: string })[];
}

export const messagesElsewhere: Check = {
  code: "kds-other-zones",
  title: "What comes still fits into the messages of KDS to zones that have joined already",
  async run(facts) {
    const others = facts.federation.global
      ? (await facts.globalZones()).filter((name) => name !== facts.zoneName)
      : [];
    if (others.length === 0) {
      return {
        verdict: facts.federation.global ? "ok" : "pending",
        sentence: "There is no other zone on the global.",
      };
    }
    const grown = (await Promise.all(others.map((zone) => grownFor(zone, facts)))).filter(
      ({ sizes }) => sizes.length > 0,
    );
    if (grown.length === 0)
      return { verdict: "ok", sentence: "What comes fits into the messages to the other zones." };
    const needed = Math.max(...grown.flatMap(({ sizes }) => sizes.map(({ atMost }) => atMost)));
    const named = grown.map(({ zone, limit }) => `${zone} (${bytes(limit)})`);
    return {
      verdict: "warning",
      sentence:
        `The global sends all resources of one type to each zone in one message. With those of zone ${facts.zoneName} it may be more than ` +
        `other zones take: ${enumerated(named)}. Such a zone gets nothing of that type any more, from its next connection on.`,
      evidence: grown.flatMap(({ sizes }) => sizes.map(describe)),
      remedy: `Set ${SETTINGS.zone} of these zones, and ${SETTINGS.global} of the global, to ${roundedUp(needed)} or more before. Or bring less.`,
    };
  },
};

/** The messages to another zone that grow by what this one brings, and may be more than that zone takes. */
async function grownFor(name: string, facts: Facts): Promise<Grown> {
  const { kdsMaxMsgSize = DEFAULT_LIMIT } = await zoneState(await facts.openGlobal(), name);
  const limit = Math.min(kdsMaxMsgSize, (await limitsOf(facts)).global);
  const { brought, sent } = await sentTo(name, facts);
  const types = new Set(brought.map(({ type }) => type));
  const sizes = messageSizes(sent).filter(({ type, atMost }) => types.has(type) && atMost > limit);
  return {
    zone: name,
    limit,
    sizes: sizes.map((size) => ({ ...size, way: `from the global to zone ${name}` })),
  };
}

async function sentTo(name: string, facts: Facts): Promise<{ brought: Resource[]; sent: Resource[] }> {
  const plan = await facts.plan();
  const { kept, types } = await facts.exported();
  const wanted = wantedOnGlobal(plan);
  const across = kept.filter((each) => ACROSS_ZONES.has(each.type) && !isSyncDisabled(each));
  const isThere = new Set(wanted.map(keyOf));
  const there = (await facts.onGlobal()).resources.filter(
    (each) => !isThere.has(keyOf(each)) && !isOf(name)(each) && !isOf(facts.zoneName)(each),
  );
  const isSentDown = (each: Resource) => isSent(each, types.get(each.type));
  const written = plan.resources.filter(isWrite).map(({ resource }) => resource);
  return {
    brought: [...written.filter(isSentDown), ...across],
    sent: [...[...wanted, ...there].filter(isSentDown), ...across],
  };
}

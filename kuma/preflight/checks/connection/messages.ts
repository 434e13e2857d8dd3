import { enumerated } from "../../../lists";
import { MessageSize, messageSizes } from "../../../resource/messageSize";
import { isOf } from "../../../zone/ownership";
import { isWrite, wantedOnGlobal } from "../../../federation/plan";
import { ORIGIN_LABEL, Resource, isSyncDisabled, keyOf } from "../../../resource/resource";
import { ResourceType } from "../../../api/resourceTypes";
import { zoneState } from "../../../zone/zone";
import { Check } from "../../check";
import { Facts } from "../../facts";
import { NotYet } from "../../notYet";

/** Kuma v2.14.3, pkg/config/multizone/multicluster.go. */
const DEFAULT_LIMIT = 10 * 1024 * 1024;
const SETTINGS = {
  global: "KUMA_MULTIZONE_GLOBAL_KDS_MAX_MSG_SIZE",
  zone: "KUMA_MULTIZONE_ZONE_KDS_MAX_MSG_SIZE",
} as const;

/** What zones send up beside what they own (Kuma v2.14.3, KDS flag ZoneToGlobal). */
const INSIGHTS = ["DataplaneInsight", "ZoneIngressInsight", "ZoneEgressInsight"];
/** What one zone owns and the others get as well (KDS flag SyncedAcrossZones). */
const ACROSS_ZONES = new Set(["MeshService", "MeshZoneAddress", "ZoneIngress"]);

export const messageLimit: Check = {
  code: "kds-message-size",
  title: "Each type of resource fits into one message of KDS, in both directions",
  async run(facts) {
    const limits = await limitsOf(facts);
    const limit = Math.min(limits.global, limits.zone);
    const directions: [string, MessageSize[]][] = [
      [`from the global to zone ${facts.zoneName}`, messageSizes(await sentToZone(facts))],
      [`from zone ${facts.zoneName} to the global`, messageSizes(await sentByZone(facts))],
    ];
    const all = directions.flatMap(([way, sizes]) => sizes.map((size) => ({ ...size, way })));
    const over = all.filter(({ atLeast }) => atLeast > limit);
    const near = all.filter(({ atMost }) => atMost > limit);
    const [largest] = all.sort((a, b) => b.atMost - a.atMost);
    if (near.length === 0) {
      return {
        verdict: "ok",
        sentence: `All resources of one type fit into a message of ${bytes(limit)}.`,
        evidence: largest ? [describe(largest)] : [],
      };
    }
    const needed = Math.max(...near.map(({ atMost }) => atMost));
    const lower = (["global", "zone"] as const).filter((side) => limits[side] < needed);
    return {
      verdict: over.length > 0 ? "blocker" : "warning",
      sentence:
        `When two control planes meet, KDS sends all resources of one type in one message, of ${bytes(limit)} at most here. ` +
        `${enumerated([...new Set(near.map(({ type }) => type))])} ${over.length > 0 ? "would not fit" : "might not fit"}: the zone would be switched and get or send nothing.`,
      evidence: near.map(describe),
      remedy:
        `Set ${lower.map((side) => `${SETTINGS[side]} of the ${side} control plane (now ${limits[side]})`).join(" and ")} to ${roundedUp(needed)} or more, ` +
        `on Kubernetes with controlPlane.envVars of the chart; a control plane that this stack runs on this machine takes it from the environment of the command. Or bring less.`,
      error: "refused",
    };
  },
};

function describe({ type, count, atLeast, atMost, way }: MessageSize & { way: string }): string {
  return `${type} ${way}: ${count} resource(s), ${atLeast} to ${atMost} bytes`;
}

function bytes(count: number): string {
  return `${count.toLocaleString("en")} bytes`;
}

/** With room for growth. */
function roundedUp(size: number): number {
  return Math.ceil((size * 1.5) / 1_000_000) * 1_000_000;
}

async function limitsOf(facts: Facts): Promise<{ global: number; zone: number }> {
  const { zoneRunsHere } = facts.federation;
  const given = (side: keyof typeof SETTINGS) => Number(process.env[SETTINGS[side]]) || undefined;
  const ofZone = (zoneRunsHere ? given("zone") : undefined) ?? (await facts.zoneConfig()).kdsMaxMsgSize?.zone;
  return {
    global: (await limitOfGlobal(facts)) ?? given("global") ?? DEFAULT_LIMIT,
    zone: ofZone ?? DEFAULT_LIMIT,
  };
}

/** Undefined where it is still to be made, or does not tell. */
async function limitOfGlobal(facts: Facts): Promise<number | undefined> {
  if (facts.isHosted) return undefined;
  try {
    return (await facts.globalConfig()).kdsMaxMsgSize?.global;
  } catch (error) {
    if (error instanceof NotYet) return undefined;
    throw error;
  }
}

async function sentToZone(facts: Facts): Promise<Resource[]> {
  const wanted = new Map(wantedOnGlobal(await facts.plan()).map((each) => [keyOf(each), each]));
  const { types } = await facts.exported();
  const others = (await facts.held()).resources.filter(
    (each) => !wanted.has(keyOf(each)) && !isOf(facts.zoneName)(each),
  );
  return [...wanted.values(), ...others].filter((each) => isSent(each, types.get(each.type)));
}

function isSent(resource: Resource, type: ResourceType | undefined): boolean {
  if (isSyncDisabled(resource)) return false;
  const isOfZone = resource.labels?.[ORIGIN_LABEL] === "zone";
  return isOfZone ? ACROSS_ZONES.has(resource.type) : type?.includeInFederation === true;
}

async function sentByZone(facts: Facts): Promise<Resource[]> {
  const { kept, types } = await facts.exported();
  const insights = [...types.values()].filter(({ name }) => INSIGHTS.includes(name));
  const lists = await Promise.all(insights.map((type) => facts.federation.zone.list(type)));
  return [...kept.filter((each) => !isSyncDisabled(each)), ...lists.flat()];
}

interface Grown {
  zone: string;
  limit: number;
  sizes: (MessageSize & { way: string })[];
}

export const messagesElsewhere: Check = {
  code: "kds-other-zones",
  title: "What comes still fits into the messages of KDS to zones that have joined already",
  async run(facts) {
    const isMade = facts.globalIfMade !== undefined;
    // zones that are still to join have told nobody how much they take
    if (!isMade && facts.earlier.length > 0) throw new NotYet();
    const known = isMade ? await facts.globalZones() : [];
    const others = known.filter((name) => name !== facts.zoneName);
    if (others.length === 0) return { verdict: "ok", sentence: "There is no other zone on the global." };
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
  const sizes = messageSizes(sent.filter(({ type }) => types.has(type))).filter(
    ({ atMost }) => atMost > limit,
  );
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

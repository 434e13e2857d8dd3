import { enumerated } from "../../lists";
import { MessageSize, messageSizes } from "../../messageSize";
import { isOf } from "../../ownership";
import { wantedOnGlobal } from "../../plan";
import {
  DISPLAY_NAME_LABEL,
  NAMESPACE_LABEL,
  ORIGIN_LABEL,
  Resource,
  SYNC_LABEL,
  isSyncDisabled,
  keyOf,
} from "../../resource";
import { ResourceType, isHeldBack, keepsName } from "../../resourceTypes";
import { Check, NotYet } from "../check";
import { Facts } from "../facts";

export const kdsSync: Check = {
  code: "kds-sync",
  title: "Nothing that the zone needs is kept on the global by its label",
  async run(facts) {
    const held = wantedOnGlobal(await facts.plan()).filter(isHeldBack);
    const local = (await facts.exported()).kept.filter(isSyncDisabled).map(keyOf);
    if (held.length === 0) {
      return {
        verdict: "ok",
        sentence:
          local.length === 0
            ? "The zone has nothing that KDS leaves where it is."
            : `${local.length} resource(s) of the zone stay in it alone, because of their label ${SYNC_LABEL}: the global gets no copy of them.`,
        evidence: local,
      };
    }
    return {
      verdict: "blocker",
      sentence:
        `${held.length} resource(s) would be the global's and would not come back to the zone, because of their label ${SYNC_LABEL}: ` +
        `the zone would lose them at the switch${held.some(({ type }) => type === "Mesh") ? ", and a mesh with all that is in it" : ""}.`,
      evidence: held.map(keyOf),
      remedy: `Remove that label from them, on the side whose version is to stay, or delete them if nothing needs them.`,
      error: "gate",
    };
  },
};

export const copyNames: Check = {
  code: "copy-names",
  title: "No two resources of the zone have one name when they are copied",
  async run(facts) {
    const { carried, kept } = await facts.exported();
    const byName = new Map<string, string[]>();
    for (const each of [...carried, ...kept]) {
      if (keepsName(each) || isSyncDisabled(each)) continue;
      // Kuma v2.14.3, pkg/kds/context/context.go, HashSuffixMapper
      const { [DISPLAY_NAME_LABEL]: name = each.name, [NAMESPACE_LABEL]: namespace = "" } = each.labels ?? {};
      const copy = `${keyOf({ ...each, name })} ${namespace}`;
      byName.set(copy, [...(byName.get(copy) ?? []), keyOf(each)]);
    }
    const doubled = [...byName.values()].filter(({ length }) => length > 1);
    if (doubled.length === 0)
      return { verdict: "ok", sentence: "Each resource of the zone has a name of its own." };
    return {
      verdict: "blocker",
      sentence: `KDS names a copy after the label ${DISPLAY_NAME_LABEL}, which several resources of the zone have alike: only one of them would be copied.`,
      evidence: doubled.map((keys) => keys.join(" and ")),
      remedy:
        "Write all but one of them again without that label, or with another value: it cannot be changed in place.",
      error: "gate",
    };
  },
};

/** Kuma v2.14.3, pkg/config/multizone/multicluster.go. */
export const DEFAULT_LIMIT = 10 * 1024 * 1024;
export const SETTINGS = {
  global: "KUMA_MULTIZONE_GLOBAL_KDS_MAX_MSG_SIZE",
  zone: "KUMA_MULTIZONE_ZONE_KDS_MAX_MSG_SIZE",
} as const;

/** What zones send up beside what they own (Kuma v2.14.3, KDS flag ZoneToGlobal). */
const INSIGHTS = ["DataplaneInsight", "ZoneIngressInsight", "ZoneEgressInsight"];
/** What one zone owns and the others get as well (KDS flag SyncedAcrossZones). */
export const ACROSS_ZONES = new Set(["MeshService", "MeshZoneAddress", "ZoneIngress"]);

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

export function describe({ type, count, atLeast, atMost, way }: MessageSize & { way: string }): string {
  return `${type} ${way}: ${count} resource(s), ${atLeast} to ${atMost} bytes`;
}

export function bytes(count: number): string {
  return `${count.toLocaleString("en")} bytes`;
}

/** With room for growth. */
export function roundedUp(size: number): number {
  return Math.ceil((size * 1.5) / 1_000_000) * 1_000_000;
}

export async function limitsOf(facts: Facts): Promise<{ global: number; zone: number }> {
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
  const there = facts.federation.global ? (await facts.onGlobal()).resources : [];
  const others = there.filter((each) => !wanted.has(keyOf(each)) && !isOf(facts.zoneName)(each));
  return [...wanted.values(), ...others].filter((each) => isSent(each, types.get(each.type)));
}

export function isSent(resource: Resource, type: ResourceType | undefined): boolean {
  if (isSyncDisabled(resource)) return false;
  const isOfZone = resource.labels?.[ORIGIN_LABEL] === "zone";
  return isOfZone ? ACROSS_ZONES.has(resource.type) : type?.includeInFederation === true;
}

async function sentByZone(facts: Facts): Promise<Resource[]> {
  const { kept, types } = await facts.exported();
  const insights = INSIGHTS.flatMap((name) => types.get(name) ?? []);
  const lists = await Promise.all(insights.map((type) => facts.federation.zone.list(type)));
  return [...kept.filter((each) => !isSyncDisabled(each)), ...lists.flat()];
}

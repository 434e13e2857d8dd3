import { sameDatabase } from "../../../zone/database";
import { isKumaError } from "../../../errors";
import { HostedUse, hostedUse } from "../../../konnect/admission";
import { originalKey } from "../../../zone/ownership";
import {
  ORIGIN_LABEL,
  Resource,
  ResourceKey,
  ZONE_LABEL,
  cameFromGlobal,
  isSecret,
  keyOf,
} from "../../../resource/resource";
import { mayBeOwnedByZone } from "../../../api/resourceTypes";
import { Check } from "../../check";
import { Facts } from "../../facts";

export const zoneNameFree: Check = {
  code: "zone-name-taken",
  title: "No other control plane is on the global under the zone's name",
  async run(facts) {
    const { known, online, version, database } = await facts.zoneOnGlobal();
    const { nextDatabase } = facts.federation;
    if (!online) {
      return {
        verdict: "ok",
        sentence: `No control plane is connected to the global as zone ${facts.zoneName}.`,
        evidence: known ? ["the global knows a zone of that name, which is offline: see leftovers"] : [],
      };
    }
    if (nextDatabase && database && sameDatabase(database, nextDatabase)) {
      return {
        verdict: "ok",
        sentence: `What is connected to the global as zone ${facts.zoneName} is this zone's next database, which a run that was cut short was filling.`,
        evidence: [`version of the one that is connected: ${version ?? "unknown"}`],
      };
    }
    return {
      verdict: "blocker",
      sentence: `Another control plane is connected to the global as zone ${facts.zoneName}. Two zones of one name delete each other's resources.`,
      evidence: [`version of the one that is connected: ${version ?? "unknown"}`],
      remedy: `Take that zone off the global first. A zone cannot be renamed without harm, so one of the two has to be set up again.`,
      error: "conflict",
    };
  },
};

export const leftovers: Check = {
  code: "leftovers",
  title: "Nothing of an earlier attempt is on the global",
  async run(facts) {
    const { zoneName } = facts;
    const { known, online } = await facts.zoneOnGlobal();
    const labelled = (await facts.onGlobal()).resources.filter(
      ({ labels }) => labels?.[ZONE_LABEL] === zoneName,
    );
    const owned = new Set(
      (await facts.exported()).kept.flatMap((each) => [keyOf(each), keyOf(originalKey(each))]),
    );
    const carried = new Set((await facts.exported()).carried.map(keyOf));
    // a copy of what the zone owns today is brought up to date at its first connection
    const lost = labelled.filter(
      (resource) => !owned.has(keyOf(originalKey(resource))) && !carried.has(keyOf(resource)),
    );
    if ((known && !online) || labelled.length > 0) {
      return {
        verdict: "warning",
        sentence:
          `The global has something of a zone ${zoneName}: ` +
          [
            known ? `the zone itself, ${online ? "online" : "offline"}` : "",
            `${labelled.length} resource(s) with its label`,
          ]
            .filter(Boolean)
            .join(", and ") +
          `. At the zone's first connection the global deletes of these what the zone does not have.`,
        evidence: lost.map((resource) => `would be deleted on the global: ${keyOf(resource)}`),
        remedy:
          `If that is from an earlier attempt with this zone, nothing has to be done. ` +
          `If a zone of that name is only away for a moment, stop here: two zones of one name delete each other's resources. ` +
          `What is to stay on the global has to be written there without the label ${ZONE_LABEL}.`,
      };
    }
    return { verdict: "ok", sentence: `The global has nothing of a zone ${zoneName}.` };
  },
};

export const limits: Check = {
  code: "global-limits",
  title: "What comes fits into the limits of the global",
  async run(facts) {
    const use = await useOf(facts);
    const kinds = ["zones", "policies", "dataplanes"] as const;
    if (!use || kinds.every((kind) => use.limits[kind] === 0)) {
      return { verdict: "ok", sentence: "The global tells of no limits." };
    }
    const { limits, used } = use;
    const { carried, kept, types } = await facts.exported();
    const all = [...carried, ...kept];
    const added = {
      zones: (await facts.zoneOnGlobal()).known ? 0 : 1,
      policies: all.filter(({ type }) => types.get(type)?.policy !== undefined).length,
      dataplanes: all.filter(({ type }) => type === "Dataplane").length,
    };
    const evidence = kinds.map(
      (kind) =>
        `${kind}: ${used[kind]} there, at most ${added[kind]} more, ${limits[kind] ? `limit ${limits[kind]}` : "no limit"}`,
    );
    const over = kinds.filter((kind) => limits[kind] > 0 && used[kind] + added[kind] > limits[kind]);
    if (over.length === 0) {
      return { verdict: "ok", sentence: "What comes fits into the limits of the global.", evidence };
    }
    return {
      verdict: "blocker",
      sentence: `The global's limit for ${over.join(" and ")} would be exceeded.`,
      evidence,
      remedy: "Have the limit raised, or bring less.",
      error: "refused",
    };
  },
};

async function useOf(facts: Facts): Promise<HostedUse | undefined> {
  try {
    return await hostedUse(await facts.openGlobal());
  } catch (error) {
    // older ones have no such document, and no limits
    if (isKumaError(error, "notFound")) return undefined;
    throw error;
  }
}

export const typesKnown: Check = {
  code: "global-types",
  title: "The global knows every type of resource that it is to take over",
  async run(facts) {
    const { carried } = await facts.exported();
    const { types } = await facts.onGlobal();
    const unknown = carried.filter(({ type }) => !types.has(type));
    if (unknown.length === 0) {
      const count = new Set(carried.map(({ type }) => type)).size;
      return { verdict: "ok", sentence: `The global knows all ${count} types that are carried to it.` };
    }
    return {
      verdict: "blocker",
      sentence: `The global does not know the type of ${unknown.length} resource(s) of the zone.`,
      evidence: unknown.map(keyOf),
      remedy:
        "Is it older than the zone, or another product? Upgrade the global, or delete them in the zone.",
      error: "refused",
    };
  },
};

export const deletedInZone: Check = {
  code: "deleted-in-zone",
  title: "Nothing in the zone is deleted at its first connection",
  async run(facts) {
    const { kept, types } = await facts.exported();
    // Kuma v2.14.3, pkg/kds/v2/store/sync.go: what a zone has as the global's and does not get from it, is deleted
    const asGlobals = kept.filter((resource) => {
      const type = types.get(resource.type);
      if (!type?.includeInFederation || isSecret(resource)) return false;
      return cameFromGlobal(resource) || !mayBeOwnedByZone(type);
    });
    const doomed = await notSentBack(facts, asGlobals);
    if (doomed.length === 0) {
      return { verdict: "ok", sentence: "The zone has nothing that its first connection would delete." };
    }
    return {
      verdict: "blocker",
      sentence: `${doomed.length} resource(s) of the zone count as the global's, which does not have them: the zone would delete them at its first connection.`,
      evidence: doomed.map(keyOf),
      remedy: `Write them again in the zone without the label ${ORIGIN_LABEL}, or delete them if they are left from a global that the zone once had.`,
      error: "gate",
    };
  },
};

/** What the global does not hold under its first name; one that is yet to be made, beyond what it makes for itself. */
async function notSentBack(facts: Facts, resources: readonly Resource[]): Promise<Resource[]> {
  if (resources.length === 0) return [];
  const { byKey } = await facts.held();
  const isMadeByIt = ({ type, name }: ResourceKey) =>
    facts.globalIfMade === undefined && type === "HostnameGenerator" && OF_EACH_GLOBAL.has(name);
  return resources.filter((resource) => {
    const key = originalKey(resource);
    return !byKey.has(keyOf(key)) && !isMadeByIt(key);
  });
}

/** HostnameGenerators that each global makes for itself (Kuma v2.14.3, pkg/defaults/hostname_generator.go). */
const OF_EACH_GLOBAL = new Set([
  "synced-kube-mesh-service",
  "synced-headless-kube-mesh-service",
  "synced-universal-mesh-service",
  "synced-mesh-multi-zone-service",
  "synced-mesh-external-service",
]);

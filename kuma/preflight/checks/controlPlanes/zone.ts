import { Database, databaseName, sameDatabase } from "../../../zone/database";
import { capital } from "../../../printable";
import { zoneNameAdvice } from "../../../resource/names";
import { ZONE_LABEL, keyOf } from "../../../resource/resource";
import { federatedTo } from "../../../zone/zone";
import { Check, Finding } from "../../check";
import { identitiesOf } from "../resources/identities";

export const zoneAlone: Check = {
  code: "zone-alone",
  title: "The zone runs alone, or is federated with this global",
  always: true,
  async run(facts) {
    const current = federatedTo(await facts.zoneConfig());
    const { zoneName } = facts;
    if (current === undefined) return { verdict: "ok", sentence: `Zone ${zoneName} runs alone.` };
    const { konnectControlPlaneId: hostedBy } = await facts.zoneConfig();
    if (await facts.joined()) {
      if (facts.federation.isUnrecorded)
        return {
          verdict: "blocker",
          sentence: `Zone ${zoneName} is federated with this global already, but this stack did not do it and has no copy of what was carried.`,
          evidence: [current],
          remedy: "Take the zone off the global first, or restore the stack's state.",
          error: "alreadyFederated",
        };
      return {
        verdict: "ok",
        sentence: `Zone ${zoneName} is federated with this global already, so nothing is left to carry to it.`,
        evidence: [current],
      };
    }
    return {
      verdict: "blocker",
      sentence: `Zone ${zoneName} is federated already, with ${hostedBy === undefined ? current : `the control plane ${hostedBy} in Konnect`}.`,
      remedy: "Take it off that global first, or leave it out of this stack.",
      error: "alreadyFederated",
    };
  },
};

/** A zone that was never given a name is called so (Kuma 2.14, multizone.zone.name). */
const UNNAMED = "default";

export const zoneNameKept: Check = {
  code: "zone-name",
  title: "The zone keeps its name",
  // a zone that has joined can be given another one in the file as well
  always: true,
  async run(facts) {
    const { zoneName } = facts;
    const { kept } = (await facts.joined()) ? { kept: [] } : await facts.exported();
    const configured = (await facts.zoneConfig()).zoneName;
    // an API that does not tell its configuration still labels what the zone owns
    const labelled = kept.flatMap((resource) => {
      const label = resource.labels?.[ZONE_LABEL];
      return label === undefined ? [] : [{ key: keyOf(resource), label }];
    });
    const current = configured ?? labelled[0]?.label ?? zoneName;
    const stranded = labelled.filter(({ label }) => label !== zoneName).map(({ key }) => key);
    if (current === zoneName && stranded.length === 0) {
      return { verdict: "ok", sentence: `Zone ${zoneName} keeps its name.` };
    }
    const identities = identitiesOf(kept);
    return {
      verdict: "blocker",
      sentence:
        current === zoneName
          ? `Zone ${zoneName} holds resources that carry the name of another zone, and match no data plane proxy of ${zoneName}.`
          : `The zone is called ${JSON.stringify(current)}, not ${JSON.stringify(zoneName)}; under another name its own policies stop matching its data plane proxies.`,
      evidence: [
        ...stranded.map((key) => `carries another name: ${key}`),
        ...identities.map((identity) => `would issue other identities: ${identity}`),
      ],
      remedy:
        current === zoneName
          ? "Write them again under the zone's name, or delete them."
          : `${capital(zoneNameAdvice(current))} in the stack.` +
            (current === UNNAMED
              ? " It was never given a name, and keeps this one; another zone of that name cannot join the same global."
              : ""),
    };
  },
};

export const zoneHasMesh: Check = {
  code: "zone-meshes",
  title: "The zone has a mesh",
  async run(facts) {
    const meshes = (await facts.exported()).carried.filter(({ type }) => type === "Mesh");
    if (meshes.length > 0) {
      return {
        verdict: "ok",
        sentence: `The zone has ${meshes.length} mesh(es).`,
        evidence: meshes.map(keyOf),
      };
    }
    return {
      verdict: "blocker",
      sentence: `Zone ${facts.zoneName} has no mesh, so there is nothing to federate.`,
      remedy: "Is it the right zone? One that is new can be started with the global's address at once.",
      error: "incomplete",
    };
  },
};

export const zoneStore: Check = {
  code: "zone-store",
  title: "The zone's store outlives the switch",
  async run(facts) {
    const { storeType, database } = await facts.zoneConfig();
    const { nextDatabase } = facts.federation;
    switch (storeType) {
      case "memory":
        return {
          verdict: "warning",
          sentence: "The zone keeps its resources in memory, and the switch is a restart.",
          evidence: ["store type memory"],
          remedy:
            "The program puts back what the zone owns, and lets data plane proxies in then. What the zone holds is lost when its process ends by itself: use it for trying out, not for production.",
        };
      case "postgres":
        if (nextDatabase) return moved(facts.zoneName, database, nextDatabase);
        return {
          verdict: "warning",
          sentence:
            "The zone keeps its resources in Postgres. Federated on the same database it would reconnect for ever: its cluster id and secrets stand on both sides, and that ends each transaction of the synchronisation.",
          evidence: ["store type postgres"],
          remedy:
            "It has to begin federated on a new, empty database; the old one stays as it is, and is the way back.",
        };
      case undefined:
        return {
          verdict: "inconclusive",
          sentence: "The zone does not tell where it keeps its resources.",
          remedy: "If that is Postgres, it has to begin federated on a new, empty database.",
        };
      default:
        return { verdict: "ok", sentence: `The zone's store (${storeType}) outlives a restart.` };
    }
  },
};

/** Of a zone that is given a new database. */
function moved(zoneName: string, current: Database | undefined, next: Database): Finding {
  if (current && sameDatabase(current, next)) {
    return {
      verdict: "blocker",
      sentence: `Zone ${zoneName} runs alone on the database that it is to have once it is federated. Federated there it would reconnect for ever.`,
      evidence: [databaseName(next)],
      remedy: "Name another database for its federated life; this one stays as it is, and is the way back.",
    };
  }
  return {
    verdict: "ok",
    sentence: `Zone ${zoneName} begins its federated life on a database of its own, which is filled before any data plane proxy meets it. The one that it has stays as it is, for the way back.`,
    evidence: [
      ...(current ? [`runs alone on ${databaseName(current)}`] : []),
      `will be federated on ${databaseName(next)}`,
    ],
  };
}

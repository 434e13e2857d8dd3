import { authorities } from "../../../federation/conflicts";
import { describeDifferences } from "../../../resource/difference";
import { rivalsOf } from "../../../federation/earlier";
import { choicesFor, meshesWhoseMtlsEnds } from "../../../resource/meshEncryption";
import { isOf } from "../../../zone/ownership";
import { PlannedResource } from "../../../federation/plan";
import {
  NAMESPACE_LABEL,
  Resource,
  SYSTEM_NAMESPACES,
  digest,
  isSecret,
  keyOf,
  sameContent,
} from "../../../resource/resource";
import { isGenerated } from "../../../api/resourceTypes";
import { plural } from "../../../plural";
import { Check } from "../../check";
import type { Facts } from "../../facts";

export const conflicts: Check = {
  code: "conflicts",
  title: "Nothing on the global stands in the way of what is carried to it",
  async run(facts) {
    const { resources } = await facts.plan();
    const differing = resources.filter(
      ({ action, authority, identity }) =>
        isChosen(action) && authority === undefined && identity === undefined,
    );
    const open = differing.filter(({ action }) => action === "conflict");
    if (open.length > 0) {
      return {
        verdict: "blocker",
        sentence: `${open.length} resource(s) of zone ${facts.zoneName} ${differFrom(open)}.`,
        evidence: open.flatMap(describe),
        remedy:
          `Make them equal, or choose with the setting onConflict, for all or by a pattern such as "${open[0].key}": ` +
          `keepGlobal leaves the global's, overwrite puts the zone's in their place.` +
          (await whyNoneGivesWay(open, facts)),
        error: "conflict",
      };
    }
    if (differing.length > 0) {
      return {
        verdict: "warning",
        sentence: `${differing.length} resource(s) ${differFrom(differing)}, and onConflict says what happens to them.`,
        evidence: differing.flatMap((planned) =>
          describe(planned).map((each) => `${planned.action}: ${each}`),
        ),
        remedy: "What is lost by that is lost: compare the two first.",
      };
    }
    const unseen = facts.earlier.filter(({ plan }) => plan === undefined).map(({ zoneName }) => zoneName);
    if (unseen.length > 0) {
      return {
        verdict: "inconclusive",
        sentence: `Zone ${facts.zoneName} was not compared with zone ${unseen.join(", ")}, which joins before it and could not be looked at.`,
        remedy: `See what is said of zone ${unseen.join(", ")}, and run it again.`,
      };
    }
    const others = facts.earlier.map(({ zoneName }) => zoneName);
    const or = others.length > 0 ? `, nor does zone ${others.join(", ")} bring any` : "";
    // a global that is still to be made holds nothing that could conflict
    return {
      verdict: "ok",
      sentence: facts.globalIfMade
        ? `Nothing is on the global with other content${or}.`
        : `The global is still to be made, so it has nothing with other content${or}.`,
    };
  },
};

/**
 * Why secrets that the global made for itself do not give way by themselves. What depends on them may be left over, which
 * nothing shows: times of origin do not survive a restored backup, and tokens are not kept. So it is for people to say.
 */
async function whyNoneGivesWay(open: readonly PlannedResource[], facts: Facts): Promise<string> {
  const generated = open.filter(({ resource, rivals }) => isGenerated(resource) && !rivals);
  if (generated.length === 0) return "";
  const { byKey } = await facts.held();
  const carried = new Set((await facts.exported()).carried.map(keyOf));
  const foreign = [...byKey].flatMap(([key, { type }]) =>
    type === "Mesh" && !carried.has(key) ? [key] : [],
  );
  const names = await facts.globalZones();
  const tool = (await facts.globalConfig()).environment === "kubernetes" ? "kubectl" : "kumactl";
  const command = names.length > 0 ? ` (${tool} delete zone ${names.join(" ")})` : "";
  const zones = names.map((name) => `Zone ${name}`);
  return (
    ` ${generated.map(({ key }) => key).join(", ")}: each control plane makes these for itself at its first start, and they give way by themselves on a global that nothing depends on. ` +
    `This one has ${[...zones, ...foreign].join(", ")}. If that is left over, and nobody uses a token that this global has issued, delete it there${command} and run it again; a Zone that the global takes for connected though nothing is, it lets go of after some minutes.`
  );
}

/** With what: the global, zones of the stack that join before, or both. */
function differFrom(resources: readonly PlannedResource[]): string {
  const zones = rivalsOf(resources);
  if (zones.length === 0) return "are on the global control plane with other content";
  return `are on the global control plane with other content, or come with other content from zone ${zones.join(", ")}, which joins before`;
}

function isChosen(action: PlannedResource["action"]): boolean {
  return action === "conflict" || action === "overwrite" || action === "keepGlobal";
}

function describe(planned: PlannedResource): string[] {
  return describeDifferences(planned).map((difference) => `${planned.key}: ${difference}`);
}

export const meshAuthorities: Check = {
  code: "mesh-authority",
  title: "Each mesh has one certificate authority on both sides",
  async run(facts) {
    const { resources } = await facts.plan();
    const other = resources.filter(({ authority }) => authority !== undefined);
    const meshes = [...new Set(other.map(({ authority }) => authority))];
    if (other.length === 0) {
      return {
        verdict: "ok",
        sentence: facts.globalIfMade
          ? "No mesh of the zone has another certificate authority on the global."
          : "The global is still to be made, so no mesh has another certificate authority there.",
        evidence: resources
          .filter(({ resource }) => resource.type === "Mesh")
          .map(({ resource }) => `${keyOf(resource)}: ${authoritiesOf(resource)}`),
      };
    }
    const open = other.filter(({ action }) => action === "conflict");
    const evidence = other.flatMap((planned) => {
      const chosen = planned.action === "conflict" ? "" : `${planned.action}: `;
      const told = planned.resource.type === "Mesh" ? [sidesOf(planned)] : describe(planned);
      return told.map((each) => `${chosen}${each}`);
    });
    const zones = rivalsOf(other);
    const where = zones.length > 0 ? `on the global, or in zone ${zones.join(", ")},` : "on the global";
    const sentence = `Mesh ${meshes.join(", ")} has another certificate authority or token key ${where} than in zone ${facts.zoneName}; workloads whose certificates come from the two do not trust each other.`;
    if (open.length > 0) {
      const undecided = new Set(open.map(({ authority }) => `Mesh ${authority}`));
      const choices = await Promise.all(
        resources.filter(({ key }) => undecided.has(key)).map((planned) => choicesOf(planned, facts)),
      );
      return {
        verdict: "blocker",
        sentence,
        evidence: [...evidence, ...choices.flat()],
        remedy:
          `Decide for each mesh with a rule of onConflict that names it, as above, for it and its keys. Neither a choice for everything nor a wildcard counts here. ` +
          `Where neither is wanted, give the mesh the same authority on both sides, or another name in the zone.`,
        error: "conflict",
      };
    }
    const ended = meshesWhoseMtlsEnds(resources);
    return {
      verdict: "warning",
      sentence:
        ended.length === 0
          ? sentence
          : `mTLS ends in mesh ${ended.join(", ")}, as endsMtls allows: calls there are no longer encrypted, and no permission holds any more.`,
      evidence,
      remedy:
        "Every workload on the side whose authority is replaced needs new certificates; a zone whose store outlives the switch keeps its own keys under the same names until they are deleted in it.",
      error: "conflict",
    };
  },
};

/** What can be chosen for a mesh, with what it does to the proxies of both sides. */
async function choicesOf({ resource, existing }: PlannedResource, facts: Facts): Promise<string[]> {
  if (existing === undefined) return [];
  const { zoneName } = facts;
  const isProxy = ({ type, mesh }: Resource) => type === "Dataplane" && mesh === resource.name;
  const { kept } = await facts.exported();
  const { resources } = await facts.held();
  const copies = facts.earlier.flatMap((each) => each.kept);
  const elsewhere = [...copies, ...resources].filter((each) => isProxy(each) && !isOf(zoneName)(each)).length;
  return choicesFor(resource, existing, { zoneName, inZone: kept.filter(isProxy).length, elsewhere });
}

/** The authorities of a mesh in the zone, on the global, and in zones that join before. */
function sidesOf({ key, resource, existing, rivals = [] }: PlannedResource): string {
  // what an earlier zone is to bring counts as being on the global
  const onGlobal = rivals.some((rival) => existing && sameContent(rival.resource, existing))
    ? undefined
    : existing;
  const sides = [
    `zone ${authoritiesOf(resource)}`,
    ...(onGlobal ? [`global ${authoritiesOf(onGlobal)}`] : []),
    ...rivals.map((rival) => `zone ${rival.zones.join(", ")} ${authoritiesOf(rival.resource)}`),
  ];
  return `${key}: ${sides.join("; ")}`;
}

function authoritiesOf(mesh: Resource): string {
  const { enabledBackend, backends } = authorities(mesh);
  if (backends.length === 0) return "no mTLS";
  return backends
    .map(({ name, type }) => `backend ${name} (${type}${name === enabledBackend ? ", in force" : ""})`)
    .join(", ");
}

export const secrets: Check = {
  code: "secrets",
  title: "Secrets of both sides, by digest",
  async run(facts) {
    const planned = (await facts.plan()).resources.filter(({ resource }) => isSecret(resource));
    const evidence = planned.map(({ key, resource, existing, action }) => {
      const global = existing === undefined ? "none" : digest(existing);
      return `${key}: zone ${digest(resource)}, global ${global}${action === "same" ? "" : ` (${WORDS[action]})`}`;
    });
    if (planned.length === 0) {
      return {
        verdict: "inconclusive",
        sentence:
          "The zone shows no secret, though each has signing keys: the credential in use may not see them.",
        remedy: "Give an admin's token of the zone.",
      };
    }
    const ended = planned.filter(
      ({ resource, action }) => isGenerated(resource) && (action === "keepGlobal" || action === "overwrite"),
    );
    if (ended.length > 0) {
      return {
        verdict: "warning",
        sentence: `${ended.length} signing key(s) differ, and one side's give way: tokens that were signed with these are not valid any more.`,
        evidence,
        remedy: "Issue these tokens again after the federation.",
      };
    }
    const same = planned.filter(({ action }) => action === "same").length;
    const there = facts.globalIfMade
      ? `${same} of them are on the global already`
      : "to a global that is still to be made";
    return {
      verdict: "ok",
      sentence: `${planned.length} secret(s) of the zone come along, ${there}.`,
      evidence,
    };
  },
};

const WORDS: Record<PlannedResource["action"], string> = {
  create: "to be written",
  same: "the same",
  replaceGenerated: "generated by the new global, and replaced",
  overwrite: "the global's is replaced",
  keepGlobal: "the global's stays",
  conflict: "in conflict",
};

export const namespaced: Check = {
  code: "namespaced",
  title: "Policies in namespaces of applications",
  async run(facts) {
    const { kept, types } = await facts.exported();
    // on Universal the label is the user's
    const isInCluster = (await facts.zoneConfig()).environment === "kubernetes";
    const stay = kept.flatMap((resource) => {
      const { [NAMESPACE_LABEL]: namespace } = resource.labels ?? {};
      if (!isInCluster || namespace === undefined || SYSTEM_NAMESPACES.includes(namespace)) return [];
      return types.get(resource.type)?.policy === undefined ? [] : [`${keyOf(resource)} in ${namespace}`];
    });
    return {
      verdict: "ok",
      sentence:
        stay.length === 0
          ? "The zone has no policy in a namespace of an application."
          : `The zone has ${plural(stay.length, "policy")} in namespaces of applications: what is there stays in the zone and holds there alone, and the global shows copies of it.`,
      evidence: stay,
    };
  },
};

import { ControlPlaneInfo } from "../../../api/answers";
import { Resource, isRestorable, keyOf } from "../../../resource/resource";
import { parseVersion } from "../../../api/versions";
import { Check } from "../../check";
import type { Facts } from "../../facts";

/** A global takes no new mesh with a longer name since 2.7 (Kuma v2.14.3, pkg/core/managers/apis/mesh/mesh_validator.go). */
const LONGEST_MESH = 63;

/**
 * A federated zone's API takes no name with which `<zone>.<name>`, as a global once called the copy, has 253 characters or
 * more (since 2.2; v2.14.3, pkg/api-server/resource_endpoints.go, doesNameLengthFitsGlobal). One that runs alone takes
 * up to 253. KDS itself shortens the names of its copies (pkg/kds/hash/hash.go).
 */
function longestInZone(zoneName: string): number {
  return 252 - `${zoneName}.`.length;
}

export const nameLengths: Check = {
  code: "name-length",
  title:
    "Each name is one that the zone still takes once it has joined, and each mesh's one that the global takes",
  async run(facts) {
    const longest = longestInZone(facts.zoneName);
    const own = (await ownedInZone(facts)).filter(({ name }) => name.length > longest);
    if (own.length > 0) {
      return {
        verdict: "blocker",
        sentence:
          `${own.length} resource(s) that zone ${facts.zoneName} goes on owning have names that are too long for a zone that has joined a global: ` +
          `it takes at most ${longest} characters (its own name before them makes 252), so that they could not be put back or changed after the switch.`,
        evidence: own.map((each) => described(each, longest)),
        remedy: "Write each again in the zone under a shorter name, and delete the one with the long name.",
        error: "refused",
      };
    }
    const meshes = (await newMeshes(facts)).filter(({ name }) => name.length > LONGEST_MESH);
    if (meshes.length === 0) return { verdict: "ok", sentence: "Each name is short enough for both sides." };
    return {
      verdict: "blocker",
      sentence: `The global takes no mesh with a name of more than ${LONGEST_MESH} characters.`,
      evidence: meshes.map((each) => described(each, LONGEST_MESH)),
      remedy:
        "Write the mesh and what is in it again in the zone under a shorter name, and restart its data plane proxies in that one.",
      error: "refused",
    };
  },
};

async function ownedInZone(facts: Facts): Promise<Resource[]> {
  // in a cluster nothing is written through that API
  if ((await facts.zoneConfig()).environment === "kubernetes") return [];
  if (isBefore(await facts.zoneInfo(), 2)) return [];
  return (await facts.exported()).kept.filter(isRestorable);
}

async function newMeshes(facts: Facts): Promise<Resource[]> {
  if (facts.globalIfMade && isBefore(await facts.globalInfo(), 7)) return [];
  const { resources } = await facts.plan();
  return resources.flatMap(({ action, resource }) =>
    action === "create" && resource.type === "Mesh" ? [resource] : [],
  );
}

/** Older than 2.<minor>. */
function isBefore({ version }: ControlPlaneInfo, minor: number): boolean {
  const parsed = parseVersion(version);
  return parsed !== undefined && parsed.major === 2 && parsed.minor < minor;
}

function described(resource: Resource, longest: number): string {
  return `${keyOf(resource)}: ${resource.name.length} characters, at most ${longest}`;
}

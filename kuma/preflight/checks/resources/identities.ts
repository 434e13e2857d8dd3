import { describeDifferences } from "../../../resource/difference";
import { enumerated } from "../../../lists";
import { Resource, ZONE_LABEL, keyOf } from "../../../resource/resource";
import { Check } from "../../check";

/** Each MeshIdentity with the trust domain that it issues in, where it is given. */
export function identitiesOf(resources: readonly Resource[]): string[] {
  return resources
    .filter(({ type }) => type === "MeshIdentity")
    .map((resource) => {
      const { spiffeID } = (resource.spec ?? {}) as { spiffeID?: { trustDomain?: string } };
      // Kuma v2.14.3, meshidentity/api/v1alpha1: the default holds the zone's name
      const domain = spiffeID?.trustDomain ?? "{{ .Mesh }}.{{ .Zone }}.mesh.local";
      return `${keyOf(resource)} (trust domain ${domain})`;
    });
}

export const meshIdentities: Check = {
  code: "mesh-identity",
  title: "Identities that a MeshIdentity issues stay as they are",
  async run(facts) {
    const identities = identitiesOf((await facts.exported()).kept);
    const current = (await facts.zoneConfig()).zoneName ?? facts.zoneName;
    if (identities.length > 0 && current !== facts.zoneName) {
      return {
        verdict: "blocker",
        sentence: `Under another name the zone would issue every identity again, in another trust domain, while its MeshTrust stays that of ${current}.`,
        evidence: identities,
        remedy: `Keep the name ${current}.`,
      };
    }
    return {
      verdict: "ok",
      sentence:
        identities.length === 0
          ? "The zone has no MeshIdentity."
          : `${identities.length} MeshIdentity resource(s) stay in the zone, and issue the same identities as the zone keeps its name.`,
      evidence: identities,
    };
  },
};

export const identityAuthorities: Check = {
  code: "identity-secrets",
  title: "Each MeshIdentity has one authority on both sides",
  async run(facts) {
    const other = (await facts.plan()).resources.filter(({ identity }) => identity !== undefined);
    if (other.length === 0) {
      return {
        verdict: "ok",
        sentence: "No MeshIdentity of the zone has another authority on the global.",
      };
    }
    const identities = enumerated([...new Set(other.map(({ identity }) => String(identity)))]);
    const open = other.find(({ action }) => action === "conflict");
    return {
      verdict: open ? "blocker" : "warning",
      sentence: `The secrets with the authority of ${identities} are on the global with other content; proxies whose identities come from the two do not trust each other.`,
      evidence: other.flatMap((planned) =>
        describeDifferences(planned).map(
          (each) => `${planned.action === "conflict" ? "" : `${planned.action}: `}${planned.key}: ${each}`,
        ),
      ),
      remedy: open
        ? `Neither a choice for everything nor a wildcard of onConflict counts here. A rule decides that names the identity or the secret, for example {resources: "${open.identity}", choice: keepGlobal}: ` +
          `the proxies of the side whose identities are replaced get new identities, and its MeshTrust has to name the other authority as well. ` +
          `To keep both authorities, give the MeshIdentity of the zone another name.`
        : "The proxies of the side whose identities are replaced get new identities: see that each MeshTrust names the authority that is left.",
      error: "conflict",
    };
  },
};

export const meshTrusts: Check = {
  code: "mesh-trust",
  title: "Zones trust each other's identities",
  async run(facts) {
    const { kept } = await facts.exported();
    const own = kept.filter(({ type }) => type === "MeshTrust" || type === "MeshIdentity");
    if (own.length === 0)
      return { verdict: "ok", sentence: "The zone has neither MeshTrust nor MeshIdentity." };
    const meshes = new Set(own.map(({ mesh }) => mesh));
    // one that was written on the global has no zone, and goes to all of them
    const others = (await facts.onGlobal()).resources.filter(
      ({ type, mesh, labels: { [ZONE_LABEL]: zone } = {} }) =>
        type === "MeshTrust" && meshes.has(mesh) && zone !== undefined && zone !== facts.zoneName,
    );
    if (others.length === 0) {
      return {
        verdict: "ok",
        sentence: "No other zone has a MeshTrust in the meshes of this zone.",
        evidence: own.map(keyOf),
      };
    }
    return {
      verdict: "warning",
      sentence:
        "Another zone has a MeshTrust in a mesh of this zone. Copies of a zone's MeshTrust do not go to the other zones, so proxies of the two do not trust each other yet.",
      evidence: [...own, ...others].map(keyOf),
      remedy: "Write the MeshTrust of each zone on the global as well, under a name of its own (kuma#14165).",
    };
  },
};

import { ControlPlaneInfo } from "../../../api/answers";
import { isSupported, parseVersion } from "../../../api/versions";
import { Check } from "../../check";
import { Facts } from "../../facts";

const told = ({ product, version }: ControlPlaneInfo) => `${product} ${version}`;

async function bothInfos(facts: Facts): Promise<[zone: ControlPlaneInfo, global: ControlPlaneInfo]> {
  return [await facts.zoneInfo(), await facts.globalInfo()];
}

export const zoneApi: Check = {
  code: "zone-api",
  title: "The zone's API answers and is Kuma's",
  always: true,
  async run(facts) {
    const info = await facts.zoneInfo();
    return {
      verdict: "ok",
      sentence: `The zone runs ${told(info)}.`,
      evidence: [facts.federation.zone.address.url],
    };
  },
};

export const globalApi: Check = {
  code: "global-api",
  title: "The global's API answers and is Kuma's",
  always: true,
  async run(facts) {
    const info = await facts.globalInfo();
    return {
      verdict: "ok",
      sentence: `The global runs ${told(info)}.`,
      evidence: [facts.global.address.url],
    };
  },
};

export const products: Check = {
  code: "products",
  title: "Both sides are the same product",
  async run(facts) {
    const [zone, global] = await bothInfos(facts);
    if (zone.product === global.product) {
      return { verdict: "ok", sentence: `Both sides are ${zone.product}.` };
    }
    return {
      verdict: "blocker",
      sentence: `The zone runs ${zone.product} and the global control plane ${global.product}; both must be the same product.`,
      remedy: facts.isHosted
        ? `Konnect hosts ${global.product} alone: the zone has to become one of ${global.product} first, or to join a global of ${zone.product} that you host.`
        : `Federate the zone with a global of ${zone.product}.`,
    };
  },
};

export const supportedVersions: Check = {
  code: "version-supported",
  title: "Both sides are 2.x",
  async run(facts) {
    const infos = {
      zone: await facts.zoneInfo(),
      global: facts.globalIfMade && (await facts.globalInfo()),
    };
    const wrong = Object.entries(infos).flatMap(([side, info]) =>
      info && !isSupported(info.version) ? [`the ${side} control plane runs ${told(info)}`] : [],
    );
    if (wrong.length > 0) {
      return {
        verdict: "blocker",
        sentence: `Only 2.x can be federated by this program: ${wrong.join(", and ")}.`,
        remedy:
          "A 3.x global does not run on Kubernetes and has no mtls in its meshes, so what a 2.x zone hands over would be lost there. Use 2.x on both sides.",
        error: "unsupportedVersion",
      };
    }
    return infos.global
      ? { verdict: "ok", sentence: "Both sides are 2.x." }
      : {
          verdict: "pending",
          sentence: "The zone is 2.x; the stack is still to make the global control plane.",
        };
  },
};

/** Kuma v2.14.3, pkg/version/compatibility.go, and "upgrade the global first" of its upgrade guide. */
const MINORS_APART = 2;

export const versionSkew: Check = {
  code: "version-skew",
  title: `The versions are at most ${MINORS_APART} minors apart, and the global's is not the older one`,
  async run(facts) {
    const [zone, global] = await bothInfos(facts);
    const [z, g] = [parseVersion(zone.version), parseVersion(global.version)];
    const evidence = [`zone ${zone.version}`, `global ${global.version}`];
    if (!z || !g) {
      return {
        verdict: "warning",
        sentence: "A version is a preview or a build of its own, so the two cannot be compared.",
        evidence,
        remedy: "See to it that both are of about the same age; the global must not be older.",
      };
    }
    const wrong =
      z.major !== g.major
        ? "their majors differ"
        : Math.abs(g.minor - z.minor) > MINORS_APART
          ? `they are more than ${MINORS_APART} minors apart`
          : g.minor < z.minor
            ? "the global's is older"
            : undefined;
    if (wrong !== undefined) {
      return {
        verdict: "blocker",
        sentence: `The versions of zone and global do not go together: ${wrong}.`,
        evidence,
        remedy: "Upgrade the global first, then the zone, by at most two minors at a time.",
        error: "unsupportedVersion",
      };
    }
    return { verdict: "ok", sentence: `Zone ${zone.version} and global ${global.version} go together.` };
  },
};

export const modes: Check = {
  code: "modes",
  title: "One side is a zone, the other one a global",
  always: true,
  async run(facts) {
    const zone = await facts.zoneConfig();
    if (zone.mode !== "zone") {
      return {
        verdict: "blocker",
        sentence: `The control plane at the zone's address, ${facts.federation.zone.address.url}, is a global.`,
        remedy: "Give the address of a zone control plane.",
      };
    }
    // Konnect hosts globals only, and documents no way to ask one for its configuration
    if (facts.isHosted) return { verdict: "ok", sentence: "The one is a zone, and Konnect hosts the other." };
    const global = await facts.globalConfig();
    if (global.mode !== "global") {
      return {
        verdict: "blocker",
        sentence: `The control plane at the global's address, ${facts.global.address.url}, runs in mode zone.`,
        remedy: "Give the address of a global control plane.",
      };
    }
    return { verdict: "ok", sentence: "One is a zone and the other one a global." };
  },
};

export const distinctClusters: Check = {
  code: "distinct-clusters",
  title: "Zone and global are two control planes with a store of their own",
  async run(facts) {
    if (facts.isHosted) return { verdict: "ok", sentence: "The global is one of Konnect's." };
    const [zone, global] = await bothInfos(facts);
    const evidence = [`zone ${zone.clusterId ?? "tells none"}`, `global ${global.clusterId ?? "tells none"}`];
    if (zone.clusterId === undefined || global.clusterId === undefined) {
      return {
        verdict: "inconclusive",
        sentence: "A control plane does not tell its cluster id, so it is not certain that they are two.",
        evidence,
        remedy: "See to it that the two run in different clusters or on different databases.",
      };
    }
    if (zone.clusterId === global.clusterId) {
      return {
        verdict: "blocker",
        sentence:
          "Zone and global have the same cluster id: they are one control plane, or share a cluster or a store.",
        evidence,
        remedy: "A global and a zone need a cluster or database each.",
      };
    }
    return { verdict: "ok", sentence: "Zone and global have different cluster ids.", evidence };
  },
};

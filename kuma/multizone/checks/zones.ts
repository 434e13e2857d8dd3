import { parseVersion } from "../../api/versions";
import type { Finding } from "../../preflight/check";
import { MultiZoneCheck, unless } from "./check";

/** Kuma v2.14.3, pkg/version/compatibility.go. */
const MINORS_APART = 2;

export const zoneVersions: MultiZoneCheck = {
  code: "zone-versions",
  title: `No two control planes are more than ${MINORS_APART} minors apart, and none is newer than the global`,
  look({ zones, globalVersion }) {
    const told = [
      ...(globalVersion === undefined ? [] : [["the global", globalVersion] as const]),
      ...zones.flatMap(({ name, version }) =>
        version === undefined ? [] : [[`zone ${name}`, version] as const],
      ),
    ];
    const parsed = told.map(([who, version]) => ({ who, version, at: parseVersion(version) }));
    const unknown = parsed.filter(({ at }) => at === undefined);
    const known = parsed.flatMap(({ at, ...each }) => (at ? [{ ...each, at }] : []));
    const global = known.find(({ who }) => who === "the global");
    const oldest = known.reduce((a, b) => (rank(b.at) < rank(a.at) ? b : a), known[0]);
    const evidence = known.flatMap(({ who, version, at }) => {
      const above = global && rank(at) > rank(global.at);
      const apart = at.major !== oldest.at.major || at.minor - oldest.at.minor > MINORS_APART;
      return [
        ...(above ? [`${who} runs ${version}, newer than the global's ${global.version}`] : []),
        ...(apart ? [`${who} runs ${version}, and ${oldest.who} ${oldest.version}`] : []),
      ];
    });
    if (evidence.length === 0 && unknown.length > 0)
      return {
        verdict: "warning",
        sentence: "A version is a preview or a build of its own, so that it cannot be compared.",
        evidence: unknown.map(({ who, version }) => `${who} runs ${version}`),
        remedy: "See to it that all are of about the same age, and none is newer than the global.",
      };
    return unless(
      evidence,
      "The versions of the global and its zones go together.",
      `Control planes do not go together: a zone is newer than the global, or two are more than ${MINORS_APART} minors apart.`,
      "Upgrade the global first, then the zones, by at most two minors at a time.",
    );
  },
};

function rank({ major, minor }: { major: number; minor: number }): number {
  return major * 1_000 + minor;
}

export const zoneConnections: MultiZoneCheck = {
  code: "zone-connections",
  title: "One control plane is connected as each zone",
  look({ zones }): Finding {
    const doubled = zones.filter(({ instances }) => instances.length > 1);
    if (doubled.length === 0)
      return { verdict: "ok", sentence: "One control plane is connected as each zone." };
    return {
      verdict: "blocker",
      sentence:
        "Several control planes are connected as one zone: each of them deletes on the global what the other one has.",
      evidence: doubled.map(
        ({ name, instances }) => `zone ${name}: instances ${[...instances].sort().join(", ")}`,
      ),
      remedy:
        "Find the one that has the wrong name (KUMA_MULTIZONE_ZONE_NAME) by these instances, and stop it. Instances of one control plane that share a store connect one at a time: their leader.",
    };
  },
};

const DAY_MS = 86_400_000;
/** As for the certificate of the KDS server. */
const DAYS_LEFT = 14;

export const validity: MultiZoneCheck = {
  code: "certificates-and-tokens",
  title: `No certificate or token has ended, or ends within ${DAYS_LEFT} days`,
  look({ ends, now }): Finding {
    const left = (end: string) => (Date.parse(end) - Date.parse(now)) / DAY_MS;
    const ended = ends.filter((each) => left(each.ends) <= 0);
    const soon = ends.filter((each) => !each.renewed && left(each.ends) > 0 && left(each.ends) < DAYS_LEFT);
    const told = [...ended, ...soon].map(
      ({ what, ends: end }) => `${what}: ${left(end) <= 0 ? "ended" : "ends"} ${end}`,
    );
    if (told.length === 0)
      return {
        verdict: "ok",
        sentence: `No certificate or token that is seen from here ends within ${DAYS_LEFT} days.`,
      };
    return {
      verdict: ended.length > 0 ? "blocker" : "warning",
      sentence:
        ended.length > 0
          ? "A certificate or token has ended: what needs it is refused."
          : `A certificate or token ends within ${DAYS_LEFT} days.`,
      evidence: told,
      remedy:
        "Renew it: an authority by a new backend of the mesh beside the old one, a token by a new one of the same control plane, the KDS server's where it is issued. What the program has made itself, the next up makes anew.",
    };
  },
};

import { connectedOf } from "../digest";
import type { StatusReport } from "../report";

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

interface Family {
  name: string;
  help: string;
  unit?: "seconds";
  samples: readonly Sample[];
}

const PREFIX = "kuma_federation";

/**
 * For Prometheus, by the text format of OpenMetrics 1.0. All are gauges: a counter of a connection begins anew with the next
 * one, and what was counted by another process is not this one's to call a counter.
 */
export function openMetrics(report: StatusReport): string {
  const lines = familiesOf(report)
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, help, unit, samples }) => {
      const full = `${PREFIX}_${name}`;
      return [
        `# TYPE ${full} gauge`,
        ...(unit === undefined ? [] : [`# UNIT ${full} ${unit}`]),
        `# HELP ${full} ${help}`,
        ...samples.map(([labels, value]) => `${full}${labelled(labels)} ${value}`),
      ];
    });
  return [...lines, "# EOF"].join("\n");
}

function labelled(labels: Labels): string {
  const each = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return each.length === 0 ? "" : `{${each.join(",")}}`;
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (found) => (found === "\n" ? "\\n" : `\\${found}`));
}

const flag = (value: boolean) => (value ? 1 : 0);
const secondsOf = (moment: string) => Date.parse(moment) / 1000;

/** What is not known has no sample: a value that stands for nothing would be taken for one. */
function familiesOf(report: StatusReport): Family[] {
  const { stack, outcome, zones, links, meshes, services, ends, checks, problems, warnings, resources } =
    report;
  const of = <T>(items: readonly T[], labels: (item: T) => Labels, value: (item: T) => number | null) =>
    items.flatMap((item): Sample[] => {
      const found = value(item);
      return found === null || Number.isNaN(found) ? [] : [[{ stack, ...labels(item) }, found]];
    });
  const zone = ({ name }: { name: string }) => ({ zone: name });
  const perZone = (value: (each: (typeof zones)[number]) => number | null) => of(zones, zone, value);
  const types = zones.flatMap(({ name, sync }) =>
    (sync?.types ?? []).map((each) => ({ zone: name, ...each })),
  );
  const perType = (value: (each: (typeof types)[number]) => number | null) =>
    of(types, ({ zone: name, type }) => ({ zone: name, type }), value);
  const inZones = services.flatMap(({ mesh, service, zones: all }) =>
    all.map((each) => ({ mesh, service, ...each })),
  );
  const sides = zones.flatMap(({ name, globalToZone, zoneToGlobal }) => [
    { zone: name, direction: "global_to_zone", equal: globalToZone },
    { zone: name, direction: "zone_to_global", equal: zoneToGlobal },
  ]);
  const zoneProxies = zones.flatMap(({ name, ingress, egress }) =>
    Object.entries({ ingress, egress }).map(([kind, all]) => ({
      labels: { zone: name, kind },
      registered: all.length,
      connected: connectedOf(all),
    })),
  );
  return [
    family(
      "looked_timestamp_seconds",
      "When it was looked.",
      [[{ stack }, secondsOf(report.time)]],
      "seconds",
    ),
    family(
      "outcome",
      "1 for what came of the look, 0 for the others.",
      of(
        ["healthy", "unhealthy", "inconclusive"],
        (name) => ({ outcome: name }),
        (name) => flag(name === outcome),
      ),
    ),
    family("problems", "Problems that were found.", [[{ stack }, problems.length]]),
    family("warnings", "Warnings.", [
      [{ stack }, warnings.length + checks.filter(({ verdict }) => verdict === "warning").length],
    ]),
    family(
      "check_ok",
      "1 where a check of the mesh over its zones has found nothing, by its code.",
      of(
        checks,
        ({ code }) => ({ code }),
        ({ verdict }) => flag(verdict === "ok"),
      ),
    ),
    family(
      "zone_online",
      "1 where the zone is connected with the global.",
      perZone(({ online }) => flag(online)),
    ),
    family(
      "zone_enabled",
      "0 where the zone is disabled on the global.",
      perZone(({ disabled }) => flag(!disabled)),
    ),
    family(
      "zone_since_timestamp_seconds",
      "When the zone connected, or where it is offline, when its connection ended.",
      perZone(({ since }) => (since === null ? null : secondsOf(since))),
      "seconds",
    ),
    family(
      "zone_version",
      "1, with the version of the zone's control plane.",
      of(
        zones.filter(({ version }) => version !== undefined),
        ({ name, version, skew }) => ({ zone: name, version: version ?? "", skew }),
        () => 1,
      ),
    ),
    family(
      "zone_synced_timestamp_seconds",
      "When the global last heard of what it had sent.",
      perZone(({ sync }) => (sync?.at ? secondsOf(sync.at) : null)),
      "seconds",
    ),
    family(
      "zone_equal",
      "1 where one side has all that the other one gives.",
      of(
        sides,
        ({ zone: name, direction }) => ({ zone: name, direction }),
        ({ equal }) => (equal === null ? null : flag(equal)),
      ),
    ),
    family(
      "zone_responses_sent",
      "Responses of the global since the zone connected, by type of resource.",
      perType(({ sent }) => sent),
    ),
    family(
      "zone_responses_refused",
      "Of them those that the zone did not accept, without those of which it keeps its own.",
      perType(({ refused }) => refused),
    ),
    ...(["registered", "connected"] as const).flatMap((which) => [
      family(
        `zone_dataplanes_${which}`,
        `Data plane proxies that are ${which} with the zone's control plane.`,
        perZone(({ proxies }) => proxies && proxies[which]),
      ),
      family(
        `zone_proxies_${which}`,
        `Zone ingresses and zone egresses that are ${which}.`,
        of(
          zoneProxies,
          ({ labels }) => labels,
          (each) => each[which],
        ),
      ),
    ]),
    family(
      "link_open",
      "1 where clients of a zone can call services of another one.",
      of(
        links,
        ({ from, to, mesh }) => ({ from, to, mesh }),
        ({ state }) => flag(state === "open"),
      ),
    ),
    family(
      "mesh_mtls",
      "1 where the proxies of the mesh have certificates.",
      of(
        meshes,
        ({ name }) => ({ mesh: name }),
        ({ mtls }) => flag(mtls),
      ),
    ),
    family(
      "service_dataplanes_connected",
      "Connected data plane proxies of a service in a zone.",
      of(
        inZones,
        ({ mesh, service, zone: name }) => ({ mesh, service, zone: name }),
        ({ connected }) => connected,
      ),
    ),
    family(
      "valid_until_timestamp_seconds",
      "When a certificate or token ends.",
      of(
        ends,
        ({ what, zone: name }) => ({ what, zone: name ?? "" }),
        ({ ends: end }) => secondsOf(end),
      ),
      "seconds",
    ),
    ...(["expected", "present", "different"] as const).map((which) =>
      family(
        `resources_${which}`,
        {
          expected: "Resources that the global should hold.",
          present: "Of them those that it holds.",
          different: "Of them those with other content.",
        }[which],
        of(
          resources,
          ({ type, mesh }) => ({ type, mesh: mesh ?? "" }),
          (each) => each[which],
        ),
      ),
    ),
  ];
}

function family(name: string, help: string, samples: readonly Sample[], unit?: Family["unit"]): Family {
  return { name, help, samples, unit };
}

import type { LinkInStatus, StatusReport, ZoneInStatus } from "../../../cli/status/report";

export const NOW = "2026-11-27T12:00:00.000Z";

export const zone = (name: string, more: Partial<ZoneInStatus> = {}): ZoneInStatus => ({
  ...{ name, online: true, since: "2026-11-24T09:00:00Z", version: "2.14.3", skew: "same" },
  ...{ globalToZone: true, zoneToGlobal: true, proxies: { registered: 5, connected: 5 } },
  sync: {
    ...{ at: "2026-11-27T11:58:00Z", sent: 12, refused: 0 },
    types: [
      { type: "Mesh", sent: 4, acknowledged: 4, refused: 0, kept: 0 },
      { type: "MeshTimeout", sent: 7, acknowledged: 7, refused: 0, kept: 0 },
      { type: "Secret", sent: 1, acknowledged: 0, refused: 0, kept: 1 },
    ],
  },
  ingress: [{ name: `ingress-${name}`, address: `${name}.example.com:10001`, connected: true }],
  egress: [],
  ...more,
});

/** Every way between these zones, open but for those that are told. */
export const linksBetween = (
  names: readonly string[],
  shut: readonly (readonly [from: string, to: string, state: "stale" | "closed", why: string])[] = [],
): LinkInStatus[] =>
  names.flatMap((from) =>
    names
      .filter((to) => to !== from)
      .map((to): LinkInStatus => {
        const found = shut.find((each) => each[0] === from && each[1] === to);
        return { from, to, mesh: "default", state: found?.[2] ?? "open", why: found ? [found[3]] : [] };
      }),
  );

export const healthy = (more: Partial<StatusReport> = {}): StatusReport => ({
  ...{ version: 1, stack: "prod-eu", time: NOW, ok: true, outcome: "healthy" },
  global: { address: "https://global.example.com:5682", version: "2.14.3", product: "Kuma" },
  ...{ problems: [], warnings: [], checks: [], alone: [], ledger: [], markers: [], history: [] },
  zones: [
    zone("frankfurt", { egress: [{ name: "egress-1", address: "10.0.0.7:10002", connected: true }] }),
    zone("dublin"),
    zone("paris"),
  ],
  links: linksBetween(["frankfurt", "dublin", "paris"]),
  meshes: [
    {
      ...{ name: "default", mtls: true, egress: false, zones: ["dublin", "frankfurt", "paris"] },
      ...{ proxies: { registered: 15, connected: 15 }, services: 2 },
    },
  ],
  services: [
    {
      ...{ mesh: "default", service: "checkout_shop_svc_8080" },
      zones: ["dublin", "frankfurt"].map((name) => ({ zone: name, registered: 3, connected: 3 })),
    },
    {
      ...{ mesh: "default", service: "search_shop_svc_9200" },
      zones: [{ zone: "paris", registered: 5, connected: 5 }],
    },
  ],
  ends: [
    ending(
      "first certificate of a connected data plane proxy in zone paris",
      "2026-11-28T10:00:00.000Z",
      "paris",
    ),
    ending("certificate of the KDS server at grpcs://global.example.com:5685", "2027-08-01T00:00:00.000Z"),
    ending("certificate in Secret default/default.ca-builtin-cert-ca-1", "2036-11-24T09:00:00.000Z"),
  ],
  resources: [
    { type: "Mesh", expected: 1, present: 1, different: 0 },
    { type: "MeshTimeout", mesh: "default", expected: 12, present: 12, different: 0 },
  ],
  ...more,
});

function ending(what: string, ends: string, of: string | null = null): StatusReport["ends"][number] {
  return { what, zone: of, ends, renewed: of !== null };
}

/** One zone offline, one that refuses, a check that has found something, a certificate that has ended. */
export const broken = (more: Partial<StatusReport> = {}): StatusReport => ({
  ...healthy(),
  ...{ ok: false, outcome: "unhealthy" },
  problems: [
    "Zone dublin is offline.",
    "Zone paris refuses what the global sends of MeshTimeout.",
    "Zone dublin could not be compared with the global. The control plane of zone dublin (https://dublin.example.com:5682) did not answer within 10 s.",
  ],
  warnings: [
    "Zone lisbon is disabled on the global (enabled: false of its Zone): other zones learn of none of its services.",
  ],
  checks: [
    {
      ...{ code: "zone-ingress", title: "Each zone with services has a zone ingress", verdict: "warning" },
      sentence:
        "A zone has services that no other zone can call, as it has no zone ingress that can be reached.",
      evidence: ["zone paris: ingress-paris is not connected with its control plane"],
      remedy: "Start its zone ingress, or see why it is not connected: kumactl inspect zone-ingresses.",
      doc: "docs/multi-zone.md#zone-ingress",
    },
    { code: "mesh-mtls", title: "mTLS", verdict: "ok", sentence: "Fine.", evidence: [] },
  ],
  zones: [
    zone("frankfurt", { egress: [{ name: "egress-1", address: "10.0.0.7:10002", connected: true }] }),
    zone("dublin", {
      ...{ online: false, since: "2026-11-27T11:12:00Z", version: "2.13.1", skew: "older" },
      ...{ globalToZone: null, zoneToGlobal: null, proxies: null },
    }),
    zone("paris", {
      ...{ globalToZone: false, proxies: { registered: 5, connected: 3 } },
      sync: {
        ...{ at: "2026-11-27T11:58:00Z", sent: 14, refused: 2 },
        types: [
          { type: "Mesh", sent: 4, acknowledged: 4, refused: 0, kept: 0 },
          { type: "MeshTimeout", sent: 10, acknowledged: 8, refused: 2, kept: 0 },
        ],
      },
      ingress: [{ name: "ingress-paris", address: "paris.example.com:10001", connected: false }],
    }),
    zone("lisbon", { disabled: true, ingress: [], proxies: { registered: 0, connected: 0 } }),
  ],
  links: linksBetween(
    ["frankfurt", "dublin", "paris"],
    [
      ["frankfurt", "dublin", "stale", "zone dublin is offline"],
      ["dublin", "frankfurt", "stale", "zone dublin is offline"],
      ["frankfurt", "paris", "closed", "no zone ingress of paris is connected"],
      ["dublin", "paris", "closed", "no zone ingress of paris is connected"],
      ["paris", "dublin", "stale", "zone dublin is offline"],
    ],
  ),
  ends: [
    ending("certificate of the KDS server at grpcs://global.example.com:5685", "2026-11-20T00:00:00.000Z"),
    ending("token for the control plane of zone paris", "2026-12-03T00:00:00.000Z"),
    ...healthy().ends.slice(2),
  ],
  history: Array.from({ length: 40 }, (_, at) => ({
    time: new Date(Date.parse(NOW) - (40 - at) * 600_000).toISOString(),
    outcome: at < 30 ? ("healthy" as const) : at < 33 ? ("inconclusive" as const) : ("unhealthy" as const),
    ...{ problems: at < 30 ? 0 : at - 29, warnings: 1 },
    zones: {
      ...{ frankfurt: "online" as const, paris: "online" as const },
      ...(at > 5 && { lisbon: "disabled" as const }),
      dublin: at < 33 ? ("online" as const) : ("offline" as const),
    },
  })),
  ...more,
});

/** Ten zones, of which three do not answer. */
export const tenZones = (): StatusReport => {
  const names = Array.from({ length: 10 }, (_, at) => `zone-${at + 1}`);
  const silent = ["zone-2", "zone-5", "zone-9"];
  return {
    ...healthy(),
    ...{ ok: false, outcome: "inconclusive" },
    problems: silent.map(
      (name) =>
        `Zone ${name} could not be compared with the global. The control plane of zone ${name} did not answer within 10 s.`,
    ),
    zones: names.map((name) =>
      zone(name, silent.includes(name) ? { globalToZone: null, zoneToGlobal: null, proxies: null } : {}),
    ),
    links: linksBetween(names, [
      ["zone-1", "zone-10", "closed", "zone zone-10 has no zone ingress"],
      ["zone-3", "zone-10", "closed", "zone zone-10 has no zone ingress"],
    ]),
    services: Array.from({ length: 30 }, (_, at) => ({
      ...{ mesh: "default", service: `service-${at + 1}_team_svc_80` },
      zones: names
        .filter((_each, index) => index % 4 === at % 4)
        .map((name) => ({ zone: name, registered: 2, connected: at % 7 === 0 ? 1 : 2 })),
    })),
    meshes: [
      { ...healthy().meshes[0], zones: names, services: 30, proxies: { registered: 50, connected: 50 } },
    ],
  };
};

/** What would do something if it were taken for markup. */
export const HOSTILE = `<script>document.title="x"</script><img src=x onerror="document.title='x'">"'\`&amp;--></style>\u202e`;

import { enumerated, parseKey } from "../../kuma";
import type { FoundZone } from "../../resources/options/previewReports";
import type { SeenChange } from "./changes";
import { policyCounts } from "./policyCounts";
import type { BlastRadius, PolicyInPreview, ZoneInPreview } from "./report";
import { plural } from "../../kuma/plural";

interface Meaning {
  zone?: ZoneInPreview["change"];
  /** Why the control plane restarts. */
  restarts?: string;
}

/** Operations by what they do to something that is there. */
const CHANGING = ["update", "replace"];
const ADOPTING = ["create", "import", ...CHANGING];

/** What a change of a zone's resource means for the zone. */
function meaningForZone({ type, op, changed, isForced }: SeenChange): Meaning {
  if (isForced) return op === "delete" ? { zone: "leaves" } : {};
  const [, kind = ""] = /:(\w+)$/.exec(type) ?? [];
  switch (kind) {
    case "UniversalZoneFederation":
      if (op === "create") return { zone: "joins", restarts: "it joins the global" };
      return CHANGING.includes(op) ? { zone: "changes", restarts: "it is switched to its global again" } : {};
    case "KubernetesZoneFederation":
      if (op === "create") return { zone: "joins" };
      return CHANGING.includes(op) ? { zone: "changes" } : {};
    case "HostMember":
      return op === "create" ? { zone: "joins" } : {};
    case "KubernetesUpgrade":
      return ADOPTING.includes(op) ? { restarts: "its Helm release is upgraded" } : {};
    case "UniversalWayBack":
    case "KubernetesWayBack":
      return op === "delete" ? { zone: "leaves", restarts: "it leaves the global and runs alone" } : {};
    case "KonnectZone":
      return CHANGING.includes(op) ? { zone: "changes", restarts: "it gets a new token of Konnect's" } : {};
    case "ZoneOnGlobal":
      return ADOPTING.includes(op) ? { zone: "changes" } : {};
    case "StandaloneZone":
      return CHANGING.includes(op)
        ? { zone: "changes", restarts: `its settings change (${enumerated(changed)})` }
        : {};
    default:
      return {};
  }
}

/** By the zone, what all changes mean for it: what it becomes counts before what changes of it. */
export function meaningsOf(changes: readonly SeenChange[]): Map<string, Meaning> {
  const zones = new Map<string, Meaning>();
  for (const change of changes) {
    const meaning = meaningForZone(change);
    if (change.zoneName === undefined || Object.keys(meaning).length === 0) continue;
    const known = zones.get(change.zoneName) ?? {};
    const isMore = known.zone === undefined || known.zone === "changes";
    zones.set(change.zoneName, {
      zone: isMore ? (meaning.zone ?? known.zone) : known.zone,
      restarts: known.restarts ?? meaning.restarts,
    });
  }
  return zones;
}

const GLOBALS = /:(UniversalGlobal|KubernetesGlobal|KonnectControlPlane|Release)$/;

function ofGlobal(changes: readonly SeenChange[], ...ops: string[]): SeenChange[] {
  return changes.filter(
    ({ component, type, op }) => component === "GlobalControlPlane" && GLOBALS.test(type) && ops.includes(op),
  );
}

interface Seen {
  changes: readonly SeenChange[];
  found: readonly FoundZone[];
  policies: readonly PolicyInPreview[];
  /** Proxies that are connected with zones that were members before. */
  connected: ReadonlyMap<string, number>;
}

export function blastRadius({ changes, found, policies, connected }: Seen): BlastRadius {
  const zones = [...meaningsOf(changes)].flatMap(([zone, { restarts }]) =>
    restarts === undefined ? [] : [{ zone, why: restarts }],
  );
  const isForced = (zone: string) => changes.some((each) => each.zoneName === zone && each.isForced);
  const restarting = ofGlobal(changes, ...CHANGING).length > 0;
  const proxiesOf = (zone: string) =>
    connected.get(zone) ?? found.find((each) => each.zone === zone)?.proxies?.connected ?? null;
  return {
    restarts: [
      ...(restarting ? [{ controlPlane: "global", why: "its settings or its release change" }] : []),
      ...zones.map(({ zone, why }) => ({ controlPlane: `zone ${zone}`, why })),
    ],
    reconnects: zones.map(({ zone }) => ({ zone, connected: proxiesOf(zone) })),
    meshes: perMesh(policies),
    cannotBeUndone: [
      ...lostGlobal(changes),
      ...found.flatMap(overwritten),
      ...[...meaningsOf(changes)].flatMap(([zone, meaning]) =>
        meaning.zone === "leaves" ? [isForced(zone) ? onlyThere(zone) : tokensEnd(zone)] : [],
      ),
    ],
  };
}

function perMesh(policies: readonly PolicyInPreview[]): BlastRadius["meshes"] {
  const meshes = new Map<string | null, BlastRadius["meshes"][number]>();
  for (const { key, change, reached } of policies) {
    const { type, mesh: inMesh, name } = parseKey(key);
    const mesh = (type === "Mesh" ? name : inMesh) ?? null;
    const known = meshes.get(mesh) ?? {
      ...{ mesh, appears: 0, changes: 0, goes: 0 },
      ...{ proxies: null, services: null },
    };
    known[change]++;
    if (reached && reached.proxies >= (known.proxies ?? 0)) {
      known.proxies = reached.proxies;
      known.services = Math.max(reached.services, known.services ?? 0);
    }
    meshes.set(mesh, known);
  }
  return [...meshes.values()];
}

function lostGlobal(changes: readonly SeenChange[]): string[] {
  const lost = ofGlobal(changes, "delete", "replace").map(({ name }) => name);
  return lost.length === 0
    ? []
    : [`The global control plane goes (${enumerated(lost)}), with everything that only it holds.`];
}

function overwritten({ zone, plan }: FoundZone): string[] {
  const keys = (plan?.resources ?? []).filter(({ action }) => action === "overwrite").map(({ key }) => key);
  return keys.length === 0
    ? []
    : [
        `What the global has now of ${enumerated(keys, 5)} is overwritten by zone ${zone}; nobody keeps it, so it does not come back.`,
      ];
}

function onlyThere(zone: string): string {
  return `What zone ${zone} owned goes from the global and from other zones, and nobody keeps it; its way back goes as well.`;
}

function tokensEnd(zone: string): string {
  return `Tokens that the global issued are not valid in zone ${zone} once it runs alone, except those signed with a key that it had before.`;
}

/** In one or two lines, for the text of a preview. */
export function describeBlastRadius({ restarts, reconnects, meshes, cannotBeUndone }: BlastRadius): string[] {
  const counted = (zone: string) => {
    const connected = reconnects.find((each) => `zone ${each.zone}` === zone)?.connected;
    if (connected === undefined) return "";
    if (connected === null) return ", and its proxies reconnect (how many could not be read)";
    return connected === 0 ? ", no proxy is connected" : `, and ${plural(connected, "proxy")} reconnect`;
  };
  const restarting = restarts.map(
    ({ controlPlane, why }) =>
      `the control plane of ${place(controlPlane)} restarts (${why})${counted(controlPlane)}`,
  );
  const seen = meshes.map(({ mesh, proxies, services, ...counts }) => {
    const whom =
      proxies === null
        ? "whom that reaches could not be read"
        : `up to ${plural(proxies, "proxy")} of ${plural(services ?? 0, "service")} see it`;
    return `${mesh === null ? "of no mesh" : `in mesh ${mesh}`} ${policyCounts(counts).join(", ")}, ${whom}`;
  });
  return [
    ...(restarting.length > 0 ? [`blast radius: ${enumerated(restarting, 10)}`] : []),
    ...(seen.length > 0 ? [`blast radius: policies: ${enumerated(seen, 10)}`] : []),
    ...cannotBeUndone.map((sentence) => `cannot be undone: ${sentence}`),
  ];
}

function place(controlPlane: string): string {
  return controlPlane === "global" ? "the global" : controlPlane;
}

import type { StatusReport } from "./report";
import { formatTable } from "../terminal/table";

export function formatStatus(report: StatusReport): string {
  const parts = [
    formatGlobal(report),
    formatZones(report),
    formatAlone(report),
    formatProxies(report),
    formatResources(report),
    formatLedger(report),
    formatMarkers(report),
    report.warnings.map((warning) => `Warning: ${warning}`).join("\n"),
    report.ok ? healthy(report) : report.problems.map((problem) => `Problem: ${problem}`).join("\n"),
  ];
  return parts.filter(Boolean).join("\n\n");
}

function formatGlobal({ global }: StatusReport): string {
  if (global === null) return "";
  const { address, product, version } = global;
  return `Global: ${product === null ? "unknown" : `${product} ${version}`} at ${address}`;
}

export function formatAlone({ alone }: StatusReport): string {
  return alone
    .map(
      ({ name, version }) =>
        `Zone ${name} runs alone${version === null ? ", and does not answer" : `: ${version}`}`,
    )
    .join("\n");
}

const OCCASIONS = { joined: "joined its global", handedOver: "handed its policies over" };

/** What was compared, when, and what came of it. */
export function formatLedger({ ledger }: StatusReport): string {
  return ledger
    .map(({ zone, occasion, recorded, comparedBy, explained, unexplained }) => {
      const rules = Object.entries(explained ?? {}).map(([code, count]) => `${code} ${count}`);
      const result =
        unexplained.length > 0
          ? `${unexplained.length} unexplained, see the problem below`
          : `each difference explained${rules.length > 0 ? ` (${rules.join(", ")})` : ""}`;
      return `Ledger of ${zone}, ${OCCASIONS[occasion]}: ${recorded} resources compared by ${comparedBy.slice(0, 19).replace("T", " ")} UTC: ${result}`;
    })
    .join("\n");
}

export function formatMarkers({ markers }: StatusReport): string {
  return markers.map(({ told }) => `Marker: ${told}`).join("\n");
}

function healthy({ zones, resources }: StatusReport): string {
  if (zones.length === 0) return "No zone is federated, and by the stack file none is to be.";
  const different = resources.reduce((sum, row) => sum + row.different, 0);
  return different === 0
    ? "Healthy."
    : `Healthy. ${different} resource(s) on the global have other content than when they were carried: the global owns them by now.`;
}

export function formatZones({ zones }: StatusReport): string {
  const yesNo = (value: boolean | null) => (value === null ? "not checked" : value ? "equal" : "NOT EQUAL");
  const rows = zones.map(({ name, online, disabled, version, globalToZone, zoneToGlobal }) => [
    name,
    `${online ? "online" : "OFFLINE"}${disabled ? ", disabled" : ""}`,
    version ?? "unknown",
    yesNo(globalToZone),
    yesNo(zoneToGlobal),
  ]);
  return rows.length === 0
    ? ""
    : formatTable(["ZONE", "STATE", "VERSION", "GLOBAL TO ZONE", "ZONE TO GLOBAL"], rows);
}

/** A proxy may be registered and not connected: then it gets no changes. */
export function formatProxies({ zones }: StatusReport): string {
  return zones
    .filter(({ proxies }) => proxies && proxies.registered > 0)
    .map(
      ({ name, proxies }) =>
        `Data plane proxies of ${name}: ${proxies?.connected} of ${proxies?.registered} connected`,
    )
    .join("\n");
}

export function formatResources({ resources }: StatusReport): string {
  const rows = resources.map(({ type, mesh, expected, present, different }) => [
    type,
    mesh ?? "-",
    String(expected),
    String(present),
    String(different),
  ]);
  return rows.length === 0
    ? ""
    : formatTable(["RESOURCE", "MESH", "EXPECTED", "ON GLOBAL", "DIFFERENT"], rows);
}

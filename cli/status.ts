import { Stack } from "@pulumi/pulumi/automation";
import type { FederationState } from "../components/federationBridge";
import { ControlPlane, KumaError, ResourceCount, ZoneReport, openKdsPortOf } from "../kuma";
import { HttpOptions } from "../kuma/http";
import { openControlPlane } from "../platforms/openControlPlane";
import { Arguments } from "./arguments";
import { UsageError } from "./errors";
import { print } from "./print";
import { readConfigOf } from "./stackFile";
import { formatTable } from "./table";
import { hasWorkspace, openWithEngine } from "./workspace";
import { ZoneStatus, withMarkers, zoneStatus } from "./zoneStatus";

/** What `status --output json` prints. */
export interface StatusReport {
  /** No problem was found, and every check could run. */
  ok: boolean;
  global: { address: string; version: string | null; product: string | null };
  zones: (ZoneReport & Pick<ZoneStatus, "proxies">)[];
  resources: ResourceCount[];
  /** One sentence each; what could not be checked is among them. */
  problems: string[];
  /** What is to be known and is no problem, one sentence each. */
  warnings: string[];
}

export interface Collected extends StatusReport {
  /** There is a problem, and not only something that could not be checked. */
  unhealthy: boolean;
}

const EXIT_HEALTHY = 0;
const EXIT_UNHEALTHY = 1;
const EXIT_INCONCLUSIVE = 3;

/** Who asks for the status wants an answer soon, also when a control plane is away. */
const QUICK: HttpOptions = { attempts: 3, requestTimeoutMs: 10_000 };

export async function status(root: string, args: Arguments): Promise<number> {
  readConfigOf(root, args.stack);
  if (process.env.PULUMI_BACKEND_URL === undefined && !hasWorkspace(root, args.stack))
    throw notUp(args.stack);
  const collected = await collectStatus(await openWithEngine(root, args.stack), QUICK, args.marker);
  const { ok, global, zones, resources, problems, warnings } = collected;
  const report: StatusReport = { ok, global, zones, resources, problems, warnings };
  print(args.output === "json" ? JSON.stringify(report, undefined, 2) : formatStatus(report));
  return exitStatus(collected);
}

function notUp(stack: string): UsageError {
  return new UsageError(
    `Stack ${stack} is not up: no run has ended well yet. Run npm run up -- --stack ${stack} first.`,
  );
}

export function exitStatus({ ok, unhealthy }: Collected): number {
  return ok ? EXIT_HEALTHY : unhealthy ? EXIT_UNHEALTHY : EXIT_INCONCLUSIVE;
}

/**
 * Reads both sides of every federated zone. What a zone should hold comes from the stack's state. With `marker` it also
 * writes a policy on both sides for a moment, and only then.
 */
export async function collectStatus(
  stack: Stack,
  patience: HttpOptions = {},
  marker = false,
): Promise<Collected> {
  const outputs = await stack.outputs();
  const federations = outputs.federations?.value as FederationState[] | undefined;
  const { address, ca } = (outputs.global?.value ?? {}) as { address?: string; ca?: string };
  if (!federations || address === undefined) {
    throw notUp(stack.name);
  }
  const report: Collected = {
    ok: true,
    unhealthy: false,
    global: { address, version: null, product: null },
    zones: [],
    resources: [],
    problems: [],
    warnings: [],
  };
  let global: ControlPlane | undefined;
  try {
    const [first] = federations;
    // the token of Konnect's that is set now; what a run of before remembers may have ended since
    const konnectToken = outputs.konnectToken?.value as string | undefined;
    const tokens = konnectToken === undefined ? first?.globalTokens : [konnectToken];
    const access = { url: address, tokens, kubeconfig: first?.globalKubeconfig, ca };
    const opened = await openControlPlane(access, "the global control plane", patience);
    global = opened;
    const { version, product } = await opened.info();
    report.global = { address, version, product };
    const openPort = await openKdsPortOf(opened, outputs.kdsAddress?.value as string | undefined);
    if (openPort !== undefined) report.warnings.push(openPort);
    for (const federation of federations) {
      const { zoneName, zoneUrl, zoneTokens: tokens, zoneKubeconfig: kubeconfig } = federation;
      const title = `the control plane of zone ${zoneName}`;
      const zone = await openControlPlane({ url: zoneUrl, tokens, kubeconfig }, title, patience);
      const found = await zoneStatus(opened, zone, federation)
        .then((status) => (marker ? withMarkers(status, opened, zone, federation) : status))
        .finally(() => zone.close());
      report.zones.push({ ...found.zone, proxies: found.proxies });
      report.resources = added(report.resources, found.resources);
      report.problems.push(...found.problems, ...found.inconclusive);
      report.warnings.push(...found.warnings);
      report.unhealthy ||= found.problems.length > 0;
    }
  } catch (error) {
    if (!(error instanceof KumaError)) throw error;
    report.problems.push(error.message);
    report.unhealthy = true;
  } finally {
    global?.close();
  }
  report.ok = report.problems.length === 0;
  return report;
}

/** One row for each type and mesh, over all zones. */
function added(rows: readonly ResourceCount[], more: readonly ResourceCount[]): ResourceCount[] {
  const sums = new Map(rows.map((row) => [`${row.type} ${row.mesh ?? ""}`, { ...row }]));
  for (const row of more) {
    const sum = sums.get(`${row.type} ${row.mesh ?? ""}`);
    if (!sum) sums.set(`${row.type} ${row.mesh ?? ""}`, { ...row });
    else for (const count of ["expected", "present", "different"] as const) sum[count] += row[count];
  }
  return [...sums.values()].sort((a, b) =>
    `${a.type} ${a.mesh ?? ""}`.localeCompare(`${b.type} ${b.mesh ?? ""}`),
  );
}

export function formatStatus(report: StatusReport): string {
  const { address, product, version } = report.global;
  const parts = [
    `Global: ${product === null ? "unknown" : `${product} ${version}`} at ${address}`,
    formatZones(report),
    formatProxies(report),
    formatResources(report),
    report.warnings.map((warning) => `Warning: ${warning}`).join("\n"),
    report.ok ? healthy(report) : report.problems.map((problem) => `Problem: ${problem}`).join("\n"),
  ];
  return parts.filter(Boolean).join("\n\n");
}

function healthy({ zones, resources }: StatusReport): string {
  if (zones.length === 0) return "No zone is federated, so there is nothing to compare.";
  const different = resources.reduce((sum, row) => sum + row.different, 0);
  return different === 0
    ? "Healthy."
    : `Healthy. ${different} resource(s) on the global have other content than when they were carried: the global owns them by now.`;
}

export function formatZones({ zones }: StatusReport): string {
  const yesNo = (value: boolean | null) => (value === null ? "not checked" : value ? "equal" : "NOT EQUAL");
  const rows = zones.map(({ name, online, version, globalToZone, zoneToGlobal }) => [
    name,
    online ? "online" : "OFFLINE",
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

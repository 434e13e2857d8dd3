import type { Ending, LinkInStatus, StatusReport, ZoneInStatus } from "./report";
import { plural } from "../../kuma/plural";

/** One thing that somebody has to look at, however it is shown. */
export interface Remark {
  level: "problem" | "warning";
  sentence: string;
  code?: string;
  evidence: string[];
  remedy?: string;
  doc?: string;
}

/** What is wrong, the worst first. What could not be checked is no pass, and is told among the problems. */
export function remarksOf({ problems, warnings, checks }: StatusReport): Remark[] {
  const found = checks
    .filter(({ verdict }) => verdict !== "ok" && verdict !== "pending")
    .map(({ verdict, sentence, code, evidence, remedy, doc }): Remark => ({
      level: verdict === "warning" ? "warning" : "problem",
      ...{ sentence, code, evidence, remedy, doc },
    }));
  const told = new Set(found.map(({ sentence }) => sentence));
  const plain = (level: Remark["level"], sentences: readonly string[]) =>
    sentences
      .filter((sentence) => !told.has(sentence))
      .map((sentence): Remark => ({ level, sentence, evidence: [] }));
  const all = [...plain("problem", problems), ...found, ...plain("warning", warnings)];
  return [
    ...all.filter(({ level }) => level === "problem"),
    ...all.filter(({ level }) => level === "warning"),
  ];
}

const OUTCOMES = { healthy: "Healthy", unhealthy: "Unhealthy", inconclusive: "Not all could be checked" };

/** `Unhealthy: 2 problems, 1 warning; 2 of 3 zones online` */
export function headlineOf(report: StatusReport): string {
  return `${OUTCOMES[report.outcome]}${countsOf(report) === "" ? "" : `: ${countsOf(report)}`}`;
}

export function outcomeWord({ outcome }: Pick<StatusReport, "outcome">): string {
  return OUTCOMES[outcome];
}

export function countsOf(report: StatusReport): string {
  const remarks = remarksOf(report);
  const of = (level: Remark["level"]) => remarks.filter((each) => each.level === level).length;
  const { zones } = report;
  const online = zones.filter((zone) => zone.online).length;
  const disabled = zones.filter((zone) => zone.disabled).length;
  return [
    ...(of("problem") > 0 ? [plural(of("problem"), "problem")] : []),
    ...(of("warning") > 0 ? [plural(of("warning"), "warning")] : []),
    ...(zones.length > 0 ? [`${online} of ${plural(zones.length, "zone")} online`] : []),
    ...(disabled > 0 ? [`${disabled} disabled`] : []),
  ].join(", ");
}

/** `online`, `offline`, with what else is to be known in the same breath. */
export function stateOf({ online, disabled }: Pick<ZoneInStatus, "online" | "disabled">): string {
  return `${online ? "online" : "OFFLINE"}${disabled ? ", disabled" : ""}`;
}

/** `4 of 5`, or what it means that nothing is known. */
export function proxiesWord(proxies: { registered: number; connected: number | null } | null): string {
  if (proxies === null) return "unknown";
  if (proxies.registered === 0) return "none";
  return `${proxies.connected ?? "unknown"} of ${proxies.registered}`;
}

export function zoneProxiesWord(all: ZoneInStatus["ingress"]): string {
  return proxiesWord({ registered: all.length, connected: connectedOf(all) });
}

/** Null where that is not known of all of them. */
export function connectedOf(all: ZoneInStatus["ingress"]): number | null {
  return all.some(({ connected }) => connected === null)
    ? null
    : all.filter(({ connected }) => connected).length;
}

export function equalWord(value: boolean | null): string {
  return value === null ? "not checked" : value ? "equal" : "NOT EQUAL";
}

/** `ok`, or what the zone does not take. */
export function syncWord(sync: ZoneInStatus["sync"]): string {
  if (sync === null) return "unknown";
  if (sync.refused === 0) return sync.sent === 0 ? "nothing sent" : "ok";
  return `${sync.refused} refused`;
}

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
/** Each with its length, from two of a kind on: 36 hours say more than one day. */
const UNITS = [
  ["years", 365 * DAY],
  ["d", DAY],
  ["h", 3_600 * SECOND],
  ["min", 60 * SECOND],
] as const;

/** How long ago, or in how long, in the largest unit of which there are two: `3 h`. */
export function duration(from: string, to: string): string {
  const span = Math.abs(Date.parse(to) - Date.parse(from));
  if (Number.isNaN(span)) return "unknown";
  const [unit, size] = UNITS.find(([, each]) => span >= 2 * each) ?? (["s", SECOND] as const);
  return `${Math.floor(span / size)} ${unit}`;
}

/** `2026-11-27 01:55:08 UTC` */
export function momentWord(moment: string): string {
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? moment : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Whether something has ended, or ends within the two weeks in which somebody should act. */
export function endingLevel(
  { ends, renewed }: Pick<Ending, "ends" | "renewed">,
  now: string,
): "ended" | "soon" | "later" {
  const left = Date.parse(ends) - Date.parse(now);
  return left <= 0 ? "ended" : !renewed && left < 14 * DAY ? "soon" : "later";
}

/** All that can be said of one pair of zones, over all meshes. */
export interface Pair {
  from: string;
  to: string;
  /** `none`: no mesh has data plane proxies in both. */
  state: LinkInStatus["state"] | "none";
  links: LinkInStatus[];
}

const BEST_FIRST = ["open", "stale", "closed"] as const;

/** Zone by zone, in the order of the report: a row for each client's zone. */
export function matrixOf({ zones, links }: Pick<StatusReport, "zones" | "links">): Pair[][] {
  const names = zones.map(({ name }) => name);
  return names.map((from) =>
    names.map((to) => {
      const own = links.filter((link) => link.from === from && link.to === to);
      const state = BEST_FIRST.find((each) => own.some((link) => link.state === each)) ?? "none";
      return { from, to, state, links: own };
    }),
  );
}

/** `3 online, 1 offline` */
export function countsPerState(states: readonly string[]): string {
  return [...new Set(states)]
    .map((state) => `${states.filter((each) => each === state).length} ${state}`)
    .join(", ");
}

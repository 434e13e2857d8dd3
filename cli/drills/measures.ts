import { type ControlPlane, type Markers, ZONE_LABEL, isKumaError, knownTypes } from "../../kuma";
import { until } from "../../kuma/until";
import { type Calls, Probe } from "./probe";
import type { Measure } from "./promises";
import type { ProxyMaker } from "./throwAwayProxy";
import type { Outcome, Outcomes } from "./verdict";

/** Milliseconds for which a failure lasts at least, and after which what is not to happen counts as not happening. */
export const WINDOW_MS = 15_000;
/** Milliseconds for what is to happen. */
export const PATIENCE_MS = 60_000;
/** The same for a proxy that is not to join: on a busy machine one that may takes 15 seconds. */
const PROXY_WINDOW_MS = 40_000;
const LOOK_EVERY_MS = 500;

export interface OtherZone {
  name: string;
  zone: ControlPlane;
  /** Of the same policy on the global, as it arrives there. */
  markers: Markers;
}

/** What measures are made with; what is not there is told as skipped. */
export interface Instruments {
  zoneName: string;
  markers: Markers;
  others: readonly OtherZone[];
  proxies: ProxyMaker | { skipped: string };
  probeUrl?: string;
  acrossUrl?: string;
  signal: AbortSignal;
  /** The zone had a zone ingress, and others had it, before anything was broken. */
  hadIngress: boolean;
}

/** Tries all at once while something is broken. `expected` says for how long each is waited for. */
export async function measure(
  instruments: Instruments,
  wanted: ReadonlyMap<Measure, boolean | undefined>,
): Promise<Outcomes> {
  const { markers, others, probeUrl, acrossUrl, signal } = instruments;
  const outcomes: Outcomes = {};
  const deadline = (name: Measure) => {
    if (wanted.get(name) !== false) return PATIENCE_MS;
    return name === "proxyJoins" ? PROXY_WINDOW_MS : WINDOW_MS;
  };
  const probes = [probeUrl, acrossUrl].map((url) => (url === undefined ? undefined : new Probe(url)));
  const note = async (name: Measure, work: () => Promise<Outcome>) => {
    if (wanted.has(name)) outcomes[name] = await work();
  };
  const happens = (name: Measure, look: () => Promise<boolean>, where = "") =>
    waited(look, deadline(name), signal, where);
  try {
    await allEnded([
      // also where a policy is to arrive: somebody writes it
      taken(markers, signal).then(async (taken) => {
        outcomes.policyTaken = taken;
        await Promise.all([
          note("policyArrives", () => happens("policyArrives", markers.fromGlobal.hasArrived)),
          note("policyElsewhere", () => elsewhere(others, (look) => happens("policyElsewhere", look))),
        ]);
      }),
      note("changeReachesGlobal", async () => {
        await markers.fromZone.write();
        return happens("changeReachesGlobal", markers.fromZone.hasArrived);
      }),
      note("proxyJoins", () => joins(instruments, deadline("proxyJoins"))),
      note("ingressElsewhere", () => ingressElsewhere(instruments)),
      // a failure lasts so long in any case
      waited(() => Promise.resolve(false), WINDOW_MS, signal),
    ]);
  } finally {
    const [inZone, across] = await Promise.all(probes.map((probe) => probe?.stop()));
    outcomes.callsInZone = callsOf(inZone, "--probe-url names nothing to call");
    outcomes.callsAcross = callsOf(across, "--across-url names nothing to call");
  }
  return outcomes;
}

/** As `Promise.all`, but nothing goes on when it fails: a policy that is written later would be left. */
async function allEnded(works: Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(works);
  await Promise.all(works);
}

/** Looks until something is there, and tells after how long it was. A control plane that does not answer shows nothing. */
async function waited(
  look: () => Promise<boolean>,
  deadlineMs: number,
  signal: AbortSignal,
  where = "",
): Promise<{ happened: boolean; told: string }> {
  const begun = Date.now();
  const happened = await until(() => tried(look), {
    ...{ deadlineMs, signal, everyMs: LOOK_EVERY_MS },
    isThere: Boolean,
  });
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  return {
    happened,
    told: `${happened ? `yes, after ${seconds} s` : `no, not within ${seconds} s`}${where}`,
  };
}

async function tried(look: () => Promise<boolean>): Promise<boolean> {
  try {
    return await look();
  } catch (error) {
    if (!isKumaError(error) || isKumaError(error, "cancelled")) throw error;
    return false;
  }
}

async function taken({ fromGlobal }: Markers, signal: AbortSignal): Promise<Outcome> {
  try {
    await fromGlobal.write();
    return { happened: true, told: "yes" };
  } catch (error) {
    signal.throwIfAborted();
    if (!isKumaError(error)) throw error;
    return { happened: false, told: `no: ${error.code}` };
  }
}

async function elsewhere(
  others: readonly OtherZone[],
  happens: (look: () => Promise<boolean>) => Promise<{ happened: boolean; told: string }>,
): Promise<Outcome> {
  if (others.length === 0) return { skipped: "the stack has no other zone" };
  const all = await Promise.all(
    others.map(async ({ name, markers }) => ({ name, ...(await happens(markers.fromGlobal.hasArrived)) })),
  );
  return {
    happened: all.every(({ happened }) => happened),
    told: all.map(({ name, told }) => `${name}: ${told}`).join("; "),
  };
}

/** Whether a throw-away proxy gets all that it needs from its control plane; it is gone again afterwards. */
export async function joins(
  { proxies, signal }: Pick<Instruments, "proxies" | "signal">,
  deadlineMs: number,
): Promise<Outcome> {
  if (typeof proxies !== "function") return proxies;
  const proxy = await proxies();
  try {
    proxy.start();
    return await waited(() => proxy.isReady(), deadlineMs, signal);
  } finally {
    await proxy.remove();
  }
}

/** Whether other zones still have the zone ingress of one that is to be forgotten. */
async function ingressElsewhere({ others, zoneName, hadIngress, signal }: Instruments): Promise<Outcome> {
  if (others.length === 0) return { skipped: "the stack has no other zone" };
  if (!hadIngress) return { skipped: `no other zone had a zone ingress of zone ${zoneName} before` };
  const gone = async () => !(await someHaveIngress(others, zoneName));
  const { happened, told } = await waited(gone, PATIENCE_MS, signal);
  return {
    happened: !happened,
    told: happened ? `gone${told.replace("yes,", "")}` : told.replace("no, not", "not gone"),
  };
}

export async function someHaveIngress(
  others: readonly Pick<OtherZone, "zone">[],
  zoneName: string,
): Promise<boolean> {
  const have = await Promise.all(
    others.map(async ({ zone }) => {
      const type = (await knownTypes(zone)).get("ZoneIngress");
      const all = type ? await zone.list(type) : [];
      return all.some(({ labels }) => labels?.[ZONE_LABEL] === zoneName);
    }),
  );
  return have.some(Boolean);
}

export function callsOf(calls: Calls | undefined, skipped: string): Outcome {
  if (calls === undefined) return { skipped };
  const { made, failed, failures } = calls;
  const told = `${failed} of ${made} failed${failures.length > 0 ? ` (${failures[0]})` : ""}`;
  if (failed > 0 && failed < made) return { told };
  return { happened: failed === 0, told };
}

/** Waits until calls go well again: two seconds without one that fails. */
export async function callsGoWell(
  url: string,
  signal: AbortSignal,
  deadlineMs = PATIENCE_MS,
): Promise<Outcome> {
  return waited(
    async () => {
      const probe = new Probe(url);
      await waited(() => Promise.resolve(false), 2_000, signal).finally(() => void probe.stop());
      return (await probe.stop()).failed === 0;
    },
    deadlineMs,
    signal,
  );
}

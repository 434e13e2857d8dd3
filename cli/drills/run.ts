import { KumaError, isKumaError, printable } from "../../kuma";
import { pause, until } from "../../kuma/until";
import { UsageError } from "../commandLine/usageError";
import { interruptible } from "../terminal/interruption";
import { tell } from "../terminal/print";
import { type Failure, make, putBack } from "./failure";
import { type Phases, removeMarkers } from "./markers";
import { Instruments, PATIENCE_MS, callsGoWell, joins, measure } from "./measures";
import { forget, write } from "./note";
import { type Scene, planOf } from "./plan";
import { Probe } from "./probe";
import { type DrillName, PROMISES } from "./promises";
import { type DrillReport, formatPromises } from "./report";
import { type Row, rowsOf } from "./verdict";

/** What a drill is run with, beside what is measured. */
export interface DrillRun extends Omit<Instruments, "markers" | "signal" | "others"> {
  root: string;
  scene: Scene;
  mesh: string;
  phases: Phases;
  others: { name: string; zone: Scene["zone"]; phases: Phases }[];
}

const BASELINE_MS = 2_000;

/** Breaks, measures, puts back. Fails where something could not be put back, and where it was not whole before. */
export async function runDrill(drill: DrillName, run: DrillRun): Promise<DrillReport> {
  const { scene, root, phases } = run;
  const { zoneName } = scene.state;
  const plan = await planOf(drill, scene);
  if ("refused" in plan) return { drill, zone: zoneName, notRun: plan.refused, rows: [] };
  tell(`\n${drill}: ${plan.does}.\n${formatPromises(drill)}`);
  await assertWhole(run);
  const proxies = await proxiesThatJoin(run);
  let isBroken = true;
  const soFar = () => (isBroken ? "What was broken is not put back yet." : "What was broken is put back.");
  const note = { drill, zone: zoneName, mesh: run.mesh, failure: plan.failure };
  const ending = "what was broken is put back, which may take some seconds. A second signal ends it at once";
  const rows = await interruptible({ soFar, ending }, async (signal): Promise<Row[]> => {
    write(root, scene.stack, note);
    try {
      const measured = await measureBroken(
        drill,
        plan.failure,
        { ...run, proxies },
        signal,
        () => (isBroken = false),
      );
      return [...measured, ...(await afterwards(run, signal))];
    } finally {
      await removeMarkers(phases);
      // as long as something is broken, the next run is to know
      if (!isBroken) forget(root, scene.stack);
    }
  });
  await untilGone(run);
  return { drill, zone: zoneName, does: plan.does, rows };
}

async function measureBroken(
  drill: DrillName,
  failure: Failure,
  run: DrillRun,
  signal: AbortSignal,
  isWhole: () => void,
): Promise<Row[]> {
  const { standing } = run.scene;
  const { promises } = PROMISES[drill];
  const wanted = new Map(promises.flatMap(({ measure: name, expected }) => (name ? [[name, expected]] : [])));
  try {
    tell(`  ${clock()} broken from now on`);
    await make(failure, standing);
    return rowsOf(drill, await measure(instrumentsOf(run, "during", signal), wanted));
  } finally {
    await putBack(failure, () => Promise.resolve(standing)).catch(notPutBack(drill));
    isWhole();
    tell(`  ${clock()} put back`);
  }
}

function instrumentsOf(run: DrillRun, phase: keyof Phases, signal: AbortSignal): Instruments {
  const others = run.others.map(({ name, zone, phases }) => ({ name, zone, markers: phases[phase] }));
  return { ...run, markers: run.phases[phase], others, signal };
}

/** A drill tells nothing where the mesh is not whole before. */
async function assertWhole({ phases, probeUrl, acrossUrl, scene }: DrillRun): Promise<void> {
  const markers = Object.values(phases);
  for (const each of markers) {
    await each.fromGlobal.assertFree();
    await each.fromZone.assertFree();
  }
  const { fromGlobal, key } = phases.before;
  try {
    await fromGlobal.write();
    await until(fromGlobal.hasArrived, {
      ...{ deadlineMs: PATIENCE_MS, everyMs: 500, isThere: Boolean },
      onTimeout: () =>
        new KumaError(
          "gate",
          `A policy that was written on the global for trying (${key}) did not arrive in zone ${scene.state.zoneName} within ${PATIENCE_MS / 1000} s, before anything was broken. Nothing was broken. npm run status tells what is wrong.`,
        ),
    });
  } finally {
    await fromGlobal.remove();
  }
  for (const url of [probeUrl, acrossUrl]) {
    if (url === undefined) continue;
    const probe = new Probe(url);
    await pause(BASELINE_MS);
    const { made, failed, failures } = await probe.stop();
    if (failed > 0)
      throw new UsageError(
        `Calls to ${url} fail before anything is broken: ${failed} of ${made} (${failures[0]}). Nothing was broken. Name a service that answers.`,
      );
  }
}

/** Where none joins before, it tells nothing that none does while something is broken. */
async function proxiesThatJoin({ proxies }: DrillRun): Promise<DrillRun["proxies"]> {
  const outcome = await joins({ proxies, signal: new AbortController().signal }, PATIENCE_MS);
  return "happened" in outcome && !outcome.happened
    ? { skipped: "a throw-away proxy did not join before anything was broken either" }
    : proxies;
}

/** That all is as it was is promised by this program. */
async function afterwards(run: DrillRun, signal: AbortSignal): Promise<Row[]> {
  const { phases, probeUrl, acrossUrl } = run;
  const row = (measure: string, happened: boolean | undefined, told: string): Row => ({
    promise: "what was broken is put back",
    source: "this program",
    ...{ measure: `${measure}, afterwards`, measured: told },
    verdict: happened ? "kept" : "not kept",
  });
  const written = async () => {
    try {
      await phases.after.fromGlobal.write();
      return await phases.after.fromGlobal.hasArrived();
    } catch (error) {
      if (!isKumaError(error)) throw error;
      return false;
    }
  };
  const begun = Date.now();
  const arrived = await until(written, {
    ...{ deadlineMs: PATIENCE_MS, everyMs: 500, signal },
    isThere: Boolean,
  });
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  const rows = [
    row(
      "a policy of the global's arrives in the zone",
      arrived,
      arrived ? `yes, after ${seconds} s` : `no, not within ${seconds} s`,
    ),
  ];
  for (const [name, url] of [
    ["calls in the zone go well", probeUrl],
    ["calls across zones go well", acrossUrl],
  ] as const) {
    if (url === undefined) continue;
    const outcome = await callsGoWell(url, signal);
    if ("told" in outcome) rows.push(row(name, outcome.happened, outcome.told));
  }
  return rows;
}

function notPutBack(drill: DrillName) {
  return (error: unknown): never => {
    const why = error instanceof Error ? printable(error.message) : String(error);
    throw new KumaError(
      "gate",
      `What the drill ${drill} has broken could not be put back. ${why} Run npm run up, which tries again, as does the next drill.`,
    );
  };
}

/** So that the next drill, and who looks, begin with what was there. */
async function untilGone({ phases }: DrillRun): Promise<void> {
  const isThere = async () => {
    const seen = await Promise.all(Object.values(phases).map(({ fromGlobal }) => fromGlobal.hasArrived()));
    return seen.some(Boolean);
  };
  await until(isThere, { deadlineMs: PATIENCE_MS, everyMs: 500, isThere: (seen) => !seen });
}

function clock(): string {
  return new Date().toISOString().slice(11, 19);
}

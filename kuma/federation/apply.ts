import { ControlPlane } from "../api/client";
import { KumaError, isKumaError } from "../errors";
import { KnownTypes, typeOf } from "../api/knownTypes";
import { enumerated, shortened } from "../lists";
import { inParallel } from "../parallel";
import { Plan, PlannedResource, isWrite, readGlobal } from "./plan";
import { Resource, keyOf, sameContent } from "../resource/resource";
import { writeSteps } from "./writeSteps";
import { until } from "../until";

export interface ApplyResult {
  created: string[];
  updated: string[];
}

/** Failures that other resources would meet as well, so that going on is of no use. */
const STOPS_EVERYTHING = ["unreachable", "cancelled", "unauthenticated", "rateLimited", "server"] as const;

/**
 * Writes what the plan says, in order: meshes, secrets, the rest, the admin token, the signing keys of user tokens (a mesh
 * that names secrets is completed after these); many at a time within each stage. A resource that the global refuses does not stop the others of its stage, but no
 * later stage begins: the error names every one that was refused, and a later run goes on from what is there.
 */
export async function applyPlan(
  plan: Plan,
  global: ControlPlane,
  types: KnownTypes,
  progress: (done: number, total: number) => void = () => {},
  /** What a failure leaves undone, for its message. */
  consequence = "the zone was not switched",
): Promise<ApplyResult> {
  const writes = plan.resources.filter(isWrite);
  const result: ApplyResult = { created: [], updated: [] };
  const written = () => result.created.length + result.updated.length;
  const stages = groupByStage(writes, global);
  for (const stage of [...stages.keys()].sort((a, b) => a - b)) {
    const failures: KumaError[] = [];
    const write = async ({ resource, of: { key, action, resource: wanted } }: PlannedStep) => {
      try {
        await global.put(typeOf(resource, types, global), resource, { overwrite: action !== "create" });
        if (resource !== wanted) return;
        (action === "create" ? result.created : result.updated).push(key);
        progress(written(), writes.length);
      } catch (error) {
        if (!(error instanceof KumaError)) throw error;
        failures.push(error);
      }
    };
    const isOver = () => failures.some((error) => isKumaError(error, ...STOPS_EVERYTHING));
    await inParallel(stages.get(stage) ?? [], global.concurrency, write, isOver);
    if (failures.length > 0) throw applyError(failures, written(), writes.length, consequence);
  }
  return result;
}

interface PlannedStep {
  resource: Resource;
  of: PlannedResource;
}

function groupByStage(writes: PlannedResource[], global: ControlPlane): Map<number, PlannedStep[]> {
  const stages = new Map<number, PlannedStep[]>();
  for (const of of writes) {
    for (const { resource, stage } of writeSteps(of.resource, (key) => global.stageOf(key))) {
      const group = stages.get(stage);
      if (group) group.push({ resource, of });
      else stages.set(stage, [{ resource, of }]);
    }
  }
  return stages;
}

function applyError(failures: KumaError[], written: number, total: number, consequence: string): KumaError {
  const fatal = failures.find((error) => isKumaError(error, ...STOPS_EVERYTHING));
  const told = fatal ? [fatal] : failures;
  const messages = told.map(({ message }) => message);
  return new KumaError(
    told[0].code,
    `${written} of ${total} resources were written to the global control plane; ${consequence}. ` +
      shortened(messages, 20, (left) => `And ${left} more.`).join(" ") +
      " Run it again once that is fixed: it goes on from what is there.",
  );
}

/**
 * Reads back what was planned and compares by content. Returns the keys that are missing or differ; empty means that
 * the zone may be switched.
 */
export async function readBack(
  expected: readonly Resource[],
  global: ControlPlane,
): Promise<{ missing: string[]; different: string[] }> {
  const { existing } = await readGlobal(
    global,
    expected.map(({ type }) => type),
  );
  const missing: string[] = [];
  const different: string[] = [];
  for (const resource of expected) {
    const there = existing.get(keyOf(resource));
    if (!there) missing.push(keyOf(resource));
    else if (!sameContent(resource, there)) different.push(keyOf(resource));
  }
  return { missing, different };
}

/** A control plane on Kubernetes reads from a cache, which follows the API server by some moments. */
const READ_BACK_DEADLINE_MS = 10_000;
const READ_BACK_EVERY_MS = 500;

/** As `readBack`, once all of it is there, or as it is when that takes too long. */
export async function settledReadBack(
  expected: readonly Resource[],
  global: ControlPlane,
): Promise<{ missing: string[]; different: string[] }> {
  return until(() => readBack(expected, global), {
    deadlineMs: READ_BACK_DEADLINE_MS,
    everyMs: READ_BACK_EVERY_MS,
    signal: global.address.signal,
    isThere: ({ missing, different }) => missing.length + different.length === 0,
  });
}

/** Refuses to go on while the global lacks anything: a mesh that is missing there is deleted in the zone. */
export function assertComplete(check: { missing: string[]; different: string[] }, zoneName: string): void {
  const wrong = [
    ...check.missing.map((key) => `${key} is missing`),
    ...check.different.map((key) => `${key} differs`),
  ];
  if (wrong.length === 0) return;
  throw new KumaError(
    "gate",
    `Zone ${zoneName} was not switched, as the global control plane does not hold what the zone has: ` +
      enumerated(wrong) +
      ". Is someone else changing it? Run it again to write what is missing.",
  );
}

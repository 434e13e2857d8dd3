import {
  CheckResult,
  ControlPlane,
  Facts,
  Federation,
  KumaError,
  OnDrift,
  Plan,
  Resource,
  USER_TOKEN_SIGNING_KEY,
  Snapshot,
  ZoneExport,
  adminToken,
  assertPoliciesFit,
  assertPoliciesTaken,
  cameFromGlobal,
  originalKey,
  carryOver,
  describeDrift,
  describeFinding,
  describePlan,
  distinct,
  enumerated,
  driftOf,
  findingsOf,
  isKumaError,
  isSyncDisabled,
  isWrite,
  keyOf,
  manifestOf,
  meshesWhoseMtlsEnds,
  packSnapshot,
  parseKey,
  preflight,
  nameOfProxy,
  proxiesOf,
  proxiesWhoseTokensEnd,
  readZone,
  restoreOnGlobal,
  toRepair,
  unpackSnapshot,
  wantedOnGlobal,
  without,
} from "../../kuma";
import { acceptedDifferences } from "../options/acceptedDifferences";
import { asTheyRun } from "../connections";
import { ChangedInput, changedInputs, isKnown } from "../provider/handler";
import { isPreflight, writeReport } from "../options/preflightMode";
import { throttled } from "../provider/progress";
import { mayBeAway } from "./followers";
import { holdToLive } from "./liveGuardrails";
import { leavesAsTheyAre } from "../provider/keptOutputs";
import { START_IT, whyNotStarted } from "../options/notStarted";
import {
  forgetProspect,
  freshProspect,
  missFrom,
  prospectOf,
  takeForEarlier,
  withFederation,
} from "./prospects";
import { say } from "../provider/say";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import type { FederatedResources } from "./federatedResources";
import { leftOpen } from "../options/planRun";
import { ofOneRun } from "../provider/oneRun";

type Inputs = InputsOf<typeof FederatedResources>;
type Outputs = StateOf<typeof FederatedResources>;

export const federatedResources: HandlerOf<typeof FederatedResources> = {
  async check(olds, news) {
    if (isPreflight()) return writeDown(olds, news);
    if (!isKnown(news.zone.url)) return { ...news, ...leftOpen("resources") };
    try {
      return await withFederation(await asTheyRun(news, olds), olds.kdsAddress, (federation) =>
        planInputs(olds, news, federation),
      );
    } catch (error) {
      if (!mayBeAway(news) || !isKumaError(error, "unreachable")) throw error;
      const isStopped = isKnown(news.zoneStarted);
      missFrom(news.zoneName);
      say(
        isStopped
          ? `zone ${news.zoneName}: what it would carry to the global is not known. ${START_IT}`
          : `zone ${news.zoneName} is not running yet; its resources are listed once it is`,
      );
      return { ...news, ...(olds.resources && { resources: olds.resources }), ...leftOpen("resources") };
    }
  },

  async diff(_, olds, news) {
    if (isPreflight()) return { changes: false };
    leavesAsTheyAre(news.zoneName, []);
    // the policies are looked at, and written by another resource
    const changed = changedInputs(olds, news).filter((name) => name !== "policies");
    if (changed.some((name) => !HOW_REACHED.includes(name))) return { changes: true };
    // to be remembered, and nothing that the zone has to be switched for
    const isReachedAnew = changed.length > 0;
    const prospect = freshProspect(news.zoneName);
    if (prospect) return { changes: isReachedAnew || prospect.plan.resources.some(isWrite) };
    return withFederation(withAdminToken(news, olds), olds.kdsAddress, async ({ global }) => {
      if (!global) return { changes: isReachedAnew };
      const { drift, repaired } = ownPart(await look(global, olds, news.onDrift), news.zoneName);
      for (const line of describeDrift(drift, repaired)) say(`zone ${news.zoneName}: ${line}`);
      leavesAsTheyAre(news.zoneName, repaired.some(isMesh) ? UNTOUCHED : [...UNTOUCHED, ...COUNTS]);
      return { changes: isReachedAnew || repaired.length > 0 };
    });
  },

  create: (inputs) =>
    withFederation(inputs, undefined, async (federation) => ({
      id: inputs.zoneName,
      outs: await carry(inputs, federation),
    })),

  update: (_, olds, news) =>
    withFederation(withAdminToken(news, olds), olds.kdsAddress, async (federation) => {
      const { global } = federation;
      if (await prospectOf(federation)) {
        const { generation, refilled } = olds;
        return { ...(await carry(news, federation, olds.snapshot)), generation, refilled };
      }
      const former = { ...news, resources: olds.resources, ...outputsOf(olds) };
      if (!global) return former;
      const { drift, repaired } = await look(global, olds, news.onDrift);
      // the same as long as it opens: another one would have all that comes after updated
      const outputs = { ...former, opener: olds.opener === "" ? "" : openerOf(global) };
      if (repaired.length === 0) return { ...outputs, drift };
      await restoreOnGlobal(global, unpackSnapshot(olds.snapshot), repaired, news.zoneName);
      for (const key of repaired) repairing.delete(key);
      say(`zone ${news.zoneName}: put back on the global: ${enumerated(repaired)}`);
      return {
        ...outputs,
        drift: Object.fromEntries(Object.entries(drift).filter(([key]) => !repaired.includes(key))),
        ...refill(olds, repaired),
      };
    }),

  // what was carried is taken off the global by its way back, where the stack asks for that
  delete: async () => {},

  // never says that it is gone, whatever the global has lost: the state holds the zone's way back.
  // What was found is told by diff, which the engine asks next
  read: (_, props) =>
    withFederation(withAdminToken(props, props), undefined, async ({ global }) => {
      const drift = global ? await driftOf(global, props.resources) : {};
      return { props: { ...props, drift }, inputs: inputsOf(props) };
    }),
};

/** Zones that join or leave before this one change what opens the global, and nothing of what was carried. */
const HOW_REACHED: ChangedInput<Inputs>[] = ["global.tokens", "zone.tokens"];

/** Of what other resources of the zone take from this one, what a repair leaves as it is, and what it changes with a mesh. */
const UNTOUCHED = ["snapshot", "global.tokens"];
const COUNTS = ["generation", "refilled"];

function isMesh(key: string): boolean {
  return parseKey(key).type === "Mesh";
}

/** With a mesh that the global has lost, the zone has lost what it owned in it. */
function refill({ generation, refilled = {} }: Outputs, repaired: readonly string[]) {
  const meshes = repaired.filter(isMesh).map(parseKey);
  if (meshes.length === 0) return { generation, refilled };
  const now = Object.fromEntries(meshes.map(({ name }) => [name, generation + 1]));
  return { generation: generation + 1, refilled: { ...refilled, ...now } };
}

const OUTPUTS = [
  "drift",
  "generation",
  "refilled",
  "mtlsEnded",
  "tokensEnded",
  "local",
  "snapshot",
  "adminToken",
  "opener",
] as const;

type Output = (typeof OUTPUTS)[number];

function outputsOf(props: Outputs): Pick<Outputs, Output> {
  return Object.fromEntries(OUTPUTS.map((output) => [output, props[output]])) as Pick<Outputs, Output>;
}

/** Of a resource's properties those that the program gave. */
function inputsOf(props: Outputs): Inputs {
  return Object.fromEntries(
    Object.entries(props).filter(([name]) => !OUTPUTS.includes(name as Output)),
  ) as unknown as Inputs;
}

/** What is missing or changed on the global and not accepted so, and what of it is to be written again. */
async function look(global: ControlPlane, { resources, snapshot }: Outputs, onDrift: OnDrift) {
  const drift = without(await driftOf(global, resources), acceptedDifferences());
  const isAny = Object.keys(drift).length > 0;
  return { drift, repaired: isAny ? toRepair(drift, onDrift, resources, unpackSnapshot(snapshot)) : [] };
}

/** What the federation of a zone puts back in this run, and has not put back yet: for those that follow it is there. */
const repairing = ofOneRun(new Map<string, string>());

/** What is missing or changed, without what another zone that has it as well puts back before. */
function ownPart({ drift, repaired }: Awaited<ReturnType<typeof look>>, zoneName: string) {
  for (const key of repaired) if (!repairing.has(key)) repairing.set(key, zoneName);
  const isOthers = (key: string) => (repairing.get(key) ?? zoneName) !== zoneName;
  return { drift: without(drift, isOthers), repaired: repaired.filter((key) => !isOthers(key)) };
}

/** What `npm run preflight` does in place of a check. */
async function writeDown(olds: Partial<Inputs>, news: Inputs): Promise<Inputs> {
  const { zoneName } = news;
  if (!isKnown(news.zone.url)) {
    writeReport({ zone: zoneName, checks: [] });
    return news;
  }
  const why = whyNotStarted(zoneName);
  if (why !== undefined) {
    missFrom(zoneName);
    writeReport({ zone: zoneName, checks: [notStarted(why)] });
    return news;
  }
  const report = await withFederation(await asTheyRun(news, olds), olds.kdsAddress, async (federation) => {
    const facts = new Facts({ ...federation, isUnrecorded: olds.resources === undefined });
    const found = await preflight(facts);
    if (!(await facts.joined().catch(() => false))) await takeForEarlier(facts);
    return found;
  });
  writeReport(report);
  return news;
}

function notStarted(sentence: string): CheckResult {
  const check = { code: "zone-api", title: "The zone's API answers and is Kuma's", evidence: [] };
  return { ...check, verdict: "inconclusive", sentence, remedy: START_IT };
}

/** The inputs with everything that is carried; also shows the plan when there is something to do. */
async function planInputs(olds: Partial<Inputs>, news: Inputs, federation: Federation): Promise<Inputs> {
  const prospect = await prospectOf(federation);
  await assertPoliciesFit(federation, prospect);
  if (!prospect) {
    if (olds.resources === undefined) throw federatedByOthers(news.zoneName);
    if (federation.global) await holdToLive({ global: federation.global });
    return { ...news, resources: olds.resources };
  }
  const { plan, exported, report } = prospect;
  const withEarlier = (federation.earlier ?? []).length > 0;
  say(describePlan(plan, exported, news.zoneName, { withEarlier }));
  for (const finding of distinct(findingsOf(report, "warning", "inconclusive"))) {
    say(`${finding.verdict}: ${describeFinding(finding)}`);
  }
  return { ...news, resources: manifestOf(wantedOnGlobal(plan)) };
}

function federatedByOthers(zoneName: string): KumaError {
  return new KumaError(
    "alreadyFederated",
    `Zone ${zoneName} is federated with this global already, but this stack did not do it and has no copy of what was carried. ` +
      `Nothing was changed. Take the zone off the global first, or restore the stack's state.`,
  );
}

async function carry(inputs: Inputs, federation: Federation, former?: string): Promise<Outputs> {
  const { global, zoneName } = federation;
  const prospect = await prospectOf(federation);
  if (!prospect) throw federatedByOthers(zoneName);
  if (!global)
    throw new KumaError("unreachable", `There is no global control plane to federate zone ${zoneName} with.`);
  forgetProspect(zoneName);
  await assertPoliciesTaken(federation);
  const report = throttled((done, total) => say(`zone ${zoneName}: ${done} of ${total} resources written`));
  const { created, updated } = await carryOver(prospect, { ...federation, global }, report);
  say(
    `zone ${zoneName}: ${created.length} created, ${updated.length} replaced, everything read back from the global and equal`,
  );
  const { carried } = prospect.exported;
  const { originals, kept } = await asBefore(prospect.exported, federation.zone, former);
  const tokensEnded = await connectedAmong(
    proxiesWhoseTokensEnd(prospect.plan, kept, zoneName),
    federation.zone,
  );
  return {
    ...inputs,
    resources: manifestOf(wantedOnGlobal(prospect.plan)),
    drift: {},
    generation: 0,
    refilled: {},
    mtlsEnded: meshesWhoseMtlsEnds(prospect.plan.resources),
    tokensEnded,
    local: kept.filter(isSyncDisabled).map(keyOf),
    snapshot: packSnapshot({ originals, kept }),
    adminToken: keepsOwnKeys(prospect.plan) ? undefined : adminToken(carried),
    opener: openerOf(global),
  };
}

/** Of a global that was asked: with a zone's signing keys it accepts other tokens than before. */
function openerOf(global: ControlPlane): string {
  return global.acceptedToken ?? "";
}

/** Names of those that are connected: who is not is cut off by nothing. */
async function connectedAmong(proxies: readonly Resource[], zone: ControlPlane): Promise<string[]> {
  if (proxies.length === 0) return [];
  const { connected } = await proxiesOf(zone);
  return proxies.filter((proxy) => connected.includes(nameOfProxy(proxy))).map(keyOf);
}

/**
 * Whether the global goes on with signing keys of its own in place of all of the zone's: it accepts no token of the zone's then.
 * Each zone that joins later would be given them all.
 */
function keepsOwnKeys({ resources }: Plan): boolean {
  const keys = resources.filter(
    ({ resource: { type, name } }) => type === "GlobalSecret" && USER_TOKEN_SIGNING_KEY.test(name),
  );
  return keys.length > 0 && keys.every(({ action }) => action === "keepGlobal");
}

/**
 * What the zone held by itself. One that somebody else has let run alone again, without its way back, still has what its
 * global had sent it: of that the former snapshot tells what it was.
 */
async function asBefore(
  { originals, kept }: ZoneExport,
  zone: ControlPlane,
  former: string | undefined,
): Promise<Snapshot> {
  if (former === undefined) return { originals, kept };
  const { resources } = await readZone(zone);
  const sent = new Set(resources.filter(cameFromGlobal).map(originalKey).map(keyOf));
  const snapshot = unpackSnapshot(former);
  const before = new Map(snapshot.originals.map((each) => [keyOf(each), each]));
  const isLeftBefore = (each: Resource) => cameFromGlobal(each) && sent.has(keyOf(originalKey(each)));
  return {
    originals: originals.flatMap((each) =>
      sent.has(keyOf(each)) ? (before.get(keyOf(each)) ?? []) : [each],
    ),
    kept: [...kept.filter((each) => !cameFromGlobal(each)), ...snapshot.kept.filter(isLeftBefore)],
  };
}

function withAdminToken(inputs: Inputs, { adminToken: token, opener }: Outputs): Inputs {
  const tokens = [opener || [], inputs.global.tokens ?? [], token ?? []].flat();
  return { ...inputs, global: { ...inputs.global, tokens } };
}

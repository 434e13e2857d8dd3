import { Reached, isKumaError, parseKey, proxiesOf } from "../../kuma";
import type { BrokenLive } from "../../policies/pack/held";
import { openControlPlane } from "../../platforms/openControlPlane";
import type { FoundInPreview, FoundZone, PolicyChange } from "../../resources/options/previewReports";
import type { Standing } from "../stack/standing/standing";
import type { Progress } from "../terminal/progress";
import { blastRadius, meaningsOf } from "./blastRadius";
import type { SeenChange } from "./changes";
import type { PolicyInPreview, PreviewReport, ZoneInPreview } from "./report";

interface Looked {
  changes: readonly SeenChange[];
  /** Guardrails that are broken. */
  broken: Pick<PreviewReport, "guardrails" | "brokenBefore">;
  messages: Progress["messages"];
  found: readonly FoundInPreview[];
  /** Sentences of the program that no event holds. */
  notes: readonly string[];
  standing: Pick<Standing, "zones"> | undefined;
  /** The zones of the stack. */
  zones: readonly { name: string; federated: boolean }[];
}

type Ending = Pick<PreviewReport, "stack" | "outcome" | "error">;

/** Everything that a preview has found, as programs read it. */
export async function assemble(ending: Ending, looked: Looked): Promise<PreviewReport> {
  const { changes, broken, messages, notes, standing } = looked;
  const found = lastOf(looked.found);
  const policies = policiesOf(looked.found, found);
  const connected = await connectedProxies(changes, standing);
  const isWarning = ({ severity }: { severity: string }) => severity === "warning";
  return {
    version: 1,
    ...ending,
    changes: changes.map(({ zoneName: _, ...change }) => change),
    zones: zonesOf(looked.zones, changes, found),
    policies,
    ...broken,
    notes: [...messages.filter((each) => !isWarning(each)).map(({ text }) => text), ...notes],
    warnings: messages.filter(isWarning).map(({ text }) => text),
    blastRadius: blastRadius({ changes: changes, found, policies, connected }),
  };
}

/** Rules that what is live breaks: each report holds those before it. */
export function liveIn(found: readonly FoundInPreview[]): BrokenLive[] {
  return found.reduce<BrokenLive[]>((last, each) => (each.kind === "guardrails" ? each.broken : last), []);
}

/** The engine may ask of a resource more than once. */
function lastOf(found: readonly FoundInPreview[]): FoundZone[] {
  return [...new Map(found.flatMap((each) => (each.kind === "zone" ? [[each.zone, each]] : []))).values()];
}

function zonesOf(
  wanted: Looked["zones"],
  changes: readonly SeenChange[],
  found: readonly FoundZone[],
): ZoneInPreview[] {
  const meanings = meaningsOf(changes);
  const names = new Set([...wanted.map(({ name }) => name), ...meanings.keys()]);
  const isAlone = (zone: string) => wanted.some(({ name, federated }) => name === zone && !federated);
  return [...names].map((zone) => {
    const { plan = null, checks = [] } = found.find((each) => each.zone === zone) ?? {};
    const meaning = meanings.get(zone);
    return {
      zone,
      change: meaning?.zone ?? (isAlone(zone) ? "alone" : plan ? "joins" : "stays"),
      restarts: meaning?.restarts !== undefined,
      plan,
      checks,
    };
  });
}

/** One of each, with those proxies that are to come to its mesh with a zone that joins. */
function policiesOf(all: readonly FoundInPreview[], joining: readonly FoundZone[]): PolicyInPreview[] {
  const policies = new Map<string, PolicyInPreview>();
  for (const found of all) {
    if (found.kind === "guardrails") continue;
    for (const policy of found.policies) {
      const told = found.kind === "policies" ? withJoining(policy, joining) : policy;
      policies.set(`${policy.at} ${policy.key}`, told);
    }
  }
  return [...policies.values()];
}

function withJoining(policy: PolicyChange, joining: readonly FoundZone[]): PolicyInPreview {
  const { mesh } = parseKey(policy.key);
  const coming = joining.flatMap(({ proxies }) => (mesh === undefined ? [] : (proxies?.perMesh[mesh] ?? [])));
  if (policy.change === "goes" || coming.length === 0) return policy;
  const { proxies, services } = policy.reached ?? { proxies: 0, services: 0 };
  const sum = (counts: readonly number[]) => counts.reduce((total, each) => total + each, 0);
  const reached: Reached = {
    proxies: proxies + sum(coming.map((each) => each.proxies)),
    services: services + sum(coming.map((each) => each.services)),
    by: "mesh",
  };
  return { ...policy, reached };
}

/** Of zones that restart and were members before: the provider tells of those that join. */
async function connectedProxies(
  changes: readonly SeenChange[],
  standing: Pick<Standing, "zones"> | undefined,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const [zoneName, { restarts }] of meaningsOf(changes)) {
    const state = standing?.zones.find((each) => each.zoneName === zoneName);
    if (restarts === undefined || !state) continue;
    try {
      const zone = await openControlPlane(state.zone, `zone ${zoneName}`, { attempts: 1 });
      try {
        counts.set(zoneName, (await proxiesOf(zone)).connected.length);
      } finally {
        zone.close();
      }
    } catch (error) {
      // what could not be read is told as that
      if (!isKumaError(error)) throw error;
    }
  }
  return counts;
}

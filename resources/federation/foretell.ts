import {
  CheckResult,
  ControlPlane,
  PlannedResource,
  Reach,
  Survey,
  detailOf,
  isSecret,
  parseKey,
  proxiesOf,
  reportPlan,
} from "../../kuma";
import { holdToLive } from "./liveGuardrails";
import { orNothing } from "./orNothing";
import { FoundZone, PREVIEW_REPORTS, PolicyChange, ZoneProxies } from "../options/previewReports";

/** Tells `npm run preview` what was found of a zone that is to join, and whom that concerns; nothing to anybody else. */
export async function foretellZone({ facts, report }: Survey): Promise<void> {
  if (!PREVIEW_REPORTS.isWanted) return;
  const { zone, global } = facts.federation;
  // what cannot be planned is told by the checks
  const plan = await orNothing(() => facts.plan());
  const exported = plan && (await facts.exported());
  const resources = plan?.resources ?? [];
  if (plan && exported)
    await holdToLive({
      ...(global && { global: await facts.onGlobal() }),
      zone: { zoneName: facts.zoneName, brought: broughtBy(resources), kept: exported.kept },
    });
  PREVIEW_REPORTS.write({
    kind: "zone",
    zone: facts.zoneName,
    ...(plan && exported && { plan: reportPlan(plan, exported) }),
    checks: report.checks.filter(isAgainstIt),
    policies: [
      ...(global ? await changesOnGlobal(resources, global) : []),
      ...(await changesAt("zone", withAction(resources, "keepGlobal"), zone)),
    ],
    proxies: await orNothing(() => proxiesIn(zone)),
  });
}

function isAgainstIt(check: CheckResult): check is FoundZone["checks"][number] {
  return check.verdict !== "ok" && check.verdict !== "pending";
}

/** What others see of resources that come to a global, with a zone's proxies left out where these have them already. */
export async function changesOnGlobal(
  resources: readonly PlannedResource[],
  global: ControlPlane,
  without?: string,
): Promise<PolicyChange[]> {
  return changesAt("global", withAction(resources, "create", "overwrite"), global, without);
}

/** What appears or changes for proxies that are there today. Nobody sees what reaches none. */
async function changesAt(
  at: PolicyChange["at"],
  resources: readonly PlannedResource[],
  controlPlane: ControlPlane,
  without?: string,
): Promise<PolicyChange[]> {
  const reach = await orNothing(() => Reach.read(controlPlane, without));
  const changes = resources.map(async (planned): Promise<PolicyChange> => {
    const { key, existing, action } = planned;
    const detail = detailOf(planned);
    return {
      ...{ key, change: action === "create" ? "appears" : "changes", at },
      ...(detail !== undefined && { detail }),
      ...(reach && { reached: await reach.of(parseKey(key), at === "zone" || existing !== undefined) }),
    };
  });
  return (await Promise.all(changes)).filter(({ reached }) => reached?.proxies !== 0);
}

/** What a plan writes to the global, for the rules. */
export function broughtBy(resources: readonly PlannedResource[]) {
  return withAction(resources, "create", "overwrite").map(({ resource, action }) => ({
    resource,
    overwrites: action === "overwrite",
  }));
}

function withAction(resources: readonly PlannedResource[], ...actions: PlannedResource["action"][]) {
  return resources.filter(({ action, resource }) => actions.includes(action) && !isSecret(resource));
}

async function proxiesIn(zone: ControlPlane): Promise<ZoneProxies> {
  const { connected } = await proxiesOf(zone);
  return { connected: connected.length, perMesh: (await Reach.read(zone)).perMesh() };
}

import type { StackConfig } from "../../stack/config";
import type { ZoneConfig } from "../../stack/settings/controlPlanes";
import type { Arguments } from "../commandLine/arguments";
import { UsageError } from "../commandLine/usageError";
import { putBackKilled } from "../drills/note";
import { withInstruments } from "../drills/open";
import { whyRefused } from "../drills/plan";
import { DRILLS, type DrillName, isDrill } from "../drills/promises";
import { type DrillReport, type DrillsReport, exitStatusOf, formatDrills } from "../drills/report";
import { runDrill } from "../drills/run";
import { stackFilePath } from "../stack/file/stackFile";
import { standingNow } from "../stack/standing/standingNow";
import { print } from "../terminal/print";

export async function drill(root: string, args: Arguments, config: StackConfig): Promise<number> {
  const { stack, probeUrl, acrossUrl, output } = args;
  const { drills, zone } = wanted(root, args, config);
  const refused = drills.map((name) => ({ name, why: whyRefused(name, config, zone) }));
  const [{ why: whyNone }] = refused;
  if (drills.length === 1 && whyNone !== undefined) throw new UsageError(`${whyNone} Nothing was touched.`);
  const standing = await standingNow(root, stack);
  await putBackKilled(root, stack, () => Promise.resolve(standing));
  const urls = { ...(probeUrl !== undefined && { probeUrl }), ...(acrossUrl !== undefined && { acrossUrl }) };
  const reports = await withInstruments({ root, stack, config, standing, zone, ...urls }, async (run) => {
    const done: DrillReport[] = [];
    for (const { name, why } of refused)
      done.push(
        why === undefined
          ? await runDrill(name, run)
          : { drill: name, zone: zone.name, notRun: why, rows: [] },
      );
    return done;
  });
  const status = exitStatusOf(reports);
  const report: DrillsReport = { ok: status === 0, drills: reports };
  print(output === "json" ? JSON.stringify(report, undefined, 2) : formatDrills(reports));
  return status;
}

/** What is asked for; fails before anything is touched. */
function wanted(
  root: string,
  { stack, words = [] }: Arguments,
  { drills, zones }: StackConfig,
): { drills: DrillName[]; zone: ZoneConfig } {
  const [name, zoneName, more] = words;
  const nothing = "Nothing was touched.";
  if (name === undefined || !(name === "all" || isDrill(name)))
    throw new UsageError(
      `${name === undefined ? "No drill is named" : `There is no drill ${JSON.stringify(name)}`}; there are ${DRILLS.join(", ")} and all. ${nothing}`,
    );
  if (more !== undefined)
    throw new UsageError(
      `${JSON.stringify(more)} is one argument too many: a drill has one zone. ${nothing}`,
    );
  if (drills !== "allowed")
    throw new UsageError(
      `Stack ${stack} allows no drills, which break control planes and links for a while. ${nothing} ` +
        `Where that is what the stack is for, put "kuma-federation:drills: allowed" into ${stackFilePath(root, stack)}.`,
    );
  const members = zones.filter(({ federated }) => federated);
  const zone = zoneName === undefined ? members.at(0) : members.find((each) => each.name === zoneName);
  if (!zone)
    throw new UsageError(
      `${zoneName === undefined ? "No zone of the stack is federated" : `The stack has no federated zone ${JSON.stringify(zoneName)}`}; there are: ${members.map((each) => each.name).join(", ") || "none"}. ${nothing}`,
    );
  return { drills: name === "all" ? [...DRILLS] : [name], zone };
}

import { capital } from "../../kuma";
import type { StackConfig } from "../../stack/config";
import type { Arguments } from "../commandLine/arguments";
import { drillUnderWay } from "../drills/note";
import { unfinishedRun } from "../stack/lastRun";
import { standingNow } from "../stack/standingNow";
import { collectStatus, exitStatus } from "../status/collect";
import { QUICK } from "../status/memberStatus";
import { formatStatus } from "../status/tables";
import { print } from "../terminal/print";

export async function status(root: string, args: Arguments, config: StackConfig): Promise<number> {
  const standing = await standingNow(root, args.stack);
  const { unhealthy, ...report } = await collectStatus(standing, config, QUICK, args.marker);
  const unfinished = unfinishedRun(root, args.stack);
  if (unfinished !== undefined)
    report.warnings.unshift(`${capital(unfinished)}. What is told here is how it is now.`);
  const drill = drillUnderWay(root, args.stack);
  if (drill !== undefined) report.warnings.unshift(`${capital(drill)}.`);
  print(args.output === "json" ? JSON.stringify(report, undefined, 2) : formatStatus(report));
  return exitStatus({ ...report, unhealthy });
}

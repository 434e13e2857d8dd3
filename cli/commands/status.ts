import { capital } from "../../kuma";
import type { StackConfig } from "../../stack/config";
import type { Arguments } from "../commandLine/arguments";
import { drillUnderWay } from "../drills/note";
import { unfinishedRun } from "../stack/lastRun";
import type { Standing } from "../stack/standing/standing";
import { standingNow } from "../stack/standing/standingNow";
import { collectStatus, exitStatusOf } from "../status/collect";
import { formatted } from "../status/formats";
import { keepLook, readHistory } from "../status/history";
import { QUICK } from "../status/zone/memberStatus";
import type { StatusReport } from "../status/report";
import { watchStatus } from "../status/watch";
import { print } from "../terminal/print";

export async function status(root: string, args: Arguments, config: StackConfig): Promise<number> {
  const { stack, output, marker } = args;
  const look = async (standing: Standing) => {
    const collected = await collectStatus(standing, config, { patience: QUICK, marker, acrossZones: true });
    const time = new Date().toISOString();
    const report: StatusReport = {
      ...{ version: 1, stack, time, history: readHistory(root, stack) },
      ...collected,
    };
    const unfinished = unfinishedRun(root, stack);
    if (unfinished !== undefined)
      report.warnings.unshift(`${capital(unfinished)}. What is told here is how it is now.`);
    const drill = drillUnderWay(root, stack);
    if (drill !== undefined) report.warnings.unshift(`${capital(drill)}.`);
    keepLook(root, report);
    return report;
  };
  const standing = await standingNow(root, stack);
  if (args.watch)
    return watchStatus({
      look: async () => look(await standingNow(root, stack, true)),
      exitStatus: exitStatusOf,
      asJson: output === "json",
    });
  const report = await look(standing);
  print(formatted(report, output));
  return exitStatusOf(report);
}

import { capital } from "../../kuma";
import type { HttpOptions } from "../../kuma/api/http/transport";
import type { StackConfig } from "../../stack/config";
import type { Arguments } from "../commandLine/arguments";
import { assertBegun, notUp } from "../stack/begun";
import { unfinishedRun } from "../stack/lastRun";
import { withoutSecrets } from "../stack/stackFile";
import { Standing, readStanding } from "../stack/standing";
import { openWithEngine } from "../stack/workspace";
import { collectStatus, exitStatus } from "../status/collect";
import { formatStatus } from "../status/tables";
import { print, tell } from "../terminal/print";

/** Who asks for the status wants an answer soon, also when a control plane is away. */
const QUICK: HttpOptions = { attempts: 3, requestTimeoutMs: 10_000 };

export async function status(root: string, args: Arguments, config: StackConfig): Promise<number> {
  const standing = await standingNow(root, args.stack);
  const { unhealthy, ...report } = await collectStatus(standing, config, QUICK, args.marker);
  const unfinished = unfinishedRun(root, args.stack);
  if (unfinished !== undefined)
    report.warnings.unshift(`${capital(unfinished)}. What is told here is how it is now.`);
  print(args.output === "json" ? JSON.stringify(report, undefined, 2) : formatStatus(report));
  return exitStatus({ ...report, unhealthy });
}

/** Fails where nothing of the stack is there. */
async function standingNow(root: string, name: string): Promise<Standing> {
  // first, as to look with the engine would make the stack
  assertBegun(root, name);
  tell(`Reading the state of stack ${name}…`);
  const standing = await readStanding(await openWithEngine(root, name, withoutSecrets));
  if (!standing) throw notUp(name);
  return standing;
}

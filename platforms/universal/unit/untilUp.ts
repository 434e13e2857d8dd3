import { KumaError, isKumaError } from "../../../kuma";
import { until } from "../../../kuma/until";
import { errorsOf } from "../../errorLines";
import { Host, output } from "../hosts/host";
import type { Configuration } from "./look/configuration";
import { HostedApi } from "./look/openUnit";
import { Unit, readUnit } from "./look/readUnit";

/** Milliseconds for a unit to come up. */
export const START_MS = 90_000;
const LOOK_EVERY_MS = 500;
/** How often systemd may start it again before it counts as one that does not come up. */
const MOST_RESTARTS = 2;
const MOST_LOG_LINES = 400;
/** Milliseconds for what a program has said last to come to the journal. */
const JOURNAL_MS = 2_000;

/**
 * Waits until a unit that was started runs and `answers`. `restarts` is how often systemd had started it again before.
 * Fails with the lines of its journal that tell why it does not come up.
 */
export async function untilUp(
  host: Host,
  name: string,
  restarts: number,
  answers: (unit: Unit) => Promise<boolean>,
): Promise<Unit> {
  const look = async () => {
    const unit = await readUnit(host, name);
    if (/^(failed|inactive)/.test(unit.state))
      throw await notUp(host, name, `does not come up: it is ${unit.state}`);
    const again = unit.restarts - restarts;
    if (again > MOST_RESTARTS)
      throw await notUp(host, name, `does not come up: systemd has started it ${again} times`);
    return { unit, isUp: unit.isActive && (await answers(unit)) };
  };
  const isThere = ({ isUp }: { isUp: boolean }) => isUp;
  const { unit, isUp } = await until(look, { deadlineMs: START_MS, everyMs: LOOK_EVERY_MS, isThere });
  if (!isUp) throw await notUp(host, name, `did not answer within ${START_MS / 1000} s`, "unreachable");
  return unit;
}

/** Whether the API answers and the control plane has made its own secrets, the admin token last. */
export async function controlPlaneAnswers(host: Host, { api }: Pick<Configuration, "api">): Promise<boolean> {
  const options = { title: `the control plane on ${host.title}`, attempts: 1, requestTimeoutMs: 5_000 };
  const zone = new HostedApi(host, api, options);
  try {
    await zone.info();
    await zone.getJson("/globalsecrets/admin-user-token", "its admin token");
    return true;
  } catch (error) {
    if (!isKumaError(error)) throw error;
    return isKumaError(error, "unauthenticated", "forbidden");
  } finally {
    zone.close();
  }
}

/** A unit that ends tells of what it runs; one that is only slow may come up yet. */
export async function notUp(
  host: Host,
  name: string,
  what: string,
  code: "refused" | "unreachable" = "refused",
): Promise<KumaError> {
  const lines = (await lastErrors(host, name)).map((line) => `\n    ${line}`);
  const said = lines.length === 0 ? "" : ` Its journal says:${lines.join("")}\n`;
  return new KumaError(
    code,
    `Unit ${name} on ${host.title} ${what}.${said} "journalctl -u ${name}" there tells more.`,
  );
}

/** The errors in the journal of a unit from now on, by the clock of its host. */
export async function errorsFrom(host: Host, name: string): Promise<() => Promise<string[]>> {
  const since = (await output(host, ["date", "+%s"], "read its clock")).trim();
  return async () => errorsOf(await journal(host, name, `@${since}`));
}

/** What a program has said last may come to the journal a moment after its end. */
function lastErrors(host: Host, name: string): Promise<string[]> {
  return until(async () => errorsOf(await journal(host, name, "-120s")), {
    deadlineMs: JOURNAL_MS,
    everyMs: LOOK_EVERY_MS,
    isThere: (lines) => lines.length > 0,
  });
}

/** `since` as journalctl takes it: `@SECONDS`, or `-120s`. */
async function journal(host: Host, name: string, since: string): Promise<string> {
  const argv = ["-o", "cat", "--no-pager", "--since", since];
  // what a unit said last may be on its way there; with --since, --lines would take the first ones (systemd 252)
  // the journal knows no aliases (systemd 11846)
  const script = `unit=$(systemctl show -p Id --value -- "$1"); shift
journalctl --sync 2>/dev/null; journalctl -u "$unit" "$@" | tail -n ${MOST_LOG_LINES}`;
  const ran = await host.run(["sh", "-c", script, "sh", name, ...argv], { asRoot: true });
  return ran.status === 0 ? ran.stdout : "";
}

import { KumaError, setZoneEnabled } from "../../kuma";
import { type ControlPlaneAccess, openControlPlane } from "../../platforms/openControlPlane";
import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import { type Rule, type RunAsRoot, cut, mend, mendingText, runHere } from "../../platforms/universal/cut";
import { type Host, output } from "../../platforms/universal/hosts/host";
import { withHost } from "../../platforms/universal/hosts/hosts";
import { parseUnitUrl } from "../../platforms/universal/unit/location";
import { type ClusterFailure, makeInCluster, putBackInCluster } from "./inCluster";
import { type Standing, globalAccess } from "../stack/standing/standing";

/** On whose host: the global's, or that of a zone. */
export type Place = { global: true } | { zone: string };

/** What a drill breaks. It is written down, so that a later run can put it back: no secrets. */
export type Failure =
  | { kind: "frozenProcess"; directory: string }
  | { kind: "frozenUnit"; at: Place }
  | { kind: "cut"; rules: Rule[]; at?: Place }
  | { kind: "inCluster"; at: Place; failure: ClusterFailure }
  | { kind: "disabledZone"; zone: string };

/** Seconds after which a host puts back by itself what was broken on it, should nobody else do so. */
const HOST_PUTS_BACK_S = 600;
const TIMER = "kuma-federation-drill";

/** A signal comes to a thread when it gets the processor next: on a busy host some go on answering for a while. */
const HOLD = `
systemctl kill --signal=SIGSTOP -- "$1" || exit
pid=$(systemctl show -p MainPID --value -- "$1")
for look in $(seq 100); do
  grep -hs '^State:' "/proc/$pid"/task/*/status | grep -qv 'T (stopped)' || exit 0
  sleep 0.1
done
echo "it does not stand still" >&2
exit 1
`;

/** Milliseconds for a global to answer after it was held. */
const PATIENCE = { attempts: 8, requestTimeoutMs: 10_000 };

export async function make(failure: Failure, standing: Standing): Promise<void> {
  switch (failure.kind) {
    case "frozenProcess":
      if (!(await new ControlPlaneProcess(failure.directory).freeze()))
        throw new KumaError("unreachable", "The control plane does not run, so nothing was stopped.");
      return;
    case "frozenUnit":
      return onHost(standing, failure.at, async (host, unit) => {
        await setTimer(host, `systemctl kill --signal=SIGCONT ${unit}`);
        await asRoot(host, ["sh", "-c", HOLD, "sh", unit], `stop ${unit}`);
      });
    case "cut":
      if (failure.at === undefined) return cut(failure.rules, runHere);
      return onHost(standing, failure.at, async (host) => {
        await setTimer(host, mendingText(failure.rules));
        await cut(failure.rules, rootOf(host));
      });
    case "inCluster":
      return makeInCluster(failure.failure, accessAt(standing, failure.at));
    case "disabledZone":
      return writeEnabled(standing, failure.zone, false);
  }
}

/** Puts back what is broken, and does nothing where it is whole. */
export async function putBack(failure: Failure, standing: () => Promise<Standing>): Promise<void> {
  switch (failure.kind) {
    case "frozenProcess":
      return new ControlPlaneProcess(failure.directory).thaw();
    case "frozenUnit":
      return onHost(await standing(), failure.at, async (host, unit) => {
        await asRoot(host, ["systemctl", "kill", "--signal=SIGCONT", unit], `have ${unit} go on`);
        await dropTimer(host);
      });
    case "cut":
      if (failure.at === undefined) return mend(failure.rules, runHere);
      return onHost(await standing(), failure.at, async (host) => {
        await mend(failure.rules, rootOf(host));
        await dropTimer(host);
      });
    case "inCluster":
      return putBackInCluster(failure.failure, accessAt(await standing(), failure.at));
    case "disabledZone":
      return writeEnabled(await standing(), failure.zone, true);
  }
}

/** Where a control plane is, as the state of the stack has it. */
export function accessAt({ zones }: Standing, at: Place): ControlPlaneAccess {
  const state = "global" in at ? zones.at(0) : zones.find(({ zoneName }) => zoneName === at.zone);
  if (!state)
    throw new KumaError(
      "notFound",
      `Zone ${"zone" in at ? at.zone : ""} is no member of the global any more, so nothing could be done on its host.`,
    );
  return "global" in at ? state.global : state.zone;
}

export async function onHost<T>(
  standing: Standing,
  at: Place,
  work: (host: Host, unit: string) => Promise<T>,
): Promise<T> {
  const { url, ssh } = accessAt(standing, at);
  const location = parseUnitUrl(url);
  if (!location) throw new KumaError("invalid", `${url} is on no host, so nothing could be done there.`);
  const { unit, ...place } = location;
  return withHost({ ...place, ...ssh }, (host) => work(host, unit));
}

export function rootOf(host: Host): RunAsRoot {
  return (argv) => host.run(argv, { asRoot: true, changes: true });
}

async function asRoot(host: Host, argv: string[], what: string): Promise<void> {
  await output(host, argv, what, { asRoot: true, changes: true });
}

/** First, so that nothing stays broken should this machine be cut off from the host, or end. */
async function setTimer(host: Host, command: string): Promise<void> {
  await dropTimer(host);
  const run = ["systemd-run", "--quiet", `--unit=${TIMER}`, `--on-active=${HOST_PUTS_BACK_S}`];
  await asRoot(host, [...run, "sh", "-c", command], "set a timer that puts it back");
}

/** There may be none: it has run, or was never set. */
async function dropTimer(host: Host): Promise<void> {
  await rootOf(host)(["systemctl", "stop", `${TIMER}.timer`]);
  await rootOf(host)(["systemctl", "reset-failed", `${TIMER}.service`]);
}

async function writeEnabled(standing: Standing, zone: string, enabled: boolean): Promise<void> {
  const state = standing.zones.find(({ zoneName }) => zoneName === zone);
  // it has left since, and took its Zone along
  if (!state) return;
  const global = await openControlPlane(globalAccess(standing, state), "the global control plane", PATIENCE);
  try {
    await setZoneEnabled(global, zone, enabled);
  } finally {
    global.close();
  }
}

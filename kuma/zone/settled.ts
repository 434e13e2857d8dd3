import type { ControlPlane } from "../api/client";
import { KumaError } from "../errors";
import { enumerated } from "../lists";
import { until } from "../until";
import { refusedTypes } from "./refusals";
import { ZoneState, zoneStates } from "./zone";

/** Milliseconds beyond the wait itself for zones that fall off and come back. */
const GRACE_MS = 120_000;
const MOST_BETWEEN_LOOKS_MS = 5_000;
/** Milliseconds by which the clocks of this machine and of the global's may differ. */
const CLOCKS_DIFFER_MS = 300_000;

/** How a zone has been since the last thing happened to it that is not settled. */
interface Watched {
  state: ZoneState;
  /** Of this machine's clock. */
  calmSince: number;
  reconnects: number;
}

/**
 * Waits until zones have settled: each online for so many milliseconds on one connection, on which it refused nothing more. One
 * that has been connected for much longer has settled already. Fails with "gate", and with what each zone did that has not;
 * `later` are those that wait for these.
 */
export async function untilSettled(
  global: ControlPlane,
  names: readonly string[],
  settleMs: number,
  later: readonly string[] = [],
): Promise<void> {
  const watched = new Map<string, Watched>();
  const look = async () => {
    const states = await zoneStates(global, names);
    const now = Date.now();
    names.forEach((name, at) => watched.set(name, seen(states[at], watched.get(name), now)));
    return names.filter((name) => !isSettled(watched.get(name) as Watched, settleMs, now));
  };
  await until(look, {
    deadlineMs: settleMs + GRACE_MS,
    everyMs: Math.max(250, Math.min(MOST_BETWEEN_LOOKS_MS, settleMs / 4)),
    signal: global.address.signal,
    isThere: (restless) => restless.length === 0,
    onTimeout: (restless) => {
      const told = restless.map((name) => `zone ${name} ${whatItDid(watched.get(name) as Watched)}`);
      const untouched =
        later.length > 0 ? `Zones of the waves after it were not touched: ${enumerated(later)}. ` : "";
      return new KumaError(
        "gate",
        `This wave has not settled, as not all of its zones stayed online for ${settleMs / 1_000} s within ${(settleMs + GRACE_MS) / 1_000} s: ${told.join("; ")}. ` +
          `Its zones (${enumerated(names)}) were switched and stay members of the global. ${untouched}` +
          `The log of each zone's control plane tells why. Run it again once that is fixed: it waits again, and goes on with the next wave.`,
      );
    },
  });
}

function seen(state: ZoneState, former: Watched | undefined, now: number): Watched {
  const isSame =
    state.online && former?.state.online === true && state.subscription === former.state.subscription;
  const hasRefused = isSame && refusals(state) > refusals(former.state);
  return {
    state,
    calmSince: isSame && !hasRefused ? former.calmSince : now,
    reconnects: (former?.reconnects ?? 0) + (state.online && former?.state.online && !isSame ? 1 : 0),
  };
}

function isSettled({ state, calmSince }: Watched, settleMs: number, now: number): boolean {
  if (!state.online) return false;
  const connected = state.since === undefined ? NaN : now - Date.parse(state.since);
  return now - calmSince >= settleMs || connected >= settleMs + CLOCKS_DIFFER_MS;
}

function refusals(state: ZoneState): number {
  return refusedTypes(state).reduce((sum, type) => sum + state.rejected[type], 0);
}

function whatItDid({ state, reconnects }: Watched): string {
  if (!state.known) return "is not known to the global";
  if (!state.online) return "is offline";
  const types = refusedTypes(state);
  if (types.length > 0) return `refuses what the global sends of ${types.join(", ")}`;
  return reconnects > 0 ? `reconnected ${reconnects} times` : "has been online for a moment only";
}

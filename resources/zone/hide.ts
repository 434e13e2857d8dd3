import {
  type CallsOfOthers,
  type ControlPlane,
  type Withheld,
  callsOfOthers,
  isKumaError,
  listedServices,
  withhold,
} from "../../kuma";
import { pause } from "../../kuma/until";

/** Milliseconds for other zones to hear that a zone is disabled, and to tell their proxies: 2.1 s at most (docs/drills.md). */
export const LET_GO_MS = 10_000;

export interface Hiding {
  zoneName: string;
  until: Withheld;
  /** Beside that another zone has one of its services. */
  isToBe?: (calls: CallsOfOthers) => boolean | Promise<boolean>;
  /** For a sentence: until when it is disabled, and what for. */
  disabled: string;
  /** For a sentence that warns: before when it could not be disabled, and what follows. */
  failed: string;
  /** Milliseconds for other zones to let go of it. */
  waitMs: number;
  tell: (line: string) => void;
}

type Work = (global: ControlPlane, own?: ControlPlane) => Promise<boolean>;

/**
 * Has other zones know nothing of a zone for a while, where another one that is enabled has one of its services: calls to that go
 * there. `reach` opens the global; `own` is the zone's own control plane. Gives whether the zone was disabled: whoever cannot be told
 * keeps nothing from going on.
 */
export async function hide(reach: (work: Work) => Promise<boolean>, hiding: Hiding): Promise<boolean> {
  const { zoneName, until, isToBe = () => true, disabled, failed, waitMs, tell } = hiding;
  try {
    return await reach(async (global, own) => {
      const calls = await callsOfOthers(global, zoneName, own);
      if (calls.moving.length === 0 || !(await isToBe(calls))) return false;
      if (!(await withhold(global, zoneName, until))) return false;
      tell(`zone ${zoneName}: it is disabled on the global ${disabled} (${listedServices(calls.moving)})`);
      await pause(waitMs, global.address.signal);
      return true;
    });
  } catch (error) {
    if (!isKumaError(error) || error.code === "cancelled") throw error;
    tell(`warning: zone ${zoneName}: it could not be disabled on the global ${failed}. ${error.message}`);
    return false;
  }
}

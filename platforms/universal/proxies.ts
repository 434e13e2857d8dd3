import { ControlPlane, enumerated, isKumaError, notConnectedAgain, printable, proxiesOf } from "../../kuma";
import type { ZoneRuntime } from "./zone/zoneRuntime";

/** Milliseconds for proxies to connect again; Envoy waits up to 30 s between two attempts. */
const DEADLINE_MS = 60_000;

/**
 * To be asked before a zone's control plane is started anew: notes which data plane proxies are connected. What it gives
 * waits afterwards until they are so again, and tells of those that are not: they keep what they know, and no longer
 * learn of anything.
 */
export async function proxiesToComeBack(
  zoneName: string,
  zone: ControlPlane,
  runtime: ZoneRuntime,
): Promise<() => Promise<void>> {
  const before = (await runtime.isRunning()) ? await connectedNow(zone) : [];
  return async () => {
    const missing = await notConnectedAgain(zone, before, DEADLINE_MS);
    if (missing.length === 0) return;
    const told =
      `zone ${zoneName}: ${missing.length} of the ${before.length} data plane proxies that were connected before have not connected again ` +
      `within ${DEADLINE_MS / 1000} s: ${enumerated(missing)}. They go on with the configuration that they have, and get no other. ` +
      `Their logs tell why; a restart makes them connect again.`;
    console.log(printable(told));
  };
}

async function connectedNow(zone: ControlPlane): Promise<string[]> {
  try {
    return (await proxiesOf(zone)).connected;
  } catch (error) {
    // one that does not answer is told of by what follows
    if (isKumaError(error)) return [];
    throw error;
  }
}

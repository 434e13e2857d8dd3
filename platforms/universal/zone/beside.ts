import * as fs from "node:fs";
import { ControlPlane, KumaError, isKumaError } from "../../../kuma";
import { shareAdminAccess } from "../adminAccess";
import { ControlPlaneProcess, ProcessSettings } from "../controlPlaneProcess";
import { freePortBase } from "../ports";

/**
 * Has a control plane on the store of a zone's next life for the time of `work`, with ports of its own that no data
 * plane proxy knows, beside the zone, which goes on as it is.
 */
export async function besideZone(
  process: ControlPlaneProcess,
  next: ProcessSettings,
  work: (zone: ControlPlane) => Promise<void>,
): Promise<void> {
  const beside = process.beside();
  // one that a run that was killed has left
  await beside.remove();
  shareAdminAccess(process, beside);
  const title = `${next.title} on its next store`;
  let zone: ControlPlane | undefined;
  try {
    await beside.start({ ...next, title, portBase: await freePortBase() });
    zone = beside.open(title);
    await work(zone);
  } catch (error) {
    await beside.stop();
    if (!isKumaError(error)) throw error;
    const log = beside.file("kuma-cp.log");
    const seen = fs.existsSync(log) ? ` The log of the control plane beside it: ${log}.` : "";
    throw new KumaError(
      error.code,
      `${error.message} Zone ${next.title} goes on as it was, with the store that it has.${seen}`,
    );
  } finally {
    zone?.close();
  }
  await beside.remove();
}

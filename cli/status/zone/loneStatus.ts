import { ControlPlane, federatedTo, isKumaError } from "../../../kuma";
import { HttpOptions } from "../../../kuma/api/http/transport";
import { openControlPlane } from "../../../platforms/openControlPlane";
import type { LoneZone } from "../../stack/standing/standing";

/** What is told of a zone that runs alone. */
export interface LoneReport {
  name: string;
  /** Null when it could not be asked. */
  version: string | null;
}

/** Looks whether a zone that is to run alone does so. One that is to be federated is told of by the caller. */
export async function loneStatus(
  { name, ...access }: LoneZone,
  isToBeFederated: boolean,
  patience: HttpOptions,
): Promise<{ report: LoneReport; problems: string[]; inconclusive: string[] }> {
  let zone: ControlPlane | undefined;
  try {
    zone = await openControlPlane(access, `the control plane of zone ${name}`, patience);
    const { version } = await zone.info();
    const dialled = federatedTo(await zone.config());
    const isForeign = dialled !== undefined && !isToBeFederated;
    return {
      report: { name, version },
      problems: isForeign
        ? [`Zone ${name} is to run alone, and is a member of the global at ${dialled}.`]
        : [],
      inconclusive: [],
    };
  } catch (error) {
    if (!isKumaError(error)) throw error;
    return { report: { name, version: null }, problems: [], inconclusive: [error.message] };
  } finally {
    zone?.close();
  }
}

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

interface LoneStatus {
  report: LoneReport;
  /** The name that it has by itself, where that is another one: then nothing else is to be told of the one in the stack. */
  calledThere?: string;
  problems: string[];
  inconclusive: string[];
}

/** Looks whether a zone that is to run alone does so. One that is to be federated is told of by the caller. */
export async function loneStatus(
  { name, ...access }: LoneZone,
  isToBeFederated: boolean,
  patience: HttpOptions,
): Promise<LoneStatus> {
  let zone: ControlPlane | undefined;
  try {
    zone = await openControlPlane(access, `the control plane of zone ${name}`, patience);
    const { version } = await zone.info();
    const config = await zone.config();
    const { zoneName: calledThere } = config;
    if (calledThere !== undefined && calledThere !== name)
      return {
        report: { name, version },
        calledThere,
        problems: [misnamed(name, calledThere)],
        inconclusive: [],
      };
    const dialled = federatedTo(config);
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

function misnamed(name: string, calledThere: string): string {
  return (
    `The control plane that the stack has for zone ${name} is called ${JSON.stringify(calledThere)}, and a zone keeps its name. ` +
    `Nothing was changed there, and npm run up changes nothing: set the zone's name to ${JSON.stringify(calledThere)}.`
  );
}

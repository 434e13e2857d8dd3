import { KumaError, unpackSnapshot } from "../../../kuma";
import { OnFailedSwitch, afterFailedSwitch, told, tellsOfZone } from "../../../platforms/failedSwitch";
import { errorsInLog, isDown, untilRolledOut } from "../../../platforms/kubernetes/controlPlanePods";
import { lastAlone, rollBack } from "../../../platforms/kubernetes/helm/helmRollback";
import { ControlPlaneLocation, parseLocation } from "../../../platforms/kubernetes/location";
import type { KubernetesCluster } from "../../../platforms/kubernetes/cluster";
import { leaveGlobal, untilDials } from "../../../platforms/kubernetes/zoneFederation";
import { withCluster } from "../../../platforms/kubernetes/withCluster";
import { Connections, withConnections } from "../../connections";
import { say } from "../../provider/say";

/** The release of a zone that ran alone before. */
export interface AdoptedRelease {
  name: string;
  /** Under which the values of Kuma's chart stand, in an umbrella chart. */
  valuesKey?: string;
}

interface Switched extends Connections {
  adopted?: AdoptedRelease;
  onFailedSwitch?: OnFailedSwitch;
  snapshot?: string;
}

/**
 * What comes after a zone in a cluster did not become a member. One that ran alone since it was a member for the last time
 * is taken back, unless the stack wants it left as it is; any other one stays, and what its control plane says is told.
 * `joinedAt` is the revision of its release with which it was a member. Gives the error to throw.
 */
export async function afterFailedJoin(
  inputs: Switched,
  joinedAt: string | undefined,
  error: KumaError,
): Promise<KumaError> {
  const { zoneName, adopted, snapshot } = inputs;
  const { url, kubeconfig } = inputs.zone;
  const location = parseLocation(url);
  if (!location) return error;
  const { context, namespace } = location;
  return withCluster({ context, kubeconfig }, async (cluster) => {
    // nothing is known of a zone that is only not answered for, and the next run goes on where this one ended
    if (!tellsOfZone(error) && !(await isDown(cluster, location))) return error;
    const said = await errorsInLog(cluster, location);
    const place = adopted && { ...adopted, namespace };
    const alone = place && (await lastAlone(cluster, place));
    if (!place || snapshot === undefined || alone === undefined || alone <= Number(joinedAt ?? 0))
      return new KumaError(error.code, `${error.message}${told(said)}`);
    return afterFailedSwitch(error, {
      ...{ zoneName, onFailedSwitch: inputs.onFailedSwitch ?? "takeBack", said },
      takeBack: async () => {
        say(`zone ${zoneName}: it is taken back, to revision ${alone} of its release`);
        await rollBack(cluster, place, alone);
        await runsAlone(cluster, location, inputs, snapshot);
      },
    });
  });
}

async function runsAlone(
  cluster: KubernetesCluster,
  location: ControlPlaneLocation,
  connections: Connections,
  snapshot: string,
): Promise<void> {
  await untilRolledOut(cluster, location);
  await withConnections(connections, async (sides) => {
    await untilDials(sides.zone, sides.zoneName, undefined);
    await leaveGlobal(sides, unpackSnapshot(snapshot));
  });
}

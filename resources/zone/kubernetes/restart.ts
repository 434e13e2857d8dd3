import { restartControlPlane } from "../../../platforms/kubernetes/controlPlanePods";
import { parseLocation } from "../../../platforms/kubernetes/location";
import { withCluster } from "../../../platforms/kubernetes/withCluster";
import type { ZoneConnection } from "../../connections";
import { say } from "../../provider/say";

/** Starts a zone's control plane anew, and says why. Does nothing, and gives false, where it is in no cluster. */
export async function restartInCluster({ zone, zoneName }: ZoneConnection, why: string): Promise<boolean> {
  const location = parseLocation(zone.url);
  if (!location) return false;
  say(`zone ${zoneName}: its control plane is restarted, so that it ${why}`);
  await withCluster({ context: location.context, kubeconfig: zone.kubeconfig }, (cluster) =>
    restartControlPlane(cluster, location),
  );
  return true;
}

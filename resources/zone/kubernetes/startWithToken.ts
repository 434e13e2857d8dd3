import { parseLocation } from "../../../platforms/kubernetes/location";
import { restartControlPlane } from "../../../platforms/kubernetes/controlPlanePods";
import { type ZoneConnection, withCluster } from "../../connections";
import { say } from "../../provider/say";

/** A zone in a cluster that shows its global a token. */
export interface ShowsToken extends ZoneConnection {
  zoneName: string;
  /** Of the token. */
  tokenDigest?: string;
}

/**
 * Starts a zone's control plane anew where its token is another one than it was: pods have it from a variable, which
 * Kubernetes sets when they start. Otherwise the zone would be cut off when the former token ends.
 */
export async function startWithToken(
  former: ShowsToken,
  { zone, zoneName, tokenDigest }: ShowsToken,
): Promise<void> {
  if (former.tokenDigest === undefined || tokenDigest === former.tokenDigest) return;
  const location = parseLocation(zone.url);
  if (!location) return;
  say(`zone ${zoneName}: its control plane is restarted, so that it shows its new token`);
  await withCluster({ context: location.context, kubeconfig: zone.kubeconfig }, (cluster) =>
    restartControlPlane(cluster, location),
  );
}

import type { ZoneConnection } from "../../connections";
import { restartInCluster } from "./restart";

/** A zone in a cluster that shows its global a token. */
export interface ShowsToken extends ZoneConnection {
  /** Of the token. */
  tokenDigest?: string;
}

/**
 * Starts a zone's control plane anew where its token is another one than it was: pods have it from a variable, which
 * Kubernetes sets when they start. Otherwise the zone would be cut off when the former token ends.
 */
export async function startWithToken(former: ShowsToken, now: ShowsToken): Promise<void> {
  if (former.tokenDigest === undefined || now.tokenDigest === former.tokenDigest) return;
  await restartInCluster(now, "shows its new token");
}

import { Konnect, KonnectAddresses, KumaError } from "../kuma";
import { isKnown } from "./provider/handler";

/** How a resource's inputs name Konnect. */
export interface KonnectConnection extends Pick<KonnectAddresses, "apiUrl" | "identityUrl"> {
  region: string;
  /** Secret. */
  token: string;
}

/** Opens Konnect for the time of one call. */
export async function withKonnect<T>(
  { apiUrl, identityUrl, region, token }: KonnectConnection,
  work: (konnect: Konnect) => Promise<T>,
): Promise<T> {
  if (!token || !isKnown(token)) {
    throw new KumaError(
      "invalid",
      `There is no token for Konnect. Set it with "pulumi config set --secret konnectToken", or give it in the variable KONNECT_TOKEN. Nothing was changed.`,
    );
  }
  const konnect = new Konnect({ apiUrl, identityUrl, region, token, kdsAddress: "" });
  try {
    return await work(konnect);
  } finally {
    konnect.close();
  }
}

/** For deletions, which get what the state holds: the token in it may have ended since. */
export function konnectToken(inState: string): string {
  return process.env.KONNECT_TOKEN || inState;
}

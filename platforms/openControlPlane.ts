import { ControlPlane } from "../kuma";
import { HttpOptions } from "../kuma/api/http";
import { openKubernetesControlPlane } from "./kubernetes/controlPlane";
import { parseLocation } from "./kubernetes/location";

/** How a control plane's API is reached. */
export interface ControlPlaneAccess {
  /** `http(s)://…`, or `kubernetes://<context>/<namespace>/<service>` for one that runs in a cluster. */
  url: string;
  /** Secret. */
  tokens?: string[];
  /** Path or content (secret) of a kubeconfig, for a control plane in a cluster; the usual places when left out. */
  kubeconfig?: string;
  /** PEM of the authority that signed the certificate of an `https://` address; the system's when left out. */
  ca?: string;
}

/** Opens a control plane, wherever it runs. `title` is how messages call it. It is to be closed again. */
export async function openControlPlane(
  { url, tokens, kubeconfig, ca }: ControlPlaneAccess,
  title: string,
  http: HttpOptions = {},
): Promise<ControlPlane> {
  const location = parseLocation(url);
  if (!location) return new ControlPlane({ title, url, tokens, ca, ...http });
  return openKubernetesControlPlane(location, kubeconfig, { title, tokens, ...http });
}

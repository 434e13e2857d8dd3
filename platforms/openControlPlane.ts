import { ControlPlane } from "../kuma";
import { HttpOptions } from "../kuma/api/http/transport";
import { openKubernetesControlPlane } from "./kubernetes/controlPlane";
import { parseLocation } from "./kubernetes/location";
import { SshKeys, UnitAccess, parseUnitUrl } from "./universal/unit/location";
import { openUnit } from "./universal/unit/look/openUnit";

/** How a control plane's API is reached. */
export interface ControlPlaneAccess {
  /**
   * `http(s)://…`, `kubernetes://<context>/<namespace>/<service>` for one that runs in a cluster, or
   * `ssh://<user>@<host>:<port>/<unit>` for one that is a unit of systemd on a host.
   */
  url: string;
  /** Secret. */
  tokens?: string[];
  /** Path or content (secret) of a kubeconfig, for a control plane in a cluster; the usual places when left out. */
  kubeconfig?: string;
  /** Secret: with what a host is reached over SSH. */
  ssh?: SshKeys;
  /** Further instances of it, each a unit on a host of its own. It is asked at the first one. */
  instances?: UnitAccess[];
  /** PEM of the authority that signed the certificate of an `https://` address; the system's when left out. */
  ca?: string;
}

/** Opens a control plane, wherever it runs. `title` is how messages call it. It is to be closed again. */
export async function openControlPlane(
  { url, tokens, kubeconfig, ssh, instances, ca }: ControlPlaneAccess,
  title: string,
  http: HttpOptions = {},
): Promise<ControlPlane> {
  if (parseUnitUrl(url)) return openUnit([{ url, ssh }, ...(instances ?? [])], { title, tokens, ...http });
  const location = parseLocation(url);
  if (!location) return new ControlPlane({ title, url, tokens, ca, ...http });
  return openKubernetesControlPlane(location, kubeconfig, { title, tokens, ...http });
}

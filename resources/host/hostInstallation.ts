import { resource } from "../provider/resource";
import type { HostPlace } from "./hostPlace";

export interface HostInstallationArgs extends HostPlace {
  /** System user that the unit runs as. */
  runsAs: string;
  /** Its data and its user go with it. */
  removesData?: boolean;
}

/**
 * What comes before a unit that the stack installs on a host, and takes away what a run has left there that did not come to
 * its end: the state knows nothing of a resource that failed.
 */
export class HostInstallation extends resource<HostInstallationArgs, object>()("hostInstallation", {
  ssh: "secret",
}) {}

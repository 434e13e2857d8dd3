import type { Connections } from "../connections";
import { resource } from "../provider/resource";

export interface UniversalWayBackArgs extends Connections {
  /** Where the zone's process lies, relative to the program's directory. */
  directory: string;
  /** Secret: what the zone held before. */
  snapshot: string;
}

export interface UniversalWayBackOutputs {
  /** Secret: everything that the zone's API showed before the switch, see kuma/ledger. */
  before?: string;
}

/** The way back of a zone on this machine: deleted, it takes the zone off its global, to run alone with what it had. */
export class UniversalWayBack extends resource<UniversalWayBackArgs, UniversalWayBackOutputs>()(
  "universalWayBack",
  {
    before: "secret",
  },
) {}

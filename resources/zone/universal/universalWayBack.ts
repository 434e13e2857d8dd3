import { resource } from "../../provider/resource";
import type { Joining } from "../withheld";
import type { ZonePlace } from "./zoneRuntime";

export interface UniversalWayBackArgs extends Joining, ZonePlace {
  /** Secret: what the zone held before. */
  snapshot: string;
}

export interface UniversalWayBackOutputs {
  /** Secret: everything that the zone's API showed before the switch, see kuma/ledger. */
  before?: string;
}

/** The way back of a zone on this machine or on a host: deleted, it takes the zone off its global, to run alone with what it had. */
export class UniversalWayBack extends resource<UniversalWayBackArgs, UniversalWayBackOutputs>()(
  "universalWayBack",
  {
    before: "secret",
    proxyHosts: "secret",
  },
) {}

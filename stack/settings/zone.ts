import type { Profile } from "../../kuma";

/** What each zone has, wherever it runs. */
export interface CommonZoneConfig {
  name: string;
  /** False takes the zone off the global and lets it run alone again. */
  federated: boolean;
  /** Whether other zones get what it has; as it is on the global when left out. */
  enabled?: boolean;
  /** The global issues a token, with which it connects. */
  cpToken?: { tokenDays: number };
  /** Which of its resources become the global's; `federation` when left out. */
  profile?: Profile;
  /** Where the stack keeps what it has of it. */
  directory: string;
}

import type { ZoneToken } from "../../kuma";
import type { GlobalConnection } from "../connections";
import { resource } from "../provider/resource";

export interface CpTokenArgs extends GlobalConnection {
  zoneName: string;
  /** Until it ends; it is renewed before. */
  tokenDays: number;
  /** Counts how often the global had to be filled again, and so may sign with another key. */
  generation?: number;
}

/** What the control plane of a zone shows a global of Kong Mesh that asks for it (`cpToken`). Issued by the global. */
export class CpToken extends resource<CpTokenArgs, ZoneToken>()("cpToken", {
  token: "secret",
  ends: "plain",
}) {}

import type { ZoneAccess, ZoneAccessArgs } from "../../platforms/konnect/zoneAccess";
import type { KonnectConnection } from "../konnectConnection";
import { resource } from "../provider/resource";

export type KonnectZoneArgs = KonnectConnection & ZoneAccessArgs;

/** What lets a zone connect with Konnect: a system account, its role, and a token that is renewed before it ends. */
export class KonnectZone extends resource<KonnectZoneArgs, ZoneAccess>()("konnectZone", {
  zoneToken: "secret",
  account: "plain",
}) {}

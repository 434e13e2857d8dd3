import type { Brought, OnUndo } from "../../kuma";
import type { FederationArgs, FollowerArgs } from "./federationArgs";
import { resource } from "../provider/resource";

export interface GlobalWayBackArgs extends FederationArgs {
  onUndo: OnUndo;
  /** Zones that join after this one, in that order: they are compared with it before anything is written. */
  followers?: FollowerArgs[];
  /** Names of zones that were carried before this one and are switched side by side with it. */
  switchedWith?: string[];
}

export interface GlobalWayBackOutputs {
  /** Filled in by `check`, so that previews show it; left out where the zone had joined before there was a record. */
  brought?: Brought;
  /** Secret: the key of the digests. */
  digestKey?: string;
}

/**
 * The record of what a global does not have before a zone hands over, made before anything is written there. Deleted, it
 * takes that off the global where `onUndo` asks for it.
 */
export class GlobalWayBack extends resource<GlobalWayBackArgs, GlobalWayBackOutputs>()("globalWayBack", {
  brought: "plain",
  digestKey: "key",
}) {}

/** The components. Each has a reference of its arguments in its types. */
export * from "./arguments/choices";
export type { ConflictRule } from "./arguments/conflicts";
export type { ExistingGlobalArgs } from "./existing/args";
export { ExistingZone, type ExistingZoneArgs } from "./existingZone";
export { FederationBridge, type FederationBridgeArgs } from "./federationBridge";
export { GlobalControlPlane, type GlobalControlPlaneArgs } from "./globalControlPlane";
export type { KonnectGlobalArgs } from "./konnect/args";
export type * from "./kubernetes/args";
export type { CarriedResources, ControlPlaneApi, GlobalMembership, KonnectMembership } from "./membership";
export { MeshPolicies, type MeshPoliciesArgs } from "./meshPolicies";
export type { PolicySource } from "./arguments/policySource";
export { RolloutWave, type RolloutWaveArgs } from "./rolloutWave";
export type * from "./universal/args";
export type { ZoneConnection, ZoneDatabase, ZoneRelease } from "./arguments/zoneConnection";
export { ZoneControlPlane, type ZoneControlPlaneArgs } from "./zoneControlPlane";

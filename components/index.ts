export * from "./clusters";
export * from "./federationBridge";
export * from "./globalControlPlane";
export * from "./handedOverPolicies";
export * from "./stackConfig";
export * from "./standaloneZoneControlPlane";
export * from "./zoneControlPlane";

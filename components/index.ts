export * from "./config";
export * from "./federationBridge";
export * from "./globalControlPlane";
export * from "./handedOverPolicies";
export * from "./standaloneZoneControlPlane";
export * from "./zoneControlPlane";

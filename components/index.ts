export * from "./clusters";
export * from "./demo";
export * from "./federationBridge";
export * from "./globalControlPlane";
export * from "./handedOverPolicies";
export * from "./stackConfig";
export * from "./standaloneZoneControlPlane";
export * from "./zoneControlPlane";

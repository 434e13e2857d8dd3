export * from "./clusters";
export * from "./federationBridge";
export * from "./globalControlPlane";
export * from "./stackConfig";
export * from "./standaloneZoneControlPlane";
export * from "./zoneControlPlane";

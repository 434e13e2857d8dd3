export * from "./clusters";
export * from "./demo";
export * from "./federationBridge";
export * from "./globalControlPlane";
export * from "./stackConfig";
export * from "./standaloneZoneControlPlane";
export * from "./zoneControlPlane";

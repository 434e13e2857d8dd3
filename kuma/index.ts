/** Federation of Kuma control planes over their REST API, without Pulumi. */
export * from "./apply";
export * from "./client";
export * from "./errors";
export * from "./export";
export * from "./federate";
export * from "./files";
export * from "./mesh";
export * from "./ownership";
export * from "./plan";
export * from "./policies";
export * from "./resource";
export * from "./resourceTypes";
export * from "./restore";
export * from "./snapshot";
export * from "./verify";
export * from "./versions";
export * from "./zone";

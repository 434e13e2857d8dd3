export * from "./handOver";
export * from "./prospect";
export * from "./selection";

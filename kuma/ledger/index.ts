/** What a zone was before and is after, and why it differs. Knows nothing of export, plan and sanitising. */
export * from "./changes";
export * from "./compare";
export * from "./copies";
export * from "./foretell";
export * from "./record";
export * from "./rule";
export * from "./rules";
export * from "./since";
export * from "./table";
export * from "./tell";
export * from "./witness";

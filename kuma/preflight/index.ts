/** What can go wrong with a federation, looked at before anything is written. */
export * from "./check";
export * from "./checks";
export { dialIngresses } from "./checks/connection/ingresses";
export * from "./facts";
export * from "./dial";
export * from "./preflight";

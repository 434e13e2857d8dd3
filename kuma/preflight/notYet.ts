/** Thrown by a fact that cannot be known before the stack has made the global. */
export class NotYet extends Error {}

/** A command line that makes no sense. It stands alone, so that it is told before anything else is loaded. */
export class UsageError extends Error {}

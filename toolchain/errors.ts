/**
 * A tool that the program needs cannot be had. The message is written for the user: whole sentences that say
 * what was tried, why it failed and what to do, so that a caller prints it as it is, without a stack.
 */
export class ToolchainError extends Error {
  override readonly name = "ToolchainError";
}

/** The text of anything thrown, for putting into a sentence. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

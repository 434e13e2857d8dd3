import type { Terminal } from "./progress";

/** What every step of the toolchain gets from its caller; nothing here reads `process` behind its back. */
export interface ToolchainContext {
  /** Environment variables, `process.env` as a rule. */
  readonly env: NodeJS.ProcessEnv;
  /** Receives notes and progress, one line a call, without a line end. */
  readonly log: (line: string) => void;
  /** Where a progress line can be redrawn, `process.stderr` as a rule; without it progress goes to `log`. */
  readonly terminal?: Terminal;
  /** Ends a download or a build early; what was half done is removed. */
  readonly signal?: AbortSignal;
}

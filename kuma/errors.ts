import { printable } from "./printable";

/** What went wrong, for programs; the message is for people. */
export type KumaErrorCode =
  | "unreachable"
  | "notKuma"
  | "unsupportedVersion"
  | "unauthenticated"
  | "forbidden"
  | "notFound"
  | "refused"
  | "rateLimited"
  | "server"
  | "incomplete"
  | "cancelled"
  | "conflict"
  | "alreadyFederated"
  | "gate"
  /** A zone is not what it was, and no rule of the ledger says why. */
  | "unexplained"
  | "invalid";

/**
 * An error that a user can meet. Its message is one sentence or two that say what happened, to which resource or
 * control plane, and what to do; it never holds the content of a secret, a token or a request body,
 * and no character that a terminal would obey.
 */
export class KumaError extends Error {
  constructor(
    readonly code: KumaErrorCode,
    message: string,
    readonly status?: number,
  ) {
    super(printable(message));
    this.name = "KumaError";
  }
}

export function isKumaError(error: unknown, ...codes: KumaErrorCode[]): error is KumaError {
  return error instanceof KumaError && (codes.length === 0 || codes.includes(error.code));
}

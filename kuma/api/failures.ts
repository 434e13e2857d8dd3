import { KumaError } from "../errors";
import { HOSTED_TOKEN_ADVICE, HostedApi } from "../konnect/hostedApi";
import { capital } from "../printable";
import type { HttpResponse } from "./http/transport";
import { UNSPOKEN, wordsOf } from "./refusals";

/** The control plane that a failure is about. */
export interface Subject {
  readonly title: string;
  /** Its address, for people. */
  readonly reference: string;
  /** Set where Konnect hosts it. */
  readonly hosted: HostedApi | undefined;
  readonly tokensAtHand: readonly string[];
}

/** Words of the server are shown unless they repeat `secrets` or a token; "never" for what is about a secret. */
export function failureOf(
  { title, reference, hosted, tokensAtHand }: Subject,
  { status, body }: HttpResponse,
  what: string,
  secrets: readonly string[] | "never" = [],
): KumaError {
  const who = `${title} (${reference})`;
  const reason = secrets === "never" ? UNSPOKEN : wordsOf(body, [...tokensAtHand, ...secrets]);
  switch (status) {
    case 401:
      return new KumaError(
        "unauthenticated",
        `${capital(who)} does not accept the token that was given, or wants one, for ${what}. ` +
          (hosted
            ? HOSTED_TOKEN_ADVICE[401]
            : `Give an admin token of that control plane (its global secret admin-user-token holds one).`),
        status,
      );
    case 403:
      return new KumaError(
        "forbidden",
        `${capital(who)} denies access to ${what}${reason}. ` +
          (hosted
            ? HOSTED_TOKEN_ADVICE[403]
            : `An admin token is needed (the control plane's global secret admin-user-token holds one).`),
        status,
      );
    case 404:
      return new KumaError("notFound", `${capital(who)} has no ${what}${reason}.`, status);
    case 429:
      return new KumaError(
        "rateLimited",
        `${capital(who)} keeps answering 429 (too many requests) to ${what}.`,
        status,
      );
    default:
      return new KumaError(
        status >= 500 ? "server" : "refused",
        status >= 500
          ? `${capital(who)} failed on ${what} with status ${status}${reason}, also when asked again.`
          : `${capital(who)} refuses ${what} with status ${status}${reason}.`,
        status,
      );
  }
}

/** An answer that is none of a control plane's. */
export function malformed({ title, reference }: Subject, path: string, why?: string): KumaError {
  return new KumaError(
    "notKuma",
    `${capital(title)} at ${reference} gives an answer to ${path} that is not one of a Kuma control plane` +
      `${why === undefined ? "" : `: ${why}`}.`,
  );
}

export function noControlPlane({ reference }: Subject, status: number): KumaError {
  return new KumaError(
    "notKuma",
    `What answers at ${reference} is not a Kuma or Kong Mesh control plane (status ${status}, no product and version). ` +
      `Give the address of the control plane's API server, by default port 5681.`,
  );
}

export function unreachable({ title, reference }: Subject, reason: string): KumaError {
  return new KumaError(
    "unreachable",
    `${capital(title)} at ${reference} cannot be reached: ${reason}. ` +
      `Check that it runs, and that its address is right.`,
  );
}

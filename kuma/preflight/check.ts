import type { KumaErrorCode } from "../errors";
import type { Facts } from "./facts";

/**
 * - `ok`: looked at, and in order;
 * - `warning`: it can be federated, but something is to be known first;
 * - `blocker`: it would fail or lose something, so nothing is written;
 * - `inconclusive`: it could not be looked at, which is not a pass;
 * - `pending`: there is nothing to look at yet, as the stack is still to make it. It is looked at again by `up`.
 */
export type Verdict = "ok" | "warning" | "blocker" | "inconclusive" | "pending";

export interface Finding {
  verdict: Verdict;
  /** One sentence that says what was found. */
  sentence: string;
  /** What it was seen by: names, digests, addresses; never the content of a secret. */
  evidence?: string[];
  /** What to do; for every verdict but ok and pending. */
  remedy?: string;
  /** Of the error that a blocker becomes in `up`; "invalid" when left out. */
  error?: KumaErrorCode;
}

export interface Check {
  /** Stable: programs may rely on it. */
  code: string;
  /** What is looked at, for a person who reads the list of checks. */
  title: string;
  /** The page and heading that tell more of it, where it has one of its own. */
  doc?: string;
  /** Also tells something of a zone that is federated with this global already. */
  always?: boolean;
  /** Looks at what matters only where Konnect hosts the global. */
  hostedOnly?: boolean;
  /** Looks at the host of a zone that this program reaches there. */
  hostOnly?: boolean;
  run(facts: Facts): Promise<Finding>;
}

/** A finding together with the check that made it. */
export interface CheckResult extends Finding {
  code: string;
  title: string;
  evidence: string[];
  doc?: string;
}

import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";

/**
 * Digests stand where many may read: in previews, in logs, and in clear in the state. What a secret of few possible values
 * is could be found by trying all of them, so digests have a key. Who stores digests keeps the key beside them, encrypted,
 * and compares with that key only.
 */
const inUse = new AsyncLocalStorage<string>();

/** Serves what is shown, or compared within this process, and stored nowhere. */
const ofThisProcess = newDigestKey();

export function newDigestKey(): string {
  return randomBytes(32).toString("base64url");
}

/** Does some work in which every digest has the key that is given, also in what it awaits. */
export function withDigestKey<T>(key: string | undefined, work: () => T): T {
  return key === undefined ? work() : inUse.run(key, work);
}

export function digestKey(): string {
  return inUse.getStore() ?? ofThisProcess;
}

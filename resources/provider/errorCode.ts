import { KumaError, KumaErrorCode } from "../../kuma";

/**
 * All was done, and what came of it is not as it was: a problem that was found, where every other code tells of
 * something that could not be done.
 */
export const FOUND: KumaErrorCode = "unexplained";

/** At the end, where no word of anybody else's can stand; the provider's host prints a colon and the stack after it. */
const CODE = / \[code: (\w+)\]:?$/;

/**
 * The engine passes on nothing of a provider's error but its text (@pulumi/pulumi 3.248.0,
 * cmd/dynamic-provider/index.ts: the status is always UNKNOWN). So the one code that makes a difference stands in it.
 */
export function withCode(error: KumaError): KumaError {
  const { code, message, status } = error;
  // a text of somebody else's that ends like one gets its own code after it
  const isTold = code === FOUND || CODE.test(message);
  return isTold ? new KumaError(code, `${message} [code: ${code}]`, status) : error;
}

/** What a text of the engine's says, and its code where it has one. */
export function splitCode(text: string): { text: string; code?: string } {
  const code = CODE.exec(text)?.[1];
  return code === undefined ? { text } : { text: text.replace(CODE, ""), code };
}

import * as assert from "node:assert/strict";
import { KumaError, KumaErrorCode } from "../../kuma";

/** The `KumaError` with which the work ends; fails when it ends otherwise. */
export async function kumaErrorOf(
  work: (() => unknown) | Promise<unknown>,
): Promise<{ code: KumaErrorCode; message: string }> {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    if (!(error instanceof KumaError)) throw error;
    return { code: error.code, message: error.message };
  }
  return assert.fail("it was expected to fail, but did not");
}

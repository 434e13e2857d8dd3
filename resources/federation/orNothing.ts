import { isKumaError } from "../../kuma";

/** What a preview says beside is no reason for it to fail. */
export async function orNothing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isKumaError(error)) return undefined;
    throw error;
  }
}

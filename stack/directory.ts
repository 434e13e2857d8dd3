import * as path from "node:path";

/**
 * Where processes of a stack keep their files; `KUMA_FEDERATION_STATE` moves it. Apart from what the program keeps beside
 * it, whatever a stack is called.
 */
export function stackDirectory(stack: string): string {
  return path.join(process.env.KUMA_FEDERATION_STATE ?? ".kuma-federation", "stacks", stack);
}

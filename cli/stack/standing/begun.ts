import { ofStack } from "../../commandLine/ofStack";
import { UsageError } from "../../commandLine/usageError";
import { hasBackendOf } from "../workspace";

/** Fails where no command has begun anything with the stack. */
export function assertBegun(root: string, name: string): void {
  if (!hasBackendOf(root, name)) throw notUp(name);
}

export function notUp(stack: string): UsageError {
  return new UsageError(
    `Stack ${stack} is not up: there is nothing of it, so there is nothing to compare. Run npm run up${ofStack(stack)} first.`,
  );
}

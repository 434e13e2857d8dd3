/** What a command takes behind its name to mean a stack; nothing for the one that it means anyway. */
export function ofStack(stack: string): string {
  return stack === "dev" ? "" : ` -- --stack ${stack}`;
}

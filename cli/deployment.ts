import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { Stack } from "@pulumi/pulumi/automation";
import { OperationFailed } from "./errors";

/** A stack's state as the engine gives it out, with secrets encrypted. */
export interface Exported {
  deployment: {
    resources?: { urn: string; outputs?: Record<string, unknown> }[];
    pending_operations?: unknown[];
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/**
 * Reads a stack's state. The automation API's own `exportStack` asks for secrets in clear (@pulumi/pulumi 3.248,
 * automation/localWorkspace.ts); nothing here needs them.
 */
export async function exportDeployment(stack: Stack): Promise<Exported> {
  return JSON.parse(await runEngine(stack, ["stack", "export"])) as Exported;
}

/**
 * Puts a state in the place of a stack's. It goes through a pipe: the automation API's own `importStack` writes it into a
 * file of the system's temporary directory that everyone can read, and leaves it there when the engine fails.
 */
export async function importDeployment(stack: Stack, exported: Exported): Promise<void> {
  await runEngine(stack, ["stack", "import"], JSON.stringify(exported));
}

async function runEngine({ name, workspace }: Stack, args: readonly string[], input = ""): Promise<string> {
  const { pulumiCommand, pulumiHome, envVars, workDir } = workspace;
  const child = spawn(pulumiCommand.command, [...args, "--stack", name, "--non-interactive"], {
    cwd: workDir,
    env: { ...process.env, ...(pulumiHome && { PULUMI_HOME: pulumiHome }), ...envVars },
  });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on("close", resolve).on("error", reject),
  );
  // one that ends before it has read everything says why by itself
  child.stdin.on("error", () => {}).end(input);
  const [output, complaint, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (status === 0) return output;
  const reason = /^error: (.*)$/m.exec(complaint)?.[1] ?? `exit status ${status}`;
  throw new OperationFailed(
    `The engine's "pulumi ${args.join(" ")}" of stack ${name} failed: ${reason}. Nothing was changed.`,
  );
}

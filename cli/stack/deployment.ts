import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type { Stack } from "@pulumi/pulumi/automation";
import type { Drift } from "../../kuma";
import { OperationFailed } from "../terminal/errors";

/** A stack's state as the engine gives it out. */
export interface Exported {
  deployment: {
    resources?: {
      urn: string;
      outputs?: Record<string, unknown>;
      /** When the engine wrote it last, as RFC 3339. */
      modified?: string;
      /** Was replaced, and is still to be deleted. */
      delete?: boolean;
    }[];
    pending_operations?: unknown[];
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/**
 * Reads a stack's state, with its secrets encrypted unless they are asked for; they come through a pipe. The automation
 * API's own `exportStack` always asks for them (@pulumi/pulumi 3.248, automation/localWorkspace.ts).
 */
export async function exportDeployment(stack: Stack, { withSecrets = false } = {}): Promise<Exported> {
  const secrets = withSecrets ? ["--show-secrets"] : [];
  return JSON.parse(await runEngine(stack, ["stack", "export", ...secrets])) as Exported;
}

/** Whether a state has nothing but the stack itself. */
export function isEmpty({ deployment: { resources = [] } }: Exported): boolean {
  return resources.every(({ urn }) => urn.split("::")[2].startsWith("pulumi:"));
}

/** Something that is not on the global as it was. */
export interface Drifted {
  key: string;
  kind: Drift[string];
  /** The stack itself wrote it, see its setting `policies`. */
  isOwn: boolean;
}

/** What the last refresh has found, and of how many resources of the state it could tell something. */
export function driftIn({ deployment: { resources = [] } }: Exported): { drift: Drifted[]; looked: number } {
  const looked = resources.flatMap(({ outputs = {} }) =>
    outputs.drift
      ? [{ drift: outputs.drift as Drift, isOwn: "stored" in outputs || "objects" in outputs }]
      : [],
  );
  const drift = looked.flatMap(({ drift, isOwn }) =>
    Object.entries(drift).map(([key, kind]) => ({ key, kind, isOwn })),
  );
  return { drift, looked: looked.length };
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

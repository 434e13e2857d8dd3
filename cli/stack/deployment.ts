import type { Drift } from "../../kuma";
import { EngineFailed, EngineStack } from "./engineStack";

/** A stack's state as the engine gives it out. */
export interface Exported {
  deployment: {
    resources?: {
      urn: string;
      outputs?: Record<string, unknown>;
      /** When the engine wrote it last, as RFC 3339. */
      modified?: string;
      protect?: boolean;
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
export async function exportDeployment(stack: EngineStack, { withSecrets = false } = {}): Promise<Exported> {
  const secrets = withSecrets ? ["--show-secrets"] : [];
  try {
    return JSON.parse(await stack.run(["stack", "export", ...secrets])) as Exported;
  } catch (error) {
    // no command has made it yet
    if (error instanceof EngineFailed && /no stack named '.*' found/.test(error.complaint))
      return { deployment: {} };
    throw error;
  }
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
export async function importDeployment(stack: EngineStack, exported: Exported): Promise<void> {
  await stack.run(["stack", "import"], JSON.stringify(exported));
}

import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { text } from "node:stream/consumers";
import type { Stack } from "@pulumi/pulumi/automation";
import { OperationFailed } from "../terminal/errors";

/** How the engine is run for a stack. */
export interface EnginePlace {
  /** The engine's program. */
  command: string;
  /** Holds the stack's file and the project's. */
  workDir: string;
  /** What it gets beside this process's environment. */
  variables: Record<string, string>;
  /** Where this project's own backend keeps the state; left out where it is in another one. */
  stateFile?: string;
}

/** Another list of the arguments that Pulumi's SDK gives its engine. */
export type ArgumentsChange = (args: string[]) => string[];

/**
 * A stack as the engine has it. Its state is read and written by commands of the engine; Pulumi's SDK, which takes a second to be
 * loaded, serves what runs the program.
 */
export class EngineStack {
  private loaded: Promise<Stack> | undefined;

  constructor(
    readonly name: string,
    readonly place: EnginePlace,
    private readonly load: (change?: ArgumentsChange) => Promise<Stack>,
  ) {}

  /** For operations; the stack is made where it is not there. */
  operations(): Promise<Stack> {
    return (this.loaded ??= this.load());
  }

  /** As `operations`, with other arguments for the engine than Pulumi's SDK gives it. */
  operationsWith(change: ArgumentsChange): Promise<Stack> {
    return this.load(change);
  }

  /**
   * Whether the state may have a field of this name: false only where the own backend's file says so. That file is read in a
   * fraction of the time in which the engine gives out the state of a stack with many zones.
   */
  mayHave(field: string): boolean {
    const { stateFile } = this.place;
    return (
      stateFile === undefined ||
      !fs.existsSync(stateFile) ||
      fs.readFileSync(stateFile, "utf8").includes(`"${field}"`)
    );
  }

  /** Runs a command of the engine on the stack, and gives what it prints. */
  async run(args: readonly string[], input = ""): Promise<string> {
    const { command, workDir, variables } = this.place;
    const child = spawn(command, [...args, "--stack", this.name, "--non-interactive"], {
      cwd: workDir,
      env: { ...process.env, ...variables },
    });
    const ended = new Promise<number | null>((resolve, reject) =>
      child.on("close", resolve).on("error", reject),
    );
    // one that ends before it has read everything says why by itself
    child.stdin.on("error", () => {}).end(input);
    const [output, complaint, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    if (status === 0) return output;
    throw new EngineFailed(this.name, args, complaint, status);
  }
}

/** A command of the engine has failed. */
export class EngineFailed extends OperationFailed {
  constructor(
    stack: string,
    args: readonly string[],
    readonly complaint: string,
    status: number | null,
  ) {
    const reason = /^error: (.*)$/m.exec(complaint)?.[1] ?? `exit status ${status}`;
    super(
      `The engine's "pulumi ${args.join(" ")}" of stack ${stack} failed: ${reason}. Nothing was changed.`,
    );
  }
}

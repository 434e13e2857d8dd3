import * as fs from "node:fs";

/**
 * Hands over what the provider's process finds to the command that runs the engine: a variable names the file, one line of
 * JSON each, and reaches the provider's process through the engine.
 */
export class ReportFile<T> {
  constructor(readonly variable: string) {}

  /** Whether the command wants to be told. */
  get isWanted(): boolean {
    return process.env[this.variable] !== undefined;
  }

  write(report: T): void {
    const file = process.env[this.variable];
    if (file !== undefined) fs.appendFileSync(file, `${JSON.stringify(report)}\n`, { mode: 0o600 });
  }

  read(file: string): T[] {
    if (!fs.existsSync(file)) return [];
    const lines = fs.readFileSync(file, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as T);
  }
}

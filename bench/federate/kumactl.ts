import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/** One control plane as kumactl reaches it, with a configuration of its own. */
export class Kumactl {
  private constructor(
    private readonly program: string,
    private readonly configFile: string,
  ) {}

  static async connect(program: string, directory: string, url: string): Promise<Kumactl> {
    const kumactl = new Kumactl(program, path.join(directory, `kumactl-${new URL(url).port}.yaml`));
    await kumactl.run("config", "control-planes", "add", "--name", "cp", "--address", url, "--overwrite");
    return kumactl;
  }

  /** Milliseconds with the start of the process, and what it printed. */
  async run(...args: string[]): Promise<{ ms: number; output: string }> {
    const begun = performance.now();
    const child = spawn(this.program, ["--config-file", this.configFile, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env.PATH, HOME: path.dirname(this.configFile) },
    });
    let [output, errors] = ["", ""];
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (errors += text));
    const status = await new Promise((resolve) => child.on("close", resolve));
    if (status !== 0) throw new Error(`kumactl ${args.join(" ")} failed: ${errors.slice(-500)}`);
    return { ms: performance.now() - begun, output };
  }

  static write(file: string, text: string): string {
    fs.writeFileSync(file, text, { mode: 0o600 });
    return file;
  }
}

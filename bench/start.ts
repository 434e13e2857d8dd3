import { spawn } from "node:child_process";
import * as path from "node:path";
import { formatTable } from "../cli/terminal/table";
import { Sandbox, oneZone } from "../test/integration/support";
import { compare, seconds } from "./rounds";

const ROUNDS = 9;
const ROOT = path.resolve(__dirname, "..");
const RUN = path.join(ROOT, "scripts/run.js");

/**
 * How long a command takes to its first line. What needs no engine is held against a bare Node, the rest against Pulumi's SDK
 * alone, which each of them loads.
 */
export async function benchStart(): Promise<void> {
  const sandbox = new Sandbox();
  try {
    const { config } = await oneZone();
    sandbox.writeStack("test", config);
    sandbox.writeStack("wrong", { ...config, onDrift: "never" });
    const env = {
      ...process.env,
      KUMA_FEDERATION_STACKS: sandbox.directory,
      KUMA_FEDERATION_STATE: sandbox.state,
    };
    // what is found and compiled once
    const up = await sandbox.run("up", "--stack", "test");
    if (up.status !== 0) throw new Error(up.output);
    const first = (args: readonly string[]) => firstLine(args, env);
    const node = () => firstLine(["-e", "0"], env);
    const sdk = () => firstLine(["-e", `require("@pulumi/pulumi/automation")`], env);
    const rows: string[][] = [];
    const add = async (
      what: string,
      beside: string,
      bare: () => Promise<number>,
      args: readonly string[],
    ) => {
      const { bare: alone, own, ratio } = await compare(ROUNDS, bare, () => first([RUN, ...args]));
      rows.push([what, beside, seconds(alone), seconds(own), ratio.toFixed(2)]);
    };
    await add("--help", "bare node", node, ["up", "--help"]);
    await add("wrong option", "bare node", node, ["up", "--force"]);
    await add("wrong setting", "bare node", node, ["up", "--stack", "wrong"]);
    for (const command of ["up", "preview", "refresh", "status"])
      await add(command, "SDK alone", sdk, [command, "--stack", "test"]);
    await add("destroy", "SDK alone", sdk, ["destroy", "--stack", "test"].concat("--yes"));
    console.log(formatTable(["FIRST LINE OF", "BESIDE", "ALONE", "THIS PROGRAM", "RATIO"], rows));
  } finally {
    await sandbox.remove();
  }
}

/** Milliseconds until a program prints something, or ends; it is ended then, with what it has started. */
function firstLine(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  return new Promise((resolve, reject) => {
    let ms: number | undefined;
    const note = () => {
      if (ms !== undefined) return;
      ms = performance.now() - begun;
      child.kill("SIGTERM");
    };
    child.stdout.once("data", note);
    child.stderr.once("data", note);
    child.once("error", reject);
    child.once("close", () => resolve(ms ?? performance.now() - begun));
  });
}

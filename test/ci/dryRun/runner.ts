import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { ROOT } from "../../integration/support";
import { Actions } from "./actions";
import { type Contexts, filledIn, holds } from "./expression";
import type { Forge, Permissions } from "./forge";
import type { Repository } from "./repository";

interface Step {
  id?: string;
  name?: string;
  if?: string;
  uses?: string;
  run?: string;
  env?: Record<string, unknown>;
  with?: Record<string, unknown>;
}

interface Job {
  if?: string;
  needs?: string | string[];
  permissions?: Permissions;
  environment?: string;
  env?: Record<string, unknown>;
  outputs?: Record<string, string>;
  strategy?: { matrix: { stack: string } };
  steps: Step[];
}

export interface JobResult {
  result: "success" | "failure" | "skipped";
  outputs: Record<string, unknown>;
  log: string;
  /** What the run's page shows. */
  summary: string;
}

/** What a run is given from outside. */
export interface Given {
  github: Record<string, unknown>;
  inputs?: Record<string, string>;
  vars?: Record<string, string>;
  secrets?: Record<string, string>;
  /** The commit of the run. */
  sha: string;
  /** Done before a job begins. */
  before?: Record<string, () => unknown>;
}

/** Of the programs of a job: what a machine of the forge's has beside the job's own environment. */
const OF_MACHINE = ["HOME", "XDG_CACHE_HOME", "PULUMI", "GOPATH", "GOCACHE", "TMPDIR"];

/**
 * Runs a workflow's jobs on this machine in their order, each in a clone of its own: what stands under `run` as bash has it, actions by
 * a stand-in, the forge by another.
 */
export class Runner {
  private count = 0;

  /**
   * @param directory for what the jobs write; in `state` are the control planes of "this machine"
   */
  constructor(
    private readonly directory: string,
    private readonly repository: Repository,
    private readonly forge: Forge,
  ) {}

  async run(workflow: string, given: Given): Promise<Record<string, JobResult>> {
    const file = path.join(ROOT, ".github/workflows", `${workflow}.yml`);
    const { jobs } = yaml.load(fs.readFileSync(file, "utf8")) as { jobs: Record<string, Job> };
    const results: Record<string, JobResult> = {};
    const actions = new Actions(this.place(), this.repository, this.forge);
    for (const [name, job] of Object.entries(jobs)) {
      const needs = Object.fromEntries([job.needs ?? []].flat().map((each) => [each, results[each]]));
      const { github, inputs = {}, vars = {}, secrets = {} } = given;
      const contexts = { github, inputs, vars, secrets, needs };
      const succeeded = Object.values(needs).every(({ result }) => result === "success");
      if (holds(job.if, contexts, succeeded)) {
        await given.before?.[name]?.();
        results[name] = await this.runJob(job, contexts, given.sha, actions);
      } else results[name] = { result: "skipped", outputs: {}, log: "", summary: "" };
    }
    return results;
  }

  /** Once for each of its matrix; what they give stands together. */
  private async runJob(job: Job, contexts: Contexts, sha: string, actions: Actions): Promise<JobResult> {
    const matrix = filledIn(job.strategy?.matrix.stack, contexts) as string[] | undefined;
    const all: JobResult[] = [];
    for (const stack of matrix ?? [undefined]) {
      const place = this.place();
      const given = { ...contexts, matrix: { stack } };
      all.push(await new JobRun({ place, actions, job, given, sha, machine: this.machine(place) }).run());
    }
    return {
      result: all.every(({ result }) => result === "success") ? "success" : "failure",
      outputs: Object.assign({}, ...all.map(({ outputs }) => outputs)) as JobResult["outputs"],
      log: all.map(({ log }) => log).join("\n"),
      summary: all.map(({ summary }) => summary).join("\n"),
    };
  }

  private place(): string {
    const place = path.join(this.directory, `job-${this.count++}`);
    fs.mkdirSync(path.join(place, "temp"), { recursive: true });
    return place;
  }

  /** The environment of a job's programs in its directory. */
  private machine(place: string): NodeJS.ProcessEnv {
    const bin = path.join(this.directory, "bin");
    if (!fs.existsSync(bin)) writeNpm(bin);
    const state = path.join(this.directory, "state");
    // of what a clone keeps, that alone stays in which the control planes of "this machine" are found again
    for (const name of fs.readdirSync(state))
      if (name !== "stacks") fs.rmSync(path.join(state, name), { recursive: true });
    return {
      ...Object.fromEntries(OF_MACHINE.map((name) => [name, process.env[name]])),
      ...{ PATH: `${bin}:${process.env.PATH}`, RUNNER_TEMP: path.join(place, "temp") },
      ...{ CI: "true", GITHUB_ACTIONS: "true", KUMA_FEDERATION_STATE: state },
      // as in all tests: the stand-in, which says what it was asked, and no download
      ...{ KUMA_CHECKSUMS_URL: "http://127.0.0.1:1", STAND_IN_CONTROL: "true" },
    };
  }
}

interface Place {
  place: string;
  actions: Actions;
  job: Job;
  given: Contexts;
  sha: string;
  machine: NodeJS.ProcessEnv;
}

class JobRun {
  private readonly workspace: string;
  private readonly outputFile: string;
  private readonly summaryFile: string;
  private readonly steps: Record<string, { outputs: Record<string, string> }> = {};
  private log = "";

  constructor(private readonly of: Place) {
    this.workspace = path.join(of.place, "work");
    this.outputFile = path.join(of.place, "output");
    this.summaryFile = path.join(of.place, "summary");
  }

  async run(): Promise<JobResult> {
    fs.writeFileSync(this.summaryFile, "");
    let succeeded = true;
    for (const step of this.of.job.steps) {
      if (!holds(step.if, this.contexts(), succeeded)) continue;
      try {
        const outputs = await this.runStep(step);
        if (step.id !== undefined) this.steps[step.id] = { outputs };
      } catch (error) {
        this.log += `${(error as Error).message}\n`;
        succeeded = false;
      }
    }
    const outputs = Object.entries(this.of.job.outputs ?? {});
    return {
      result: succeeded ? "success" : "failure",
      outputs: Object.fromEntries(outputs.map(([name, value]) => [name, filledIn(value, this.contexts())])),
      log: this.log,
      summary: fs.readFileSync(this.summaryFile, "utf8"),
    };
  }

  private contexts(): Contexts {
    return { ...this.of.given, steps: this.steps, runner: { temp: path.join(this.of.place, "temp") } };
  }

  private async runStep(step: Step): Promise<Record<string, string>> {
    const fill = (all: Record<string, unknown> = {}) =>
      Object.fromEntries(
        Object.entries(all).map(([name, value]) => [name, filledIn(value, this.contexts())]),
      );
    const env = { ...fill(this.of.job.env), ...fill(step.env) } as NodeJS.ProcessEnv;
    if (step.run !== undefined) return this.bash(step.run, env);
    // what stands in a script is its own matter
    const inputs = step.uses?.startsWith("actions/github-script@") ? step.with : fill(step.with);
    return this.of.actions.act(step.uses ?? "", inputs ?? {}, {
      ...{ workspace: this.workspace, env, sha: this.of.sha },
      permissions: this.of.job.permissions ?? {},
      event: (this.of.given.github as { event: object }).event,
    });
  }

  /** As a runner calls it where a step names no shell. */
  private async bash(script: string, env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
    const file = path.join(this.of.place, "step.sh");
    fs.writeFileSync(file, script);
    fs.writeFileSync(this.outputFile, "");
    const event = path.join(this.of.place, "event.json");
    fs.writeFileSync(event, JSON.stringify((this.of.given.github as { event: object }).event));
    // a job without a clone has an empty one
    fs.mkdirSync(this.workspace, { recursive: true });
    const child = spawn("bash", ["-e", file], {
      cwd: this.workspace,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...this.of.machine,
        ...env,
        GITHUB_WORKSPACE: this.workspace,
        GITHUB_OUTPUT: this.outputFile,
        GITHUB_STEP_SUMMARY: this.summaryFile,
        GITHUB_EVENT_PATH: event,
      },
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (this.log += text));
    const status = await new Promise((resolve) => child.on("close", resolve));
    if (status !== 0) throw new Error(`Process completed with exit code ${String(status)}.`);
    return outputsIn(fs.readFileSync(this.outputFile, "utf8"));
  }
}

/** `NAME=VALUE`, or several lines between two of `NAME<<END` and `END`. */
function outputsIn(text: string): Record<string, string> {
  const lines = text.split("\n");
  const outputs: Record<string, string> = {};
  for (let at = 0; at < lines.length; at++) {
    const [, name, end] = /^([\w-]+)<<(.+)$/.exec(lines[at]) ?? [];
    if (name !== undefined) {
      const last = lines.indexOf(end, at);
      outputs[name] = lines.slice(at + 1, last).join("\n");
      at = last;
    } else if (lines[at].includes("=")) {
      const [key, ...value] = lines[at].split("=");
      outputs[key] = value.join("=");
    }
  }
  return outputs;
}

/** An npm that installs what is installed here already, and is the real one otherwise. */
function writeNpm(bin: string): void {
  fs.mkdirSync(bin, { recursive: true });
  const others = (process.env.PATH ?? "").split(path.delimiter).map((each) => path.join(each, "npm"));
  const real = others.find((file) => fs.existsSync(file)) ?? "npm";
  const script = [
    "#!/bin/sh",
    `[ "$*" = "ci --ignore-scripts" ] && exec ln -s '${path.join(ROOT, "node_modules")}' node_modules`,
    `exec '${real}' "$@"`,
    "",
  ];
  fs.writeFileSync(path.join(bin, "npm"), script.join("\n"), { mode: 0o755 });
}

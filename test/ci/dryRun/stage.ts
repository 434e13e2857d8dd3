import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import * as yaml from "js-yaml";
import { Sandbox, oneZone } from "../../integration/support";
import { Forge } from "./forge";
import { Repository } from "./repository";
import { type Given, type JobResult, Runner } from "./runner";

/** The stack of the dry runs. */
export const STACK = "shop";
export const PASSPHRASE = "the passphrase of the dry run";
const BRANCH = { ref_type: "branch", ref_name: "main" };
const DEFAULT_BRANCH = { default_branch: "main" };
const REPOSITORY = { full_name: "o/r", ...DEFAULT_BRANCH };

/** A repository with one stack, whose zone runs, and a forge: what the workflows meet. */
export class Stage {
  readonly forge = new Forge();
  readonly sandbox = new Sandbox({ PULUMI_CONFIG_PASSPHRASE: PASSPHRASE });
  readonly repository = new Repository(this.sandbox.directory);
  readonly base: string;
  private readonly runner: Runner;

  private constructor(
    readonly config: Record<string, unknown>,
    readonly globalUrl: string,
    readonly zoneUrl: string,
  ) {
    this.base = this.repository.commit({ [`Pulumi.${STACK}.yaml`]: stackFile(config) });
    this.sandbox.writeStack(STACK, config);
    this.runner = new Runner(this.sandbox.directory, this.repository, this.forge);
  }

  static async open(): Promise<Stage> {
    const { config, globalUrl, zoneUrl } = await oneZone();
    const stage = new Stage(config, globalUrl, zoneUrl);
    await stage.sandbox.startZones(STACK);
    return stage;
  }

  close(): Promise<void> {
    return this.sandbox.remove();
  }

  /** Commits settings of the stack beside those that it has. */
  change(more: object, files: Record<string, string | undefined> = {}): string {
    return this.repository.commit({
      [`Pulumi.${STACK}.yaml`]: stackFile({ ...this.config, ...more }),
      ...files,
    });
  }

  /** The workflow of a pull request that ends with this commit, or ended with it once. */
  preview(
    head: string,
    { fork = false, isLast = true, base = this.base, stacks = [STACK] } = {},
  ): Promise<Record<string, JobResult>> {
    if (isLast) this.forge.head = head;
    this.forge.files = this.repository.changed(base, head);
    const pull = {
      number: 7,
      base: { sha: base },
      head: { sha: head, repo: { full_name: fork ? "somebody/r" : REPOSITORY.full_name } },
    };
    return this.run("preview", {
      sha: head,
      github: { repository: REPOSITORY.full_name, event: { pull_request: pull, repository: REPOSITORY } },
      vars: { PREVIEW_STACKS: JSON.stringify(stacks) },
    });
  }

  deploy(sha: string, before: Given["before"] = {}): Promise<Record<string, JobResult>> {
    return this.run("deploy", { ...this.onBranch(sha), inputs: { stack: STACK }, before });
  }

  drift(sha: string): Promise<Record<string, JobResult>> {
    // as GitHub has it: the event of a schedule tells nothing of the repository
    const github = { ...BRANCH, event_name: "schedule", event: { schedule: "17 5 * * *" } };
    return this.run("drift", { sha, github, vars: { DRIFT_STACKS: JSON.stringify([STACK]) } });
  }

  private onBranch(sha: string): Pick<Given, "sha" | "github"> {
    return { sha, github: { ...BRANCH, event_name: "workflow_dispatch", event: { repository: REPOSITORY } } };
  }

  private run(workflow: string, given: Given): Promise<Record<string, JobResult>> {
    const backend = path.join(this.sandbox.directory, "backend");
    fs.mkdirSync(backend, { recursive: true });
    return this.runner.run(workflow, {
      ...given,
      secrets: {
        PULUMI_BACKEND_URL: pathToFileURL(backend).href,
        PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
      },
    });
  }
}

function stackFile(config: object): string {
  const prefixed = Object.entries(config).map(([key, value]) => [`kuma-federation:${key}`, value as unknown]);
  return yaml.dump({ config: Object.fromEntries(prefixed) });
}

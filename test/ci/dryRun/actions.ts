import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import type { Forge, Permissions } from "./forge";
import type { Repository } from "./repository";

/** Of the job that an action is a step of. */
interface JobPlace {
  workspace: string;
  permissions: Permissions;
  event: object;
  env: NodeJS.ProcessEnv;
  sha: string;
}

/** Stand-ins for the actions that the workflows use, of one run: its jobs leave each other artifacts. */
export class Actions {
  private readonly artifacts = new Map<string, { id: string; directory: string }>();

  /** @param directory for the artifacts */
  constructor(
    private readonly directory: string,
    private readonly repository: Repository,
    private readonly forge: Forge,
  ) {}

  /** What stands in place of an action; gives its outputs. */
  async act(
    uses: string,
    inputs: Readonly<Record<string, unknown>>,
    { workspace, permissions, event, env, sha }: JobPlace,
  ): Promise<Record<string, string>> {
    const text = (name: string) => String(inputs[name] ?? "");
    switch (uses.split("@")[0]) {
      case "actions/checkout":
        this.repository.clone(workspace, text("ref") || sha, text("sparse-checkout") || undefined);
        return {};
      case "actions/setup-node":
        return {};
      case "actions/upload-artifact": {
        const id = String(this.artifacts.size + 1);
        const directory = path.join(this.directory, id);
        const from = text("path");
        const isFile = fs.statSync(from).isFile();
        fs.cpSync(from, isFile ? path.join(directory, path.basename(from)) : directory, { recursive: true });
        this.artifacts.set(text("name"), { id, directory });
        return { "artifact-id": id };
      }
      case "actions/download-artifact": {
        fs.mkdirSync(text("path"), { recursive: true });
        const prefix = text("pattern").replace(/\*$/, "");
        for (const [name, { id, directory }] of this.artifacts)
          if (prefix ? name.startsWith(prefix) : id === text("artifact-ids"))
            fs.cpSync(directory, text("path"), { recursive: true });
        return {};
      }
      case "actions/github-script": {
        const load = createRequire(path.join(workspace, "script.js"));
        const run = new Function(
          ...["github", "context", "process", "require"],
          `return (async () => { ${text("script")} })();`,
        ) as (...all: unknown[]) => Promise<unknown>;
        const context = { repo: { owner: "o", repo: "r" }, payload: event };
        const result = await run(this.forge.octokit(permissions), context, { env }, load);
        return result === undefined ? {} : { result: JSON.stringify(result) };
      }
      default:
        throw new Error(`there is no stand-in for ${uses}`);
    }
  }
}

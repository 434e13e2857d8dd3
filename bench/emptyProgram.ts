import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation";
import { ensurePulumiEngine } from "../toolchain/pulumi/pulumiEngine";

/** `up` or `preview` of a program without a resource: what the engine itself costs. Arguments: command, directory. */
async function main(): Promise<void> {
  const [command, directory] = process.argv.slice(2);
  const engine = await ensurePulumiEngine({ env: process.env, log: () => {} });
  const backend = path.join(directory, "backend");
  fs.mkdirSync(backend, { recursive: true });
  const envVars = {
    PATH: [path.dirname(engine.path), process.env.PATH].join(path.delimiter),
    PULUMI_BACKEND_URL: pathToFileURL(backend).href,
    PULUMI_CONFIG_PASSPHRASE: "bench",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
  };
  Object.assign(process.env, envVars);
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "empty", projectName: "empty", program: async () => {} },
    {
      workDir: directory,
      envVars,
      pulumiHome: path.join(directory, "home"),
      pulumiCommand: await PulumiCommand.get({ skipVersionCheck: true }),
    },
  );
  if (command === "up") await stack.up();
  else await stack.preview();
}

void main();

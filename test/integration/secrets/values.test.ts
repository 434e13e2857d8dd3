import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { type ChartNames, chartRelease, givenValues } from "../../../components/kubernetes/chartRelease";
import { readStackConfig } from "../../../stack/config";
import { pulumiSource } from "../../../stack/pulumiSource";
import { ensurePulumiEngine } from "../../../toolchain/pulumi/pulumiEngine";
import { cleanUp, later, setEnvironment, tempDir } from "../../support/cleanUp";
import { secretOf, secretsIn } from "../../support/secretSearch";
import { ROOT, filesBelow } from "../support";

const CANARY = "canary-in-values-5d1c9b7e";
const PROJECT = "kuma-federation";

/** The part of the program that a value for a chart goes through, with the real engine and a provider that echoes. */
describe("a secret among the values for a chart, with the real engine", function () {
  afterEach(cleanUp);

  it("is found in no state, plan or output in clear", async () => {
    const directory = tempDir();
    const stack = await openStack(directory);
    const printed: string[] = [];
    const onOutput = (text: string) => void printed.push(text);
    const global = `${PROJECT}:global`;
    await stack.setConfig(`${global}.platform`, { value: "kubernetes" }, true);
    await stack.setConfig(`${global}.context`, { value: "c" }, true);
    await stack.setConfig(`${global}.kds.sourceRanges`, { value: "everyone" }, true);
    await stack.setConfig(`${global}.values.controlPlane.license`, { value: CANARY, secret: true }, true);
    const zones = [{ name: "zone-1", platform: "kubernetes", context: "z" }];
    await stack.setConfig(`${PROJECT}:zones`, { value: JSON.stringify(zones) });

    await stack.preview({ diff: true, onOutput });
    const { stdout, stderr } = await stack.up({ diff: true, onOutput });
    // "stack export" as the SDK calls it shows secrets: that the value is in the state, as one
    const exported = await stack.exportStack();
    assert.ok(JSON.stringify(exported).includes(CANARY));
    assert.deepEqual(Object.keys(seen), ["controlPlane"], "the program gets the values");

    const canary = [secretOf("the value", CANARY)];
    assert.deepEqual(secretsIn([...printed, stdout, stderr].join("\n"), canary), []);
    for (const file of filesBelow(directory))
      assert.deepEqual(secretsIn(fs.readFileSync(file), canary), [], file);
    await stack.destroy({ onOutput });
  });
});

/** The values as the program got them. */
let seen: Record<string, unknown> = {};

const program = async () => {
  const settings = new pulumi.Config(PROJECT);
  const { global } = readStackConfig(pulumiSource(settings), pulumi.getStack());
  assert.ok(global.platform === "kubernetes");
  seen = global.values;
  const { product, namespace, release, chart, values } = global;
  const names = pulumi.output({ product, namespace, release, chart }) as unknown as pulumi.Output<ChartNames>;
  const given = givenValues(values, (all) => pulumi.output(all) as unknown as pulumi.Output<typeof all>);
  chartRelease("global", names, { values: given }, {});
};

async function openStack(directory: string): Promise<Stack> {
  const bin = path.join(directory, "bin");
  fs.mkdirSync(bin);
  const provider = path.join(ROOT, "test/support/pulumi/echoProvider.ts");
  const shim = `#!/bin/sh\ncd '${ROOT}' && exec '${process.execPath}' --require '${ROOT}/toolchain/typescript.js' '${provider}' "$@"\n`;
  fs.writeFileSync(path.join(bin, "pulumi-resource-kubernetes"), shim, { mode: 0o755 });
  const engine = await ensurePulumiEngine({ env: process.env, log: () => {} });
  const backend = path.join(directory, "backend");
  fs.mkdirSync(backend);
  setEnvironment("PATH", [bin, path.dirname(engine.path), process.env.PATH].join(path.delimiter));
  setEnvironment("PULUMI_CONFIG_PASSPHRASE", "of-this-test");
  setEnvironment("PULUMI_BACKEND_URL", pathToFileURL(backend).href);
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "test", projectName: PROJECT, program },
    {
      pulumiHome: path.join(directory, "home"),
      pulumiCommand: await PulumiCommand.get({ skipVersionCheck: true }),
      workDir: writeProject(directory),
    },
  );
  later(() => stack.workspace.removeStack("test", { force: true }));
  return stack;
}

function writeProject(directory: string): string {
  const workDir = path.join(directory, "work");
  fs.mkdirSync(workDir);
  fs.writeFileSync(path.join(workDir, "Pulumi.yaml"), `name: ${PROJECT}\nruntime: nodejs\n`);
  return workDir;
}

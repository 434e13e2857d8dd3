import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ensurePulumiEngine } from "../../../toolchain/pulumi/pulumiEngine";
import { Sandbox, dialled, filesBelow, oneZone } from "../support";

describe("the state directory", function () {
  let sandbox: Sandbox;

  beforeEach(() => (sandbox = new Sandbox()));
  afterEach(async () => {
    for (const stack of ["backend", "workspace"]) await sandbox.run("destroy", "--stack", stack);
    await sandbox.remove();
  });

  const expect = async (command: string, stack: string) => {
    const { status, output } = await sandbox.run(command, "--stack", stack);
    assert.equal(status, 0, output);
    return output;
  };
  const left = () => filesBelow(sandbox.state).map((file) => path.relative(sandbox.state, file));

  it("keeps stacks apart, whatever they are called, and other things that lie in it", async () => {
    const others = ["notes.txt", "stacks/backend/notes.txt"];
    for (const file of others) {
      fs.mkdirSync(path.dirname(path.join(sandbox.state, file)), { recursive: true, mode: 0o700 });
      fs.writeFileSync(path.join(sandbox.state, file), "mine");
    }
    const one = await oneZone();
    const two = await oneZone();
    sandbox.writeStack("backend", one.config);
    sandbox.writeStack("workspace", two.config);
    await expect("up", "backend");
    await expect("up", "workspace");

    const output = await expect("destroy", "backend");
    assert.match(output, /nothing of it is left on this machine/);
    const traces = left().filter((file) => /(^|\/)backend[/.]/.test(file.replace(/^backend\//, "")));
    assert.deepEqual(traces, ["stacks/backend/notes.txt"], "not in the backend's backups and history either");

    await expect("status", "workspace");
    assert.notEqual(await dialled(two.zoneUrl), undefined);
    await expect("destroy", "workspace");
    assert.deepEqual(left().sort(), others);
  });

  it("says what a backend of the user's keeps", async () => {
    const backend = path.join(sandbox.directory, "my backend");
    fs.mkdirSync(backend);
    sandbox.environment.PULUMI_BACKEND_URL = `file://${encodeURI(backend)}`;
    sandbox.writeStack("backend", { ...(await oneZone()).config });
    await expect("preview", "backend");
    const output = await expect("destroy", "backend");
    assert.match(
      output,
      /the backend that PULUMI_BACKEND_URL names may keep copies of its state, with secrets encrypted/,
    );
    assert.deepEqual(left(), []);
    assert.ok(fs.existsSync(path.join(backend, ".pulumi")), "what is not the program's own stays");
  });

  it("has the engine that was found run, and no other pulumi", async () => {
    const { path: engine } = await ensurePulumiEngine({ env: process.env, log: () => {} });
    const bin = path.join(sandbox.directory, "bin");
    fs.mkdirSync(bin);
    const program = (name: string, ...lines: string[]) =>
      fs.writeFileSync(path.join(bin, name), ["#!/bin/sh", ...lines, ""].join("\n"), { mode: 0o755 });
    program("pulumi-next", `echo "$*" >> '${bin}/asked'`, `exec '${engine}' "$@"`);
    program("pulumi", `touch '${bin}/wrong'`, "exit 1");
    sandbox.environment.PATH = `${bin}:${process.env.PATH}`;
    sandbox.environment.PULUMI = path.join(bin, "pulumi-next");
    sandbox.writeStack("backend", { ...(await oneZone()).config });
    await expect("preview", "backend");
    assert.match(fs.readFileSync(path.join(bin, "asked"), "utf8"), /^preview /m);
    assert.ok(!fs.existsSync(path.join(bin, "wrong")));
  });
});

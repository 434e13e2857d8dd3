import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { needsEngine } from "../../support/pulumi/engine";
import { freePortBase } from "../../support/ports";
import { Sandbox, oneZone } from "../support";

/** What changes in the settings of a stack that is up takes effect, or is told of. */
describe("settings that change while a stack is up", function () {
  needsEngine();
  const sandbox = new Sandbox();
  let config: Record<string, unknown>;
  let content: string;

  before(async () => {
    content = sandbox.writeContent("content", [{ type: "Mesh", name: "default" }]);
    config = (await oneZone({ content })).config;
    sandbox.writeStack("test", config);
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
  });
  after(async () => {
    sandbox.writeStack("test", config);
    await sandbox.run("destroy", "--stack", "test");
    await sandbox.remove();
  });

  const zone = () => (config.zones as Record<string, unknown>[])[0];
  const run = (command: string, change: object) => {
    sandbox.writeStack("test", { ...config, zones: [{ ...zone(), ...change }] });
    return sandbox.run(command, "--stack", "test");
  };

  for (const [what, change, message] of [
    [
      "another store",
      { store: "memory" },
      /^error: The setting store of zone-1 has changed, but zone-1 was started with file, which holds its data\. Nothing was changed\./m,
    ],
    [
      "another program",
      { kumaCp: "path" },
      /^error: The setting kumaCp of zone-1 is path, but zone-1 was started with the stand-in, which holds its data\. Nothing was changed\./m,
    ],
    [
      "another product",
      { product: "kong-mesh" },
      /^error: The setting product of zone-1 has changed, but zone-1 was started with Kuma, which holds its data\./m,
    ],
    [
      "another name",
      { name: "zone-9" },
      /^error: Zone zone-9 is to have the ports of zone zone-1, which this stack runs\. Nothing was changed\. A zone cannot be renamed/m,
    ],
    [
      "a directory that is not there",
      { content: "/nowhere" },
      /^error: The setting content of zone zone-1 names \/nowhere, which cannot be read: there is no such directory\./m,
    ],
  ] as const) {
    it(`are refused: ${what}`, async () => {
      const { status, output } = await run("preview", change);
      assert.equal(status, 2, output);
      assert.match(output, message);
    });
  }

  it("refuses another program for the global as well", async () => {
    sandbox.writeStack("test", { ...config, global: { ...(config.global as object), kumaCp: "path" } });
    const { status, output } = await sandbox.run("preview", "--stack", "test");
    assert.equal(status, 2, output);
    assert.match(
      output,
      /^error: The setting kumaCp of global is path, but global was started with the stand-in/m,
    );
  });

  it("says that other content has no effect on a zone that runs", async () => {
    const file = path.join(content, "content.yaml");
    const before = fs.readFileSync(file);
    fs.appendFileSync(file, "---\n{type: Mesh, name: added}\n");
    const { status, output } = await run("preview", {});
    fs.writeFileSync(file, before);
    assert.equal(status, 0, output);
    assert.match(
      output,
      /^Warning: The setting content of zone zone-1 is not what the zone began with, and has no effect/m,
    );
    assert.doesNotMatch((await run("preview", {})).output, /has no effect/);
  });

  it("takes other ports in preview and in up", async () => {
    const global = { ...(config.global as object), portBase: await freePortBase() };
    const zones = [{ ...zone(), portBase: await freePortBase() }];
    config = { ...config, global, zones };
    sandbox.writeStack("test", config);
    const preview = await sandbox.run("preview", "--stack", "test");
    assert.equal(preview.status, 0, preview.output);
    assert.match(preview.output, /^ {2}update {3}zone-1-alone$/m);
    const up = await sandbox.run("up", "--stack", "test");
    assert.equal(up.status, 0, up.output);
  });
});

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { ControlPlaneProcess } from "../../../../platforms/universal/controlPlaneProcess";
import type { Properties } from "../../../../resources/provider/handler";
import { cleanUp, later, tempDir } from "../../../support/cleanUp";
import { freePortBase } from "../../../support/ports";
import { HandlerRun } from "../../../support/pulumi/handlerRun";

/** The stand-in runs, as the embedded default has it. */
describe("resources/zone/universal/standaloneZone", () => {
  let state: Map<string, Properties>;
  let directory: string;
  let args: Properties;

  beforeEach(async () => {
    state = new Map();
    directory = path.join(tempDir(), "control-plane");
    later(() => new ControlPlaneProcess(directory).remove());
    const portBase = await freePortBase();
    args = { directory, portBase, kumaCp: "embedded", store: "auto", portSetting: "portBase" };
  });
  afterEach(cleanUp);

  const run = () => new HandlerRun(state);
  const instance = () => new ControlPlaneProcess(directory);

  const zone = (more: Properties = {}) => run().step("standaloneZone", { ...args, name: "zone-1", ...more });

  it("starts a zone with its content once, and again when it has ended", async () => {
    const content = tempDir();
    fs.writeFileSync(path.join(content, "mesh.yaml"), yaml.dump({ type: "Mesh", name: "shop" }));
    assert.equal((await zone({ content })).changed, true);
    const api = instance().open("the zone");
    later(() => api.close());
    assert.equal(((await api.getJson("/meshes/shop", "the mesh")) as { name: string }).name, "shop");
    assert.equal((await zone({ content })).changed, false);

    await instance().stop();
    assert.equal((await zone({ content })).changed, true);
    assert.ok(instance().isRunning());
  });

  it("moves it to other ports", async () => {
    await zone();
    const portBase = await freePortBase();
    const { changed } = await zone({ portBase });
    assert.deepEqual([changed, instance().apiUrl], [true, `http://127.0.0.1:${portBase + 81}`]);
  });

  it("takes away the process and its files", async () => {
    await zone();
    await run().remove("standaloneZone");
    assert.deepEqual([instance().isRunning(), fs.existsSync(directory)], [false, false]);
  });

  it("refuses another store for one that keeps its data, before anything is done", async () => {
    await zone();
    const { settings } = { settings: JSON.stringify(instance().settings()) };
    await assert.rejects(zone({ store: "memory" }), /zone-1/);
    assert.equal(JSON.stringify(instance().settings()), settings);
    assert.ok(instance().isRunning());
  });
});

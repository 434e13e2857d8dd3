import assert from "node:assert/strict";
import * as path from "node:path";
import { UNKNOWN } from "../../../resources/provider/handler";
import { HandlerRun } from "../../support/pulumi/handlerRun";
import { cleanUp, tempDir } from "../../support/cleanUp";

describe("resources/ownDirectory", () => {
  afterEach(cleanUp);
  const args = { portBase: 5600, kumaCp: "embedded", store: "auto", portSetting: "portBase" };
  const refusalsOf = async (...directories: string[]) => {
    const run = new HandlerRun(new Map());
    const [global, zone] = directories;
    return [
      ...(await run.refusals("universalGlobal", { ...args, name: "mesh", directory: global })),
      ...(await run.refusals("universalGlobal", { ...args, name: "mesh", directory: global })),
      ...(await run.refusals("standaloneZone", { ...args, name: "shop", directory: zone })),
    ];
  };

  it("refuses a zone the directory that the global has, however it is written", async () => {
    const directory = tempDir();
    const same = path.join(directory, "..", path.basename(directory), ".");
    assert.deepEqual(await refusalsOf(directory, `${same}/`), [
      `Zone shop and the global control plane mesh are to have the same directory, ${same}/. Nothing of zone shop was changed. ` +
        `Give one of them another name, or another directory.`,
    ]);
  });

  it("says nothing of directories of their own, nor of those that a preview does not know yet", async () => {
    assert.deepEqual(await refusalsOf(tempDir(), tempDir()), []);
    assert.deepEqual(await refusalsOf(UNKNOWN, UNKNOWN), []);
  });
});

import assert from "node:assert/strict";
import { loadConfig } from "../../stand-in/config";

describe("stand-in/config", () => {
  it("keeps files where nobody can have been first, unless it is told where", () => {
    const [one, two] = [loadConfig({}).workDir, loadConfig({}).workDir];
    assert.notEqual(one, two);
    assert.match(one, /[0-9a-f-]{36}$/);
    assert.equal(loadConfig({ KUMA_GENERAL_WORK_DIR: "/work" }).workDir, "/work");
  });
});

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { EngineStack } from "../../../cli/stack/engineStack";
import { cleanUp, tempDir } from "../../support/cleanUp";

describe("cli/stack/engineStack", () => {
  afterEach(cleanUp);

  const stackWith = (stateFile?: string) =>
    new EngineStack("s", { command: "pulumi", workDir: ".", variables: {}, stateFile }, () => {
      throw new Error("is not run");
    });

  it("rules a field out only where the own backend's file has none", () => {
    const file = path.join(tempDir(), "s.json");
    const stack = stackWith(file);
    const write = (resource: object) =>
      fs.writeFileSync(file, JSON.stringify({ checkpoint: { latest: { resources: [resource] } } }));
    // kept compressed, or of a stack that was never up
    assert.equal(stack.mayHave("protect"), true);
    write({ urn: "protect" });
    assert.equal(stack.mayHave("protect"), true);
    write({ urn: "a" });
    assert.equal(stack.mayHave("protect"), false);
    write({ urn: "a", protect: true });
    assert.equal(stack.mayHave("protect"), true);
    assert.equal(stackWith().mayHave("protect"), true);
  });
});

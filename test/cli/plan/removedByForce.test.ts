import * as assert from "node:assert/strict";
import { assertNoneByForce } from "../../../cli/plan/removedByForce";
import { UsageError } from "../../../cli/commandLine/usageError";

describe("cli/plan/removedByForce", () => {
  it("refuses a plan of a stack that removes zones by force, and names them", () => {
    assert.throws(
      () => assertNoneByForce(["zone-2", "zone-3"]),
      (error) =>
        error instanceof UsageError &&
        /zones zone-2, zone-3 by force.*Nothing was changed/.test(error.message),
    );
  });

  it("lets all other plans be", () => assert.doesNotThrow(() => assertNoneByForce([])));
});

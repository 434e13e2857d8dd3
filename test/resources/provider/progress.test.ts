import * as assert from "node:assert/strict";
import { saying } from "../../../resources/provider/progress";
import { captureLog } from "../../support/captureLog";
import { cleanUp } from "../../support/cleanUp";
import { until } from "../../support/until";

describe("resources/progress", () => {
  let told: string[];
  beforeEach(() => {
    told = captureLog().lines;
  });
  afterEach(cleanUp);

  it("says that something still goes on, and no more once it has ended", async () => {
    const done = await saying(
      (seconds) => `still reading, ${seconds} s`,
      () => until("a second word", () => told.length >= 2),
      1,
    );
    assert.equal(done, true);
    const count = told.length;
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([told.length, told[0]], [count, "still reading, 0 s"]);
  });

  it("says nothing where it is quick, and passes on what was thrown", async () => {
    await assert.rejects(
      saying(
        () => "slow",
        () => Promise.reject(new Error("refused")),
      ),
      /refused/,
    );
    assert.deepEqual(told, []);
  });
});

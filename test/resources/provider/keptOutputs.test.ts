import assert from "node:assert/strict";
import { UNKNOWN } from "../../../resources/provider/handler";
import { leavesAsTheyAre, withStaying } from "../../../resources/provider/keptOutputs";

describe("resources/keptOutputs", () => {
  const url = "http://g";
  const olds = {
    ...{ zoneName: "z", snapshot: "s", global: { url, tokens: [["a"], ["b"]] } },
    ...{ generation: 1, online: true },
  };
  const news = {
    ...{ zoneName: "z", snapshot: UNKNOWN, global: { url, tokens: [UNKNOWN, ["c"]] }, generation: UNKNOWN },
    other: UNKNOWN,
  };

  it("takes what is not known yet, and stays, from the last time; everything else is left as it is", () => {
    leavesAsTheyAre("z", ["snapshot", "global.tokens"]);
    assert.deepEqual(withStaying(olds, news), {
      ...news,
      snapshot: "s",
      global: { url, tokens: [["a"], ["c"]] },
    });
    leavesAsTheyAre("z", ["snapshot", "global.tokens", "generation"]);
    assert.equal(withStaying(olds, news).generation, 1);
  });

  it("takes tokens for the global of every zone for known, as long as no zone's federation is recreated", () => {
    leavesAsTheyAre("z", ["snapshot", "global.tokens"]);
    const other = { ...news, zoneName: "another" };
    assert.deepEqual(withStaying(olds, other), { ...other, global: { url, tokens: [["a"], ["c"]] } });
    leavesAsTheyAre("z", []);
    assert.deepEqual(withStaying(olds, other), other);
    assert.deepEqual(withStaying(olds, news), news);
  });
});

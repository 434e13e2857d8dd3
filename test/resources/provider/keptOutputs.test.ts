import assert from "node:assert/strict";
import { UNKNOWN } from "../../../resources/provider/handler";
import { leavesAsTheyAre, withStaying } from "../../../resources/provider/keptOutputs";

describe("resources/keptOutputs", () => {
  const olds = { zoneName: "z", snapshot: "s", globalTokens: [["a"], ["b"]], generation: 1, online: true };
  const news = {
    ...{ zoneName: "z", snapshot: UNKNOWN, globalTokens: [UNKNOWN, ["c"]], generation: UNKNOWN },
    other: UNKNOWN,
  };

  it("takes what is not known yet, and stays, from the last time; everything else is left as it is", () => {
    leavesAsTheyAre("z", ["snapshot", "globalTokens"]);
    assert.deepEqual(withStaying(olds, news), { ...news, snapshot: "s", globalTokens: [["a"], ["c"]] });
    leavesAsTheyAre("z", ["snapshot", "globalTokens", "generation"]);
    assert.equal(withStaying(olds, news).generation, 1);
  });

  it("takes tokens for the global of every zone for known, as long as no zone's federation is recreated", () => {
    const other = { ...news, zoneName: "another" };
    assert.deepEqual(withStaying(olds, other), { ...other, globalTokens: [["a"], ["c"]] });
    leavesAsTheyAre("z", []);
    assert.deepEqual(withStaying(olds, other), other);
    assert.deepEqual(withStaying(olds, news), news);
  });
});

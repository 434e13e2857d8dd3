import assert from "node:assert/strict";
import { plural } from "../../kuma/plural";

describe("kuma/plural", () => {
  it("counts words as a sentence has them", () => {
    const told = [
      plural(1, "proxy"),
      plural(0, "proxy"),
      plural(2, "proxy"),
      plural(2, "way"),
      plural(3, "zone"),
    ];
    assert.deepEqual(told, ["1 proxy", "0 proxies", "2 proxies", "2 ways", "3 zones"]);
  });
});

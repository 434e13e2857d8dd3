import * as assert from "node:assert/strict";
import { OnConflict, choiceFor, parseKey } from "../../../kuma";

describe("kuma/federation/conflicts", () => {
  describe("the rule that decides", () => {
    const rules: OnConflict = [
      { resources: "MeshTimeout default/own-*", choice: "keepGlobal" },
      { resources: "MeshTimeout default/*", choice: "overwrite" },
      { resources: "Global* *", choice: "keepGlobal" },
      { resources: "Secret m.x/a+b", choice: "overwrite" },
    ];
    const decided: [string, string][] = [
      ["MeshTimeout default/own-a", "keepGlobal"],
      ["MeshTimeout default/all", "overwrite"],
      ["MeshTimeout other/all", "fail"],
      ["GlobalSecret a", "keepGlobal"],
      ["Secret m.x/a+b", "overwrite"],
      ["Secret mxx/a+b", "fail"],
      ["Secret m.x/aab", "fail"],
      ["Secret m.x/a+bc", "fail"],
      ["Mesh default", "fail"],
    ];
    for (const [key, choice] of decided) {
      it(`is ${choice} for ${key}`, () => assert.equal(choiceFor(parseKey(key), rules), choice));
    }

    it("is the one choice for everything", () => {
      assert.equal(choiceFor(parseKey("Mesh default"), "overwrite"), "overwrite");
    });
  });
});

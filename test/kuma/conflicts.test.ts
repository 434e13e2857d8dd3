import * as assert from "node:assert/strict";
import { choiceFor, parseKey, readOnConflict } from "../../kuma";
import { kumaErrorOf } from "../support/errors";

describe("kuma/conflicts", () => {
  describe("the setting", () => {
    it("is one choice, or a list of rules", () => {
      const rules = [
        { resources: "MeshTimeout default/*", choice: "overwrite" },
        { resources: "Secret */partner-*", choice: "keepGlobal" },
        { resources: "Mesh default", choice: "overwrite" },
        { resources: "*", choice: "fail" },
      ];
      assert.deepEqual(readOnConflict(rules), rules);
      assert.deepEqual(readOnConflict([]), []);
      assert.equal(readOnConflict("keepGlobal"), "keepGlobal");
    });

    const choices = "it must be one of fail, keepGlobal, overwrite";
    const pattern = 'it must be a pattern such as "MeshTimeout default/*", "Mesh default" or "*".';
    const rule = "it must be a rule with resources and choice, and for a mesh endsMtls, and nothing else.";
    const wrong: [unknown, string][] = [
      ["ask", `The setting onConflict is "ask"; ${choices}, or a list of rules.`],
      [{}, `The setting onConflict is {}; ${choices}, or a list of rules.`],
      [undefined, `The setting onConflict is missing; ${choices}, or a list of rules.`],
      [["fail"], `The setting onConflict[0] is "fail"; ${rule}`],
      [[null], `The setting onConflict[0] is null; ${rule}`],
      [
        [{ resources: "*", choice: "fail", extra: 1 }],
        `The setting onConflict[0] is {"resources":"*","choice":"fail","extra":1}; ${rule}`,
      ],
      [[{ choice: "fail" }], `The setting onConflict[0].resources is missing; ${pattern}`],
      [[{ resources: "", choice: "fail" }], `The setting onConflict[0].resources is ""; ${pattern}`],
      [
        [{ resources: "default/all", choice: "fail" }],
        `The setting onConflict[0].resources is "default/all"; ${pattern}`,
      ],
      [
        [{ resources: "Mesh a b", choice: "fail" }],
        `The setting onConflict[0].resources is "Mesh a b"; ${pattern}`,
      ],
      [
        [{ resources: "*", choice: "fail" }, { resources: "*" }],
        `The setting onConflict[1].choice is missing; ${choices}.`,
      ],
      [
        [{ resources: "Mesh *", choice: "overwrite", endsMtls: true }],
        `The setting onConflict[0].endsMtls is true; it must be true or false, in a rule that names a mesh, such as "Mesh default".`,
      ],
      [[{ resources: "*", choice: "drop" }], `The setting onConflict[0].choice is "drop"; ${choices}.`],
    ];
    for (const [value, message] of wrong) {
      it(message, async () => {
        assert.deepEqual(await kumaErrorOf(() => readOnConflict(value)), { code: "invalid", message });
      });
    }
  });

  describe("the rule that decides", () => {
    const rules = readOnConflict([
      { resources: "MeshTimeout default/own-*", choice: "keepGlobal" },
      { resources: "MeshTimeout default/*", choice: "overwrite" },
      { resources: "Global* *", choice: "keepGlobal" },
      { resources: "Secret m.x/a+b", choice: "overwrite" },
    ]);
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

import * as assert from "node:assert/strict";
import { readStackConfig } from "../../stack/config";
import { kumaErrorOf } from "../support/errors";

function read(onConflict: unknown) {
  const values: Record<string, unknown> = {
    global: { platform: "universal", portBase: 5600 },
    zones: [{ name: "zone-1", platform: "universal", portBase: 6600 }],
    onConflict,
  };
  return readStackConfig({ keys: [], get: (key) => values[key], secretsIn: () => [] }, "test").onConflict;
}

describe("stack: the setting onConflict", () => {
  it("is one choice, or a list of rules", () => {
    const rules = [
      { resources: "MeshTimeout default/*", choice: "overwrite" },
      { resources: "Secret */partner-*", choice: "keepGlobal" },
      { resources: "Mesh default", choice: "overwrite" },
      { resources: "*", choice: "fail" },
    ];
    assert.deepEqual(read(rules), rules);
    assert.deepEqual(read([]), []);
    assert.equal(read("keepGlobal"), "keepGlobal");
  });

  const choices = "it must be one of fail, keepGlobal, overwrite";
  const pattern = 'it must be a pattern such as "MeshTimeout default/*", "Mesh default" or "*".';
  const rule = "it must be a rule with resources and choice, and for a mesh endsMtls, and nothing else.";
  const wrong: [unknown, string][] = [
    ["ask", `The setting onConflict is "ask"; ${choices}, or a list of rules.`],
    [{}, `The setting onConflict is {}; ${choices}, or a list of rules.`],
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
      assert.deepEqual(await kumaErrorOf(() => read(value)), { code: "invalid", message });
    });
  }
});

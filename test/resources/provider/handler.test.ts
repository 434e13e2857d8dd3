import * as assert from "node:assert/strict";
import { changedInputs } from "../../../resources/provider/handler";

describe("resources/provider/handler: inputs that have changed", () => {
  const zone = { url: "ssh://a", ssh: { privateKey: "k" }, instances: [{ url: "ssh://b" }] };
  const olds = { zoneName: "z", zone, version: "2.14.3" };

  it("are none where all is as it was, whatever the outputs are", () => {
    assert.deepEqual(changedInputs(olds, { zoneName: "z", zone }), []);
  });

  it("are named one by one of the parts of a side", () => {
    assert.deepEqual(changedInputs(olds, { zoneName: "y", zone: { ...zone, url: "ssh://c" } }), [
      "zoneName",
      "zone.url",
    ]);
  });

  it("are also the parts of a side that are left out now", () => {
    const { instances: _, ...alone } = zone;
    assert.deepEqual(changedInputs(olds, { zoneName: "z", zone: alone }), ["zone.instances"]);
  });
});

import * as assert from "node:assert/strict";
import { ControlPlane, assertSupported, isSupported, parseVersion } from "../../../kuma";
import { kumaErrorOf } from "../../support/errors";

describe("kuma/api/versions", () => {
  it("reads major and minor of what was released", () => {
    for (const [version, major, minor] of [
      ["2.14.3", 2, 14],
      ["v2.9.0-rc1", 2, 9],
      ["10.0.1", 10, 0],
    ] as const)
      assert.deepEqual(parseVersion(version), { major, minor });
    for (const none of ["", "2", "2.14", "x2.14.3", "0.0.0-preview.vabc", "vv2.1.0"])
      assert.equal(parseVersion(none), undefined, none);
  });

  it("takes 2.x and its previews alone", () => {
    for (const version of ["2.0.0", "v2.14.3", "0.0.0-preview.v1"]) assert.ok(isSupported(version), version);
    for (const version of ["3.0.0", "12.0.0", "20.1.0", "2", "x2.1.0", "1.0.0-preview", "v0.0.0-preview"])
      assert.ok(!isSupported(version), version);
  });

  describe("of a control plane", () => {
    const controlPlane = new ControlPlane({ title: "the zone control plane", url: "http://127.0.0.1:1" });
    after(() => controlPlane.close());
    const check = (version: string) => assertSupported(controlPlane, { product: "Kuma", version });

    it("takes 2.x and its previews", () => {
      for (const version of ["2.0.0", "2.14.3", "v2.13.1", "2.14.0-rc1", "0.0.0-preview.vabc"])
        check(version);
    });

    for (const version of ["3.0.0", "1.8.1", "20.1.0", "unknown", ""]) {
      it(`refuses ${JSON.stringify(version)}`, async () => {
        assert.deepEqual(await kumaErrorOf(() => check(version)), {
          code: "unsupportedVersion",
          message: `The zone control plane runs Kuma ${version}; only 2.x can be federated by this program. Nothing was changed.`,
        });
      });
    }
  });
});

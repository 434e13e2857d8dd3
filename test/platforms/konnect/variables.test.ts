import * as assert from "node:assert/strict";
import { konnectVariables } from "../../../platforms/konnect/variables";

describe("platforms/konnect: names of variables", () => {
  const OLD = "KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_PATH";
  const NEW = "KUMA_MULTIZONE_ZONE_KDS_AUTH_TOKEN_PATH";
  for (const [version, name] of [
    ["2.4.1", OLD],
    ["2.13.9", OLD],
    ["2.14.3", OLD],
    ["v2.14.5", OLD],
    ["2.14.6", NEW],
    ["2.14.10", NEW],
    ["2.15.0-preview.v1", NEW],
    ["3.0.0", NEW],
  ]) {
    it(`${version}: ${name}`, () => assert.equal(konnectVariables(version).tokenPath, name));
  }
});

import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { GlobalConfig } from "../../stack/settings/controlPlanes";
import { globalToken } from "../../stack/tokens";
import { cleanUp, setEnvironment } from "../support/cleanUp";
import { mockPulumi, valueOf } from "../support/pulumi/pulumiMocks";

describe("stack/tokens", () => {
  afterEach(cleanUp);

  const tokenFor = async (platform: string, settings: Record<string, string> = {}) => {
    await mockPulumi(() => ({}), settings);
    const token = globalToken(new pulumi.Config("kuma-federation"), { platform } as GlobalConfig);
    return token && valueOf(token);
  };

  for (const [platform, setting, variable] of [
    ["existing", "globalToken", "KUMA_GLOBAL_TOKEN"],
    ["kubernetes", "globalToken", "KUMA_GLOBAL_TOKEN"],
    ["konnect", "konnectToken", "KONNECT_TOKEN"],
  ]) {
    it(`are secret, of the setting ${setting} or else the variable ${variable}: ${platform}`, async () => {
      for (const each of ["KUMA_GLOBAL_TOKEN", "KONNECT_TOKEN"]) setEnvironment(each, undefined);
      assert.equal(await tokenFor(platform), undefined);
      setEnvironment(variable, "canary-of-variable\n");
      assert.deepEqual(await tokenFor(platform), { value: "canary-of-variable", secret: true });
      assert.deepEqual(await tokenFor(platform, { [setting]: "canary-of-setting" }), {
        value: "canary-of-setting",
        secret: true,
      });
    });
  }
});

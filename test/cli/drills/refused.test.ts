import assert from "node:assert/strict";
import { whyRefused } from "../../../cli/drills/plan";
import { DRILLS } from "../../../cli/drills/promises";
import type { StackConfig } from "../../../stack/config";
import type { GlobalConfig, ZoneConfig } from "../../../stack/settings/controlPlanes";

const refusals = (global: GlobalConfig["platform"], platform: ZoneConfig["platform"]) => {
  const zone = { name: "zone-1", platform } as ZoneConfig;
  const config = { global: { platform: global }, zones: [zone] } as StackConfig;
  return Object.fromEntries(DRILLS.map((drill) => [drill, whyRefused(drill, config, zone)]));
};
const refused = (...args: Parameters<typeof refusals>) =>
  Object.entries(refusals(...args)).flatMap(([drill, why]) => (why === undefined ? [] : [drill]));

describe("cli/drills/plan: drills that are not for a stack", () => {
  it("are none on this machine, on hosts and in clusters", () => {
    for (const platform of ["universal", "host", "kubernetes"] as const)
      assert.deepEqual(refused(platform, platform), []);
  });

  it("are those of a global that others run", () => {
    assert.deepEqual(refused("existing", "universal"), ["global-down"]);
    assert.equal(
      refusals("existing", "host")["global-down"],
      "global-down is not for this stack: The global control plane is run by others.",
    );
  });

  it("are all in Konnect, where each policy counts", () => {
    assert.deepEqual(refused("konnect", "universal"), [...DRILLS]);
  });
});

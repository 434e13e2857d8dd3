import * as assert from "node:assert/strict";
import { describeWaves } from "../../../cli/preview/waves";
import type { ZoneConfig } from "../../../stack/settings/controlPlanes";

const zones = ["a", "b", "c", "d"].map((name) => ({ name, federated: true }) as ZoneConfig);

describe("cli/preview/waves", () => {
  const told = (isSwitched: (name: string) => boolean, settle = 60) =>
    describeWaves({ zones, rollout: { waves: [1, 2, "all"], settle } }, isSwitched);

  it("has a line for each wave of which a zone is switched", () => {
    assert.deepEqual(
      told((name) => name !== "d"),
      [
        "wave 1 of 3: a is switched",
        "wave 2 of 3: b, c are switched side by side, once those of wave 1 are online and equal on both sides and have stayed online for 60 s",
      ],
    );
    assert.deepEqual(
      told((name) => name === "c", 0),
      ["wave 2 of 3: c is switched, once those of wave 1 are online and equal on both sides"],
    );
  });

  it("says nothing where no zone is switched, or the stack has no rollout", () => {
    assert.deepEqual(
      told(() => false),
      [],
    );
    assert.deepEqual(
      describeWaves({ zones }, () => true),
      [],
    );
  });
});

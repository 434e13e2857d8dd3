import * as assert from "node:assert/strict";
import { whatStands } from "../../../../cli/stack/standing/whatStands";
import type { StandingZone } from "../../../../cli/stack/standing/standing";
import type { ZoneConfig } from "../../../../stack/settings/controlPlanes";

const zones = ["a", "b", "c", "d"].map((name) => ({ name, federated: true }) as ZoneConfig);
const standing = (joined: Record<string, boolean>) => ({
  zones: Object.entries(joined).map(
    ([zoneName, isJoined]) => ({ zoneName, joined: isJoined }) as StandingZone,
  ),
});

describe("cli/stack/whatStands", () => {
  const rollout = { waves: [1, 2, "all"] as const, settle: 60 };

  it("tells of each wave what became of its zones", () => {
    assert.deepEqual(whatStands(standing({ a: true, b: false, c: true }), { zones, rollout }), [
      "wave 1 of 3: joined: a",
      "wave 2 of 3: joined: c; carried, not joined: b",
      "wave 3 of 3: not begun: d",
    ]);
    assert.deepEqual(whatStands(undefined, { zones, rollout: { waves: ["all"], settle: 0 } }), [
      "wave 1 of 1: not begun: a, b, c, d",
    ]);
  });

  it("says nothing for a stack without a rollout", () => {
    assert.deepEqual(whatStands(standing({ a: true }), { zones }), []);
  });
});

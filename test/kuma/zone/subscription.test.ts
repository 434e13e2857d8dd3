import * as assert from "node:assert/strict";
import { connectionIn } from "../../../kuma/zone/subscription";

describe("kuma/zone/subscription", () => {
  const connectTime = "2026-01-01T00:00:00Z";
  const insight = (...subscriptions: unknown[]) => ({ subscriptions });

  it("goes by the last subscription alone", () => {
    const [open, ended] = [
      { id: "a", connectTime },
      { id: "b", connectTime, disconnectTime: connectTime },
    ];
    assert.deepEqual(connectionIn(insight(ended, open)), { isOpen: true, last: open });
    assert.deepEqual(connectionIn(insight(open, ended)), { isOpen: false, last: ended });
    assert.ok(connectionIn(insight({ connectTime, disconnectTime: null })).isOpen);
    assert.ok(!connectionIn(insight({ connectTime, disconnectTime: "" })).isOpen);
    assert.ok(!connectionIn(insight({ id: "c" })).isOpen);
    assert.ok(!connectionIn(insight({ connectTime: 7 })).isOpen);
  });

  it("is not open where there is none", () => {
    for (const none of [undefined, null, {}, insight(), insight("x"), { subscriptions: "x" }])
      assert.deepEqual(connectionIn(none), { isOpen: false, last: undefined });
  });
});

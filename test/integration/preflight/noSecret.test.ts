import * as assert from "node:assert/strict";
import { Facts, preflight } from "../../../kuma";
import { stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { CASES } from "../../kuma/preflight/cases";
import { Sides } from "../../kuma/preflight/sides";

/** All checks look at each of the cases, which takes longer than a unit test may: a case of its own looks at one check. */
describe("kuma/preflight as a whole", () => {
  let sides: Sides;
  before(async () => (sides = await Sides.start()));
  after(() => sides.stop());

  it("tells no secret, whatever is found", async () => {
    for (const [what, code, verdict, change] of CASES) {
      if (verdict === "ok" || verdict === "pending") continue;
      const found = await preflight(new Facts(await sides.with(change)));
      assert.ok(!JSON.stringify(found).includes("Y2FuYXJ5"), `${code}: ${what}`);
      await stopFakes();
    }
  });
});

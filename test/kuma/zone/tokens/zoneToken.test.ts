import * as assert from "node:assert/strict";
import { mock } from "node:test";
import { isZoneTokenDue, issueZoneToken } from "../../../../kuma/zone/tokens/zoneToken";
import { FakeControlPlane, clientOf, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { kumaErrorOf } from "../../../support/errors";

const NOW = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

describe("kuma/zone/tokens/zoneToken", () => {
  afterEach(async () => {
    mock.timers.reset();
    await stopFakes();
  });

  it("is issued by the global, for one bearer and so many days", async () => {
    mock.timers.enable({ apis: ["Date"], now: NOW });
    const global = clientOf(await FakeControlPlane.start());
    const asked: unknown[] = [];
    global.post = async (...request) => (asked.push(request), "token\n");
    const ends = "2026-01-11T00:00:00.000Z";
    for (const scope of ["ingress", "cp"] as const)
      assert.deepEqual(await issueZoneToken(global, "zone-1", scope, 10), { token: "token", ends });
    const of = (scope: string) => ({ zone: "zone-1", scope: [scope], validFor: "240h" });
    assert.deepEqual(asked, [
      ["/tokens/zone", of("ingress"), "a token for the zone ingress of zone zone-1"],
      ["/tokens/zone", of("cp"), "a token for the control plane of zone zone-1"],
    ]);
  });

  it("is not asked of Konnect", async () => {
    const basePath = "/v1/mesh/control-planes/bf138ba2-c9b1-4229-b268-04d9d8a6410b/api";
    const fake = await FakeControlPlane.start({ basePath });
    const refused = async (scope: "cp" | "egress") => {
      const { code, message } = await kumaErrorOf(issueZoneToken(clientOf(fake), "zone-1", scope, 10));
      return [code, message];
    };
    assert.deepEqual(await refused("cp"), [
      "invalid",
      "Konnect gives zone zone-1 a token of its own for the connection, and issues no other. Nothing was changed. Take cpToken out of the settings of that zone.",
    ]);
    assert.deepEqual(await refused("egress"), [
      "invalid",
      "Konnect issues no token for the zone egress of zone zone-1 to this program. Nothing was changed. Take egress out of the settings of that zone.",
    ]);
    assert.deepEqual(fake.asked, []);
  });

  it("is due when less than 30 days are left of it, or nobody knows", () => {
    const due = (ms: number) => isZoneTokenDue({ ends: new Date(NOW + ms).toISOString() }, NOW);
    assert.deepEqual([due(30 * DAY_MS), due(30 * DAY_MS - 1)], [false, true]);
    assert.equal(isZoneTokenDue({ ends: "" }, NOW), true);
  });
});

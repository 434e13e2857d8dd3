import * as assert from "node:assert/strict";
import { KumaError } from "../../kuma";
import { FailedSwitch, afterFailedSwitch, tellsOfZone } from "../../platforms/failedSwitch";

const FAILED = new KumaError("gate", "Zone default did not stay online.");

describe("platforms/failedSwitch", () => {
  let taken: number;
  beforeEach(() => {
    taken = 0;
  });
  const after = (more: Partial<FailedSwitch> = {}) =>
    afterFailedSwitch(FAILED, {
      ...{ zoneName: "default", onFailedSwitch: "takeBack", said: [] },
      takeBack: async () => void taken++,
      ...more,
    });

  it("takes the zone back, and says why, with what its control plane says", async () => {
    const { code, message } = await after({ said: ["ERROR kds x509", "ERROR kds gone"] });
    assert.deepEqual([taken, code], [1, "gate"]);
    assert.match(
      message,
      /^Zone default did not stay online\. The zone's control plane says:\n {4}ERROR kds x509\n {4}ERROR kds gone\n Zone default was taken back: it runs alone again, with all that it had\./,
    );
  });

  it("leaves it where the stack says so", async () => {
    const { message } = await after({ onFailedSwitch: "leave", held: "Its proxies wait." });
    assert.equal(taken, 0);
    assert.equal(
      message,
      "Zone default did not stay online. Zone default was left as it is, as onFailedSwitch says. Its proxies wait. " +
        "Run it again once the cause is fixed, or set federated: false to take the zone back.",
    );
  });

  it("says both where the way back fails as well", async () => {
    const takeBack = () => Promise.reject(new KumaError("server", "The cluster is away."));
    const { code, message } = await after({ takeBack });
    assert.equal(code, "gate");
    assert.match(
      message,
      /was to be taken back, and that failed as well: The cluster is away\. Run it again/,
    );
  });

  it("does not hide an error of this program", async () => {
    await assert.rejects(after({ takeBack: () => Promise.reject(new TypeError("of ours")) }), TypeError);
  });

  it("knows what tells of the zone, and what only of the way to it", () => {
    const told = (code: KumaError["code"]) => tellsOfZone(new KumaError(code, ""));
    assert.ok(told("gate") && told("refused"));
    assert.ok(!told("unreachable") && !told("forbidden") && !told("server"));
  });
});

import * as assert from "node:assert/strict";
import { CHECKS, Facts, assertNoBlocker, findingsOf, planZone, preflight } from "../../../kuma";
import { kumaErrorOf } from "../../support/errors";
import { stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { CASES } from "./cases";
import { Change, TIMEOUT, hosted, limits, zoneConfig } from "./fixtures";
import { Sides } from "./sides";

describe("kuma/preflight", () => {
  let sides: Sides;
  before(async () => (sides = await Sides.start()));
  after(() => sides.stop());
  afterEach(stopFakes);

  const look = async (change: Change) => preflight(new Facts(await sides.with(change)));

  it("finds everything in order on two sides that go together", async () => {
    const { checks } = await look({});
    assert.deepEqual(
      checks.filter(({ verdict }) => verdict !== "ok"),
      [],
    );
    assert.deepEqual(
      checks.map(({ code }) => code),
      CHECKS.filter(({ hostedOnly, hostOnly }) => !hostedOnly && !hostOnly).map(({ code }) => code),
    );
  });

  it("finds everything in order with a global in Konnect, which tells less", async () => {
    const { checks } = await look({ federation: hosted, global: { clusterId: "" }, prepare: limits({}) });
    assert.deepEqual(
      checks.filter(({ verdict }) => verdict !== "ok"),
      [],
    );
    assert.deepEqual(
      checks.map(({ code }) => code),
      CHECKS.filter(({ hostOnly }) => !hostOnly).map(({ code }) => code),
    );
  });

  /** They tell, and never stop anything; or what they find is issued when the test runs (checks.test.ts). */
  const NEVER_FAILS = ["namespaced", "certificates-and-tokens"];

  it("has a case for each check that can find something", () => {
    const shown = new Set([...CASES.map(([, code]) => code), ...NEVER_FAILS]);
    assert.deepEqual(
      CHECKS.map(({ code }) => code).filter((code) => !shown.has(code)),
      [],
    );
  });

  it("waits for a global that the stack is still to make", async () => {
    const { checks } = await look({ federation: { global: undefined } });
    const pending = checks.filter(({ verdict }) => verdict === "pending");
    for (const code of ["global-api", "products", "zone-name-taken", "kds-tls"])
      assert.ok(
        pending.some((check) => check.code === code),
        code,
      );
    // a row is pending, or has a result, and never both
    for (const { code, sentence } of pending)
      assert.match(sentence, /[Tt]he stack is still to make the global control plane\.$/, code);
    for (const code of ["conflicts", "mesh-authority", "secrets", "across-zones"])
      assert.equal(checks.find((check) => check.code === code)?.verdict, "ok", code);
    assert.deepEqual(
      checks.filter(({ verdict }) => verdict !== "pending" && verdict !== "ok"),
      [],
    );
  });

  it("could not look at a global that is stopped, and does not take it for one that is still to be made", async () => {
    const { checks } = await look({ federation: { global: undefined, globalIsStopped: true } });
    assert.deepEqual(
      checks.filter(({ verdict }) => verdict === "pending"),
      [],
    );
    for (const code of ["global-api", "conflicts", "secrets", "kds-tls", "across-zones", "version-supported"])
      assert.equal(checks.find((check) => check.code === code)?.verdict, "inconclusive", code);
    const { evidence, sentence } = checks.find(({ code }) => code === "conflicts") ?? assert.fail();
    assert.match(
      `${sentence}${evidence.join()}`,
      /The global control plane is stopped and was not started\./,
    );
  });

  it("looks at what still matters of a zone that is federated with this global", async () => {
    const config = zoneConfig({ multizone: { zone: { name: "zone-1", globalAddress: sides.kdsAddress } } });
    const { checks } = await look({ zone: { config } });
    assert.deepEqual(
      checks.map(({ code, verdict }) => `${code} ${verdict}`),
      [
        "zone-api ok",
        "global-api ok",
        "modes ok",
        "zone-alone ok",
        "zone-name ok",
        "localhost-admin ok",
        "kds-reachable ok",
        "kds-tls ok",
        "kds-credential ok",
        "policies ok",
      ],
    );
  });

  describe("in up and preview", () => {
    it("stops planZone, names every blocker once, and writes nothing", async () => {
      const federation = await sides.with({
        global: { version: "2.13.0", resources: [{ ...TIMEOUT, conf: { a: 2 } }] },
      });
      const { code, message } = await kumaErrorOf(planZone(federation));
      assert.equal(code, "unsupportedVersion");
      assert.match(message, /^Zone zone-1 was not federated, and nothing was written\. 2 blockers:\n/);
      assert.match(message, /\[version-skew\][^]*\[conflicts\]/);
      assert.deepEqual(federation.global?.sent, { GET: federation.global?.sent.GET });
    });

    it("says one and the same thing once", async () => {
      const report = await look({ prepare: (_, g) => g.fail("GET /meshes", { status: 403 }, 99) });
      assert.ok(findingsOf(report, "blocker").length > 1);
      const { message } = await kumaErrorOf(() => assertNoBlocker(report));
      assert.equal(message.split("denies access").length, 2);
    });

    it("gives warnings along with the plan", async () => {
      const federation = await sides.with({ zone: { config: zoneConfig({ store: { type: "memory" } }) } });
      const prospect = (await planZone(federation)) ?? assert.fail();
      assert.deepEqual(
        findingsOf(prospect.report, "warning").map(({ code }) => code),
        ["zone-store"],
      );
    });

    it("tells of a zone that cannot be reached as such, so that a preview can wait for it", async () => {
      const federation = await sides.with({
        prepare: (zone) => zone.fail(() => true, { ending: "cut" }, 999),
      });
      assert.equal((await kumaErrorOf(planZone(federation))).code, "unreachable");
    });
  });
});

import assert from "node:assert/strict";
import { MEMBERS_VARIABLE, leavesNow, staysNow } from "../../../resources/options/members";
import { cleanUp, setEnvironment } from "../../support/cleanUp";
import { check } from "../../support/pulumi/handlerRun";

describe("resources/options/members", () => {
  beforeEach(() => setEnvironment(MEMBERS_VARIABLE, undefined));
  afterEach(cleanUp);

  const tells = (name: string) => [staysNow(name), leavesNow(name)];

  it("knows nothing of a zone before the program has told of any", () => {
    assert.deepEqual(tells("zone-1"), [false, false]);
  });

  for (const member of ["universalZoneFederation", "kubernetesZoneFederation", "hostMember"] as const)
    it(`is told by ${member} that its zone stays, so that another one leaves`, async () => {
      await check(member, {}, { zoneName: "zone-1" });
      assert.deepEqual(
        [tells("zone-1"), tells("zone-2")],
        [
          [true, false],
          [false, true],
        ],
      );
    });

  it("goes by what the program's commands say", async () => {
    await check("hostMember", {}, { zoneName: "zone-1" });
    setEnvironment(MEMBERS_VARIABLE, "zone-2");
    assert.deepEqual(
      [tells("zone-1"), tells("zone-2")],
      [
        [false, true],
        [true, false],
      ],
    );
  });
});

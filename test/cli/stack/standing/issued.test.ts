import * as assert from "node:assert/strict";
import type { Exported } from "../../../../cli/stack/deployment";
import { standingOf } from "../../../../cli/stack/standing/standing";
import { certificateUntil } from "../../../support/endingCertificate";

const ENDS = "2027-03-01T00:00:00.000Z";

/** As the engine gives out what a program with these resources has left. */
function state(...resources: [parent: string, type: string, name: string, outputs: object][]): Exported {
  return {
    deployment: {
      resources: resources.map(([parent, type, name, outputs]) => ({
        urn: `urn:pulumi:test::mesh::kuma-federation:index:${parent}$pulumi-nodejs:dynamic/kuma-federation:${type}::${name}`,
        outputs: { ...outputs },
      })),
    },
  };
}

describe("certificates and tokens that a stack has made", () => {
  it("are told by their zone and their end", async () => {
    const cert = await certificateUntil(new Date(ENDS));
    const zone = "ZoneControlPlane";
    const told = standingOf(
      state(
        [zone, "HostProxy", "a-ingress", { zoneName: "east", kind: "ingress", name: "in-east", ends: ENDS }],
        [zone, "CpToken", "a-token", { zoneName: "east", ends: ENDS }],
        [zone, "KonnectZone", "b-konnect", { zoneName: "west", account: { expiresAt: ENDS } }],
        [zone, "KonnectZone", "c-konnect", { zoneName: "north" }],
        [zone, "KdsCertificate", "a-server", { cert }],
        [zone, "HostMember", "a-member", { zoneName: "east" }],
        ["GlobalControlPlane", "KdsCertificate", "global-kds", { cert }],
      ),
    )?.issued;
    assert.deepEqual(
      told?.map(({ what, zone: of, ends }) => [what, of, ends]),
      [
        ["token of the zone ingress in-east of zone east", "east", ENDS],
        ["token that zone east shows its global", "east", ENDS],
        ["token that zone west shows Konnect", "west", ENDS],
        ["certificate of the control plane of zone east", "east", ENDS],
      ],
    );
  });

  it("are left out where there are none", () => {
    const standing = standingOf(state(["ZoneControlPlane", "HostMember", "a-member", { zoneName: "east" }]));
    assert.equal(standing?.issued, undefined);
  });
});

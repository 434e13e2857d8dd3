import * as assert from "node:assert/strict";
import { Facts } from "../../../kuma";
import { messageLimit } from "../../../kuma/preflight/checks/connection/messages";
import { stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { Change, zoneWithKds } from "./fixtures";
import { Sides } from "./sides";

const ZONE = "KUMA_MULTIZONE_ZONE_KDS_MAX_MSG_SIZE";
const GLOBAL = "KUMA_MULTIZONE_GLOBAL_KDS_MAX_MSG_SIZE";

/** A control plane that this program starts takes its limit from the environment of the command. */
describe("kuma/preflight: the limit of a message of KDS", () => {
  let sides: Sides;
  const before_ = { [ZONE]: process.env[ZONE], [GLOBAL]: process.env[GLOBAL] };
  before(async () => (sides = await Sides.start()));
  after(() => sides.stop());
  afterEach(async () => {
    for (const [name, value] of Object.entries(before_))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    await stopFakes();
  });

  const limitOf = async (given: Record<string, string>, change: Change) => {
    Object.assign(process.env, given);
    const { verdict, sentence } = await messageLimit.run(new Facts(await sides.with(change)));
    assert.equal(verdict, "ok");
    return /of ([\d,]+) bytes/.exec(sentence)?.[1];
  };
  const zone = { config: zoneWithKds({ maxMsgSize: 2_000 }) };
  const toBeMade = { global: undefined };

  it("is what the environment says of a zone that runs here, before what the zone tells", async () => {
    assert.equal(await limitOf({}, { zone }), "2,000");
    assert.equal(await limitOf({ [ZONE]: "3000" }, { zone }), "3,000");
    assert.equal(await limitOf({ [ZONE]: "3000" }, { zone, federation: { zoneRunsHere: false } }), "2,000");
  });

  it("is what the environment says of a global that is still to be made", async () => {
    assert.equal(await limitOf({ [GLOBAL]: "4000" }, { federation: toBeMade }), "4,000");
    assert.equal(await limitOf({ [GLOBAL]: "no number" }, { federation: toBeMade }), "10,485,760");
  });

  it("is the lower one of both sides", async () => {
    assert.equal(await limitOf({ [GLOBAL]: "1500" }, { zone, federation: toBeMade }), "1,500");
    assert.equal(await limitOf({ [GLOBAL]: "4000" }, { zone, federation: toBeMade }), "2,000");
  });
});

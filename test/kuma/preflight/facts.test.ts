import * as assert from "node:assert/strict";
import { Facts, Resource } from "../../../kuma";
import { kumaErrorOf } from "../../support/errors";
import {
  FakeControlPlane,
  SeenRequest,
  clientOf,
  stopFakes,
} from "../../support/controlPlane/fakeControlPlane";
import { ADMIN, GLOBAL_CONFIG, MESH, ZONE_CONFIG, content } from "./fixtures";

const ALWAYS = 999;
const OF_ZONE = `Bearer ${Buffer.from(String(ADMIN.data), "base64").toString()}`;

describe("kuma/preflight/facts", () => {
  afterEach(stopFakes);

  const sides = async (resources: readonly Resource[] = content) => {
    const zone = await FakeControlPlane.start({ clusterId: "z", config: ZONE_CONFIG, resources });
    const global = await FakeControlPlane.start({ clusterId: "g", config: GLOBAL_CONFIG, resources: [MESH] });
    const facts = new Facts({
      zoneName: "zone-1",
      zone: clientOf(zone),
      global: clientOf(global, { tokens: ["the-globals"] }),
      kdsAddress: undefined,
      onConflict: "fail",
    });
    return { zone, global, facts };
  };
  const isOfAnother = ({ headers }: SeenRequest) => headers.authorization !== OF_ZONE;

  it("reads the global while the zone still answers", async () => {
    const { zone, facts } = await sides();
    zone.fail("GET /", { ending: "freeze" }, ALWAYS);
    facts.exported().catch(() => {});
    assert.deepEqual([...(await facts.onGlobal()).byKey.keys()], ["Mesh default"]);
    assert.equal((await facts.globalConfig()).mode, "global");
  });

  it("reads a global that refuses the token at hand with the zone's admin token", async () => {
    for (const status of [401, 403]) {
      const { global, facts } = await sides();
      global.fail(isOfAnother, { status }, ALWAYS);
      assert.deepEqual([...(await facts.onGlobal()).byKey.keys()], ["Mesh default"]);
      assert.equal((await facts.globalConfig()).mode, "global");
    }
  });

  it("says that the global refuses, where the zone has no token to try", async () => {
    const { global, facts } = await sides([MESH]);
    global.fail(isOfAnother, { status: 401 }, ALWAYS);
    assert.equal((await kumaErrorOf(facts.onGlobal())).code, "unauthenticated");
    assert.equal(global.asked.filter((each) => each === "GET /_resources").length, 1);
  });
});

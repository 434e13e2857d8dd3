import * as assert from "node:assert/strict";
import { untilSettled } from "../../../kuma";
import { cleanUp } from "../../support/cleanUp";
import { passDeadline } from "../../support/clock";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { kumaErrorOf } from "../../support/errors";

const SETTLE_MS = 400;
const LONG_PAST = "2020-01-01T00:00:00Z";

type Answer = [id: string, refused?: number, disconnectTime?: string];

describe("kuma/zone/settled", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const zone = (name: string, ...answers: Answer[]) =>
    fake.overviews.set(
      name,
      answers.map(([id, refused = 0, disconnectTime]) => ({
        name,
        zoneInsight: {
          subscriptions: [
            {
              ...{ id, connectTime: new Date().toISOString() },
              ...(disconnectTime && { disconnectTime }),
              status: { stat: { MeshTimeout: { responsesRejected: String(refused) } } },
            },
          ],
        },
      })),
    );
  const looks = (name: string) =>
    fake.requests.filter(({ path }) => path.includes(`/zones/${name}/`) || path.startsWith("/zones+insights"))
      .length;
  const settled = (names: string[], later?: string[]) =>
    untilSettled(clientOf(fake), names, SETTLE_MS, later);

  it("waits until all stayed online for so long", async () => {
    zone("a", ["s"]);
    zone("b", ["s"]);
    await settled(["a", "b"]);
    assert.ok(looks("a") >= 2 && looks("b") >= 2, JSON.stringify(fake.requests));
  });

  it("asks for all of many zones by one list", async () => {
    const names = ["a", "b", "c", "d"];
    for (const name of names) zone(name, ["s"]);
    await settled(names);
    const paths = fake.requests.map(({ path }) => path.split("?")[0]);
    assert.deepEqual([...new Set(paths)], ["/zones+insights"]);
  });

  it("begins anew with a zone that connects anew, or refuses something", async () => {
    zone("a", ["s-1"], ["s-2"], ["s-2", 1], ["s-2", 1]);
    await settled(["a"]);
    assert.ok(looks("a") >= 5, String(looks("a")));
  });

  it("takes a zone that has been connected for long for one that has settled", async () => {
    fake.overviews.set("a", [
      { name: "a", zoneInsight: { subscriptions: [{ id: "s", connectTime: LONG_PAST }] } },
    ]);
    await untilSettled(clientOf(fake), ["a"], 3_600_000);
    assert.equal(looks("a"), 1);
  });

  const OFFLINE: Answer[] = [["s", 0, LONG_PAST]];
  const REFUSING: Answer[] = [
    ["s", 3],
    ["s", 4],
  ];
  for (const [title, answers, told] of [
    ["is offline", OFFLINE, "zone b is offline"],
    ["refuses more and more", REFUSING, "zone b refuses what the global sends of MeshTimeout"],
  ] as const)
    it(`fails with what a zone that ${title} did, and with what was not touched`, async () => {
      zone("a", ["s"]);
      zone("b", ...answers);
      const failed = kumaErrorOf(settled(["a", "b"], ["c", "d"]));
      await passDeadline(fake, 200_000);
      const { code, message } = await failed;
      assert.equal(code, "gate");
      assert.ok(message.includes(told), message);
      assert.doesNotMatch(message, /zone a /);
      assert.match(message, /Zones of the waves after it were not touched: c, d\./);
    });
});

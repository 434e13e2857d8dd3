import * as assert from "node:assert/strict";
import { ControlPlaneConfig, assertJoinable, waitUntilOnline, zoneState } from "../../../kuma";
import { cleanUp } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { DEADLINE_MS, until } from "../../support/until";

interface Subscription {
  id: string;
  connectTime?: string;
  disconnectTime?: string;
  status?: object;
  version?: object;
}
const overview = (...subscriptions: Subscription[]) => ({ name: "zone-1", zoneInsight: { subscriptions } });
const online = (id: string) => overview({ id, connectTime: "2026-01-01T00:00:00Z" });
const offline = (id: string) =>
  overview({ id, connectTime: "2026-01-01T00:00:00Z", disconnectTime: "2026-01-01T00:01:00Z" });

describe("kuma/zone/zone", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  describe("zoneState", () => {
    const state = (...answers: unknown[]) => {
      if (answers.length > 0) fake.overviews.set("zone-1", answers);
      return zoneState(clientOf(fake), "zone-1");
    };

    it("knows no zone that never connected", async () => {
      assert.deepEqual(await state(), { known: false, online: false, disabled: false, rejected: {} });
    });

    it("goes by the last subscription", async () => {
      const last: Subscription = {
        id: "s-2",
        connectTime: "2026-01-01T00:02:00Z",
        version: { kumaCp: { version: "2.14.3" } },
        status: {
          stat: {
            Mesh: { responsesSent: "2", responsesAcknowledged: "2" },
            Secret: { responsesRejected: "1" },
            TrafficRoute: { responsesRejected: 3 },
            Config: { responsesRejected: "0" },
          },
        },
      };
      const before = {
        id: "s-1",
        connectTime: "2026-01-01T00:00:00Z",
        disconnectTime: "2026-01-01T00:01:00Z",
      };
      assert.deepEqual(await state(overview(before, last)), {
        known: true,
        online: true,
        disabled: false,
        version: "2.14.3",
        subscription: "s-2",
        since: "2026-01-01T00:02:00Z",
        database: undefined,
        kdsMaxMsgSize: undefined,
        rejected: { Secret: 1, TrafficRoute: 3 },
      });
    });

    it("takes a configuration that cannot be read for none", async () => {
      const subscription = { id: "s", connectTime: "2026-01-01T00:00:00Z", config: "{" };
      assert.equal((await state(overview(subscription))).database, undefined);
    });

    it("is offline when the last subscription has ended, has not begun, or there is none", async () => {
      for (const answer of [offline("s-1"), overview({ id: "s-1" }), overview(), {}, { zoneInsight: {} }]) {
        const { known, online } = await state(answer);
        assert.deepEqual({ known, online }, { known: true, online: false });
      }
    });

    it("encodes the zone's name", async () => {
      await zoneState(clientOf(fake), "a/b");
      assert.deepEqual(fake.asked, ["GET /zones/a%2Fb/_overview"]);
    });

    it("reads what the zone told when it connected, and nothing of what is none", async () => {
      const told = (config: unknown) => {
        fake.overviews.set("zone-1", [
          overview({ ...online("a").zoneInsight.subscriptions[0], config } as Subscription),
        ]);
        return zoneState(clientOf(fake), "zone-1");
      };
      const config = {
        mode: "zone",
        store: { type: "postgres", postgres: { host: "db", port: 5432, dbName: "kuma" } },
      };
      const kds = { multizone: { zone: { name: "zone-1", kds: { maxMsgSize: 7 } } } };
      const { database, kdsMaxMsgSize } = await told(JSON.stringify({ ...config, ...kds }));
      assert.deepEqual([database, kdsMaxMsgSize], [{ host: "db", port: 5432, name: "kuma" }, 7]);
      for (const none of ["no json", "[]", '"text"', config, undefined])
        assert.deepEqual(
          [(await told(none)).database, (await told(none)).online],
          [undefined, true],
          JSON.stringify(none),
        );
    });

    it("keeps words short, and in one line", async () => {
      const version = { kumaCp: { version: `2\n${"v".repeat(200)}` } };
      fake.overviews.set("zone-1", [overview({ id: "i".repeat(200), version })]);
      const found = await zoneState(clientOf(fake), "zone-1");
      assert.deepEqual([found.version, found.subscription], [`2\\u000a${"v".repeat(98)}`, "i".repeat(100)]);
    });

    it("knows a zone that is switched off", async () => {
      const disabledBy = async (zone: object) => {
        fake.overviews.set("zone-1", [{ ...online("a"), ...zone }]);
        return (await zoneState(clientOf(fake), "zone-1")).disabled;
      };
      assert.ok(await disabledBy({ zone: { enabled: false } }));
      for (const zone of [{ zone: { enabled: true } }, { zone: {} }, {}, { enabled: false }])
        assert.ok(!(await disabledBy(zone)), JSON.stringify(zone));
    });

    it("counts as rejected only what is a number", async () => {
      const stat = {
        A: { responsesRejected: [7] },
        B: { responsesRejected: "x" },
        C: { responsesRejected: true },
        D: { responsesRejected: 1 },
      };
      fake.overviews.set("zone-1", [overview({ id: "a", status: { stat } })]);
      assert.deepEqual((await zoneState(clientOf(fake), "zone-1")).rejected, { D: 1 });
    });

    it("names the zone that the global fails to tell of", async () => {
      fake.fail("GET /zones", { status: 500, body: "" }, 99);
      assert.match(
        (await kumaErrorOf(zoneState(clientOf(fake), "zone-1"))).message,
        / on zone zone-1 with status 500/,
      );
    });

    it("fails when the global cannot tell", async () => {
      fake.fail("GET /zones", { status: 403, body: "" });
      assert.equal((await kumaErrorOf(state())).code, "forbidden");
    });
  });

  describe("waitUntilOnline", () => {
    const wait = (answers: unknown[], options = {}) => {
      if (answers.length > 0) fake.overviews.set("zone-1", answers);
      return waitUntilOnline(clientOf(fake), "zone-1", {
        intervalMs: 1,
        deadlineMs: DEADLINE_MS,
        ...options,
      });
    };
    const failure = (seen: string, seconds = 0) => ({
      code: "gate",
      message:
        `Zone zone-1 did not stay online within ${seconds} s: ${seen}. The log of the zone's control plane tells why ` +
        `("x509" is the certificate or the name in the KDS address, "connection refused" or a timeout is the network). ` +
        "Nothing is lost: the global holds a copy of everything. Run it again once the cause is fixed.",
    });

    it("looks three times in a row", async () => {
      const state = await wait([online("s-1")]);
      assert.deepEqual([state.online, state.subscription, fake.requests.length], [true, "s-1", 3]);
    });

    it("looks as often as it is told", async () => {
      await wait([online("s-1")], { samples: 5 });
      assert.equal(fake.requests.length, 5);
    });

    it("begins anew after every look at which the zone is away", async () => {
      await wait([{}, online("a"), online("a"), offline("a"), online("b"), online("b"), online("b")]);
      assert.equal(fake.requests.length, 7);
    });

    it("begins anew when the zone has reconnected, although it looks online each time", async () => {
      const { subscription } = await wait([online("a"), online("a"), online("b"), online("b"), online("b")]);
      assert.deepEqual([subscription, fake.requests.length], ["b", 5]);
    });

    it("ends at once when its control plane is cancelled", async () => {
      const controller = new AbortController();
      fake.overviews.set("zone-1", [offline("a")]);
      const client = clientOf(fake, { signal: controller.signal });
      // a pause that is not waited for
      const waiting = waitUntilOnline(client, "zone-1", {
        intervalMs: 2 * DEADLINE_MS,
        deadlineMs: 4 * DEADLINE_MS,
      });
      await until("the first look", () => fake.requests.length > 0);
      controller.abort();
      const { code, message } = await kumaErrorOf(waiting);
      assert.deepEqual([code, message], ["cancelled", "The operation was cancelled."]);
    });

    it("waits for a zone that the global has not heard of yet", async () => {
      const waiting = wait([]);
      await until("the first look", () => fake.requests.length > 0);
      fake.overviews.set("zone-1", [online("a")]);
      assert.equal((await waiting).online, true);
    });

    it("fails for a zone that the global never hears of", async () => {
      assert.deepEqual(
        await kumaErrorOf(wait([], { deadlineMs: 20 })),
        failure("the global has never heard of it"),
      );
    });

    it("fails for a zone that stays offline", async () => {
      assert.deepEqual(await kumaErrorOf(wait([offline("a")], { deadlineMs: 20 })), failure("it is offline"));
    });

    it("fails for a zone that connects again and again", async () => {
      const answers = Array.from({ length: 5 }, (_, i) => online(`s-${i}`));
      const error = await kumaErrorOf(wait(answers, { deadlineMs: 3_000, intervalMs: 100, samples: 1000 }));
      assert.deepEqual(error, failure("it reconnected 4 times", 3));
    });

    it("says so when a zone was online for a while", async () => {
      const answers = [online("a"), offline("a")];
      const error = await kumaErrorOf(wait(answers, { deadlineMs: 300, intervalMs: 200 }));
      assert.deepEqual(error, failure("it was online and is not any more"));
      assert.deepEqual(
        await kumaErrorOf(wait([online("b")], { deadlineMs: 0 })),
        failure("it has been online for a moment only"),
      );
    });

    it("does not call a zone offline that is online and has only not been so for long enough", async () => {
      const { message } = await kumaErrorOf(wait([online("a")], { deadlineMs: 0 }));
      assert.ok(!message.includes("it is offline"), message);
    });
  });

  describe("assertJoinable", () => {
    const alone: ControlPlaneConfig = { mode: "zone", environment: "universal", zoneName: "zone-1" };
    const check = (config: ControlPlaneConfig, kdsAddress?: string) =>
      assertJoinable(clientOf(fake, { title: "the control plane of zone zone-1" }), config, "zone-1", [
        kdsAddress,
      ]);

    it("takes a zone that runs alone, with and without a name", () => {
      check(alone, "grpcs://g:5685");
      check(alone);
      check({ ...alone, zoneName: undefined }, "grpcs://g:5685");
    });

    it("takes a zone that has joined this global", () => {
      check({ ...alone, globalAddress: "grpcs://g:5685" }, "grpcs://g:5685");
    });

    it("refuses a global", async () => {
      assert.deepEqual(await kumaErrorOf(() => check({ ...alone, mode: "global" })), {
        code: "invalid",
        message:
          "The control plane of zone zone-1 is a global control plane, not a zone. Nothing was changed.",
      });
    });

    it("refuses to rename a zone", async () => {
      assert.deepEqual(await kumaErrorOf(() => check({ ...alone, zoneName: "default" })), {
        code: "invalid",
        message:
          'The zone is called "default", not "zone-1". Its policies carry that name and would stop matching under another one, ' +
          'so set the zone\'s name to "default". Nothing was changed.',
      });
    });

    it("does not send back a name under which no zone can be federated (kumahq/kuma 12988)", async () => {
      const { message } = await kumaErrorOf(() => check({ ...alone, zoneName: "Zone-A" }));
      assert.match(
        message,
        /under another one, so give its control plane a name of 1 to 63 lower-case letters/,
      );
    });

    for (const kdsAddress of ["grpcs://g:5685", undefined]) {
      it(`refuses a zone of another global (this one is ${kdsAddress ?? "not known yet"})`, async () => {
        const config = { ...alone, globalAddress: "grpcs://other:5685" };
        assert.deepEqual(await kumaErrorOf(() => check(config, kdsAddress)), {
          code: "alreadyFederated",
          message:
            "Zone zone-1 is federated already, with grpcs://other:5685. Nothing was changed. " +
            "Take it off that global first, or leave it out of this stack.",
        });
      });
    }
  });

  describe("a zone of a control plane in Konnect", () => {
    const address = "grpcs://eu.mesh.sync.konghq.com:443";
    const config: ControlPlaneConfig = {
      mode: "zone",
      environment: "universal",
      zoneName: "zone-1",
      globalAddress: address,
    };
    const check = async (more: Partial<ControlPlaneConfig>, of: string | undefined) => {
      const hosted = await FakeControlPlane.start({ basePath: `/v1/mesh/control-planes/${of}/api` });
      const global = of === undefined ? clientOf(fake) : clientOf(hosted);
      assertJoinable(clientOf(fake), { ...config, ...more }, "zone-1", [address], global);
    };

    it("is refused where that is another one, though its address is the same", async () => {
      assert.deepEqual(await kumaErrorOf(check({ konnectControlPlaneId: "c-2" }, "c-1")), {
        code: "alreadyFederated",
        message:
          "Zone zone-1 is federated already, with the control plane c-2 in Konnect, not with c-1. Nothing was changed. " +
          "Take it off that one first, or name it in the setting controlPlaneId of the global.",
      });
    });

    it("is taken where that is the same, or one of the two is not known, or it runs alone", async () => {
      await check({ konnectControlPlaneId: "c-1" }, "c-1");
      await check({}, "c-1");
      await check({ konnectControlPlaneId: "c-2" }, undefined);
      await check({ konnectControlPlaneId: "c-2", globalAddress: undefined }, "c-1");
    });
  });
});

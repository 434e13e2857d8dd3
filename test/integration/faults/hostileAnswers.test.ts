import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  Facts,
  Federation,
  KumaError,
  driftOf,
  exchangeMarkers,
  exportZone,
  giveBack,
  hostedUse,
  otherZones,
  planPolicies,
  planZone,
  preflight,
  printable,
  putBack,
  readDigests,
  readZone,
  recordOf,
  removeFromGlobal,
  removeZone,
  restoreZone,
  servesGlobalSecrets,
  verifyZone,
  zoneNames,
  zoneState,
} from "../../../kuma";
import { formatReports } from "../../../cli/commands/preflight";
import { cleanUp } from "../../support/cleanUp";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import {
  Answers,
  EVIL_NAMES,
  HostileControlPlane,
  hostileAnswers,
} from "../../support/controlPlane/hostileControlPlane";
import { UNIVERSAL_TYPES, typesByName } from "../../support/resources/types";

const MANIFEST = { "Mesh default": "d", "MeshTimeout default/a": "d" };
const WAIT = { deadlineMs: 0, intervalMs: 1 };

/** A KumaError of what is fit to be printed, or no error: anything else would be a stack trace for people. */
async function inOneSentence(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof KumaError, (error as Error).stack);
    assert.equal(printable(error.message), error.message);
    assert.ok(!error.message.includes("canary"), error.message);
    assert.ok(error.message.length < 20_000, "a sentence, not a book");
  }
}

describe("a hostile control plane", function () {
  let hostile: HostileControlPlane;
  let good: FakeControlPlane;
  const mesh = { type: "Mesh", name: "default" };
  const victim = { type: "MeshTimeout", mesh: "default", name: "victim", spec: {} };

  beforeEach(async () => {
    hostile = await HostileControlPlane.start();
    good = await FakeControlPlane.start({ resources: [mesh, victim] });
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const federation = (hostileIs: "zone" | "global"): Federation => ({
    zoneName: "zone-1",
    zone: hostileIs === "zone" ? hostile.client("the zone") : clientOf(good, { attempts: 1 }),
    global: hostileIs === "global" ? hostile.client("the global") : clientOf(good, { attempts: 1 }),
    kdsAddress: undefined,
    onConflict: "fail",
  });

  /** Every way in which this program reads, on the side that is hostile. */
  const reads: Record<string, () => Promise<unknown>> = {
    info: () => hostile.client().info(),
    config: () => hostile.client().config(),
    "each list": async () => {
      for (const type of UNIVERSAL_TYPES) await inOneSentence(() => hostile.client().list(type));
    },
    "one resource": () => hostile.client().get(UNIVERSAL_TYPES[0], victim),
    "all lists": () => readZone(hostile.client()),
    export: () => exportZone(hostile.client()),
    plan: () => planZone(federation("zone")),
    "plan for a hostile global": () => planZone(federation("global")),
    preflight: async () => {
      const report = await preflight(new Facts(federation("zone")));
      for (const { evidence } of report.checks)
        for (const line of evidence) assert.equal(printable(line).replace(/\n/g, ""), line);
      formatReports([report]);
    },
    "preflight of a hostile global": () => preflight(new Facts(federation("global"))),
    status: () =>
      verifyZone({ zone: clientOf(good), global: hostile.client(), zoneName: "zone-1" }, MANIFEST),
    "status of a hostile zone": () =>
      verifyZone({ zone: hostile.client(), global: clientOf(good), zoneName: "zone-1" }, MANIFEST),
    drift: () => driftOf(hostile.client(), MANIFEST),
    digests: () => readDigests(hostile.client(), [victim]),
    "zone's state": () => zoneState(hostile.client(), "zone-1"),
    "zones' names": () => zoneNames(hostile.client()),
    "other zones": () => otherZones(hostile.client(), "zone-1"),
    limits: () => hostedUse(hostile.client()),
    "global secrets": () => servesGlobalSecrets(hostile.client()),
    "record for the way back": () => recordOf({ resources: [] }, hostile.client(), "zone-1", undefined),
    policies: async () => {
      const { zone, global } = federation("zone");
      await planPolicies({ zoneName: "zone-1", zone, global, onConflict: "fail" }, {});
    },
  };

  for (const [what, read] of Object.entries(reads)) {
    it(`is read without harm: ${what}`, async () => {
      await fc.assert(
        fc.asyncProperty(hostileAnswers, async (answers) => {
          hostile.answers = answers;
          await inOneSentence(read);
        }),
        { numRuns: 60 },
      );
      assert.deepEqual([...hostile.writes, ...good.writes], []);
    });
  }

  it("as a zone gets nothing deleted on the global that was not written there, on the way back of its policies", async () => {
    const { zone, global } = federation("zone");
    if (!global) return assert.fail();
    await fc.assert(
      fc.asyncProperty(hostileAnswers, fc.constantFrom(...EVIL_NAMES), async (answers, name) => {
        hostile.answers = answers;
        const policies = [{ type: "MeshTimeout", mesh: "default", name: "a", spec: { ours: true } }];
        const added = [
          "MeshTimeout default/a",
          "MeshTimeout default/victim",
          `MeshTimeout default/${name}`,
          "Mesh x",
        ];
        await inOneSentence(() =>
          giveBack({ zoneName: "zone-1", zone, global }, { policies, added, leaveOnGlobal: false }, WAIT),
        );
        assert.deepEqual(good.writes, []);
      }),
      { numRuns: 200 },
    );
  });

  it("as a zone gets nothing but the marker deleted, on either side, and that under its own name", async () => {
    const { zone, global } = federation("zone");
    if (!global) return assert.fail();
    await fc.assert(
      fc.asyncProperty(hostileAnswers, async (answers) => {
        hostile.answers = answers;
        await inOneSentence(() =>
          exchangeMarkers({ zone, global, zoneName: "zone-1" }, { "Mesh default": "d" }, 0),
        );
      }),
      { numRuns: 60 },
    );
    for (const line of good.writes)
      assert.match(line, /^(PUT|DELETE) \/meshes\/default\/meshtimeouts\/kuma-federation-marker-\w{8}$/);
    assert.deepEqual([...good.store.keys()], ["Mesh default", "MeshTimeout default/victim"]);
  });

  it("gets nothing of another path than that of a resource in all that writes", async () => {
    const client = hostile.client();
    await fc.assert(
      fc.asyncProperty(hostileAnswers, async (answers) => {
        hostile.answers = answers;
        await inOneSentence(() =>
          removeFromGlobal(client, "zone-1", { added: MANIFEST, zonesBefore: {} }, 0),
        );
        await inOneSentence(() => putBack(client, [{ type: "GlobalSecret", name: "g" }], typesByName));
        await inOneSentence(() => restoreZone(client, [mesh], [victim]));
      }),
      { numRuns: 60 },
    );
    for (const line of hostile.writes) assert.match(line, /^(PUT|DELETE) (\/[0-9a-z-]+){2,4}$/);
  });

  it("is not asked for ever to forget a zone", async () => {
    hostile.answers = { status: 403, documents: {} };
    await inOneSentence(() => removeZone(hostile.client(), "zone-1"));
    assert.deepEqual(hostile.writes, ["DELETE /zones/zone-1"]);
  });

  /** As it was shown: the path was folded, and the global deleted its mesh. */
  it("as a zone with a policy called .. costs the global no mesh", async () => {
    const dots = { type: "MeshTimeout", mesh: "default", name: "..", spec: {} };
    hostile.answers = { documents: { list: { total: 1, items: [dots], next: null } } };
    const { zone, global } = federation("zone");
    if (!global) return assert.fail();
    await assert.rejects(
      planPolicies({ zoneName: "zone-1", zone, global, onConflict: "fail" }, {}),
      KumaError,
    );
    const handed = { policies: [dots], added: ["MeshTimeout default/.."], leaveOnGlobal: false };
    await inOneSentence(() => giveBack({ zoneName: "zone-1", zone, global }, handed, WAIT));
    assert.deepEqual(good.writes, []);
    assert.ok(good.store.has("Mesh default"));
  });

  it("that begins a new list with every page is asked only so often", async () => {
    let asked = 0;
    const answers: Answers = {
      documents: {
        get list() {
          asked++;
          return { items: [{ ...victim, name: `n-${asked}` }], next: `/meshtimeouts?offset=${asked}` };
        },
      },
    };
    hostile.answers = answers;
    const timeouts = typesByName.get("MeshTimeout") ?? assert.fail();
    await assert.rejects(hostile.client().list(timeouts), /comes to no end/);
    assert.ok(asked <= 2_000, `${asked} requests`);
  });
});

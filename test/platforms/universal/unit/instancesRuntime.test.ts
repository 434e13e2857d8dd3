import * as assert from "node:assert/strict";
import { InstancesRuntime } from "../../../../platforms/universal/unit/instancesRuntime";
import { assertOneStore } from "../../../../platforms/universal/unit/look/oneStore";
import type { UnitSettings } from "../../../../platforms/universal/unit/unitSettings";
import type { ZoneRuntime } from "../../../../platforms/universal/zone/zoneRuntime";
import { captureLog } from "../../../support/captureLog";
import { cleanUp } from "../../../support/cleanUp";
import { kumaErrorOf } from "../../../support/errors";

const MEMBER = { KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS: "grpcs://g:5685" };
const POSTGRES = { database: "zone", federatedDatabase: "next" };

/** Each instance is the variables that it runs with; what is done goes to one list. */
class FakeInstances {
  readonly done: string[] = [];
  readonly runtime: InstancesRuntime;

  constructor(readonly environments: (Record<string, string> | undefined)[]) {
    const [first, ...others] = environments.map((_, index) => this.instance(index));
    this.runtime = new InstancesRuntime([first, ...others]);
  }

  private instance(index: number): ZoneRuntime<UnitSettings> {
    const name = String.fromCharCode(97 + index);
    const note = (what: string) => void this.done.push(`${what} ${name}`);
    const settings = () => ({
      ...{ title: `kuma-cp on ${name}`, storeType: "postgres", postgres: POSTGRES },
      environment: this.environments[index] ?? {},
    });
    return {
      settings: async () => settings(),
      isRunning: async () => this.environments[index] !== undefined,
      runsWith: async ({ environment }: UnitSettings) => this.environments[index] === environment,
      start: async ({ environment }: UnitSettings) => {
        note("start");
        this.environments[index] = environment;
      },
      give: async (file: string) => (note("give"), `/var/${file}`),
      readKept: async () => (note("read"), name),
      beside: async () => note("beside"),
      endMembership: async () => note("end"),
      logFrom: async () => async () => [`error of ${name}`],
    } as unknown as ZoneRuntime<UnitSettings>;
  }
}

describe("platforms/universal/unit: several instances of a zone's control plane", () => {
  afterEach(cleanUp);

  it("are started one after another as members, and in the other order alone, and told of", async () => {
    const { lines } = captureLog();
    const { runtime, done, environments } = new FakeInstances([{}, {}, {}]);
    const settings = await runtime.settings();
    await runtime.start({ ...settings, environment: MEMBER });
    assert.deepEqual(environments, [MEMBER, MEMBER, MEMBER]);
    const alone = { ...settings, environment: {} };
    await runtime.start(alone);
    assert.equal(lines.length, 6);
    await runtime.start(alone);
    assert.equal(lines.length, 6, "nothing is told where nothing was done");
    assert.deepEqual(done.slice(0, 6), ["start a", "start b", "start c", "start c", "start b", "start a"]);
    assert.deepEqual(
      [lines[0], lines[5]],
      [
        "kuma-cp on a: runs as a member of the global, 1 of 3 instances",
        "kuma-cp on a: runs alone, 3 of 3 instances",
      ],
    );
  });

  it("count as members as long as one of them is, and as running where all of them run alike", async () => {
    for (const [environments, isMember, runs] of [
      [[{}, {}], false, true],
      [[MEMBER, {}], true, false],
      [[{}, MEMBER], true, false],
      [[MEMBER, MEMBER], true, true],
      [[{}, undefined], false, false],
    ] as const) {
      const { runtime } = new FakeInstances([...environments]);
      const { environment, title } = await runtime.settings();
      assert.deepEqual([environment === MEMBER, await runtime.isRunning()], [isMember, runs], title);
    }
  });

  it("all have the files of a membership; what a run keeps for the next one lies beside the first", async () => {
    const { runtime, done } = new FakeInstances([{}, {}]);
    assert.equal(await runtime.give("kds-ca.crt", "pem"), "/var/kds-ca.crt");
    assert.equal(await runtime.readKept("kept.json"), "a");
    await runtime.beside(await runtime.settings(), async () => {});
    await runtime.endMembership();
    assert.deepEqual(done, ["give a", "give b", "read a", "beside a", "end b", "end a"]);
    assert.deepEqual(await (await runtime.logFrom())(), ["error of a", "error of b"]);
  });
});

describe("platforms/universal/unit: whether instances are those of one control plane", () => {
  const first = { title: "kuma-cp on a", storeType: "postgres", database: "zone", storeId: "1" };
  const other = { ...first, title: "kuma-cp on b" };

  it("is so on one database, also where one is on its next already", () => {
    assertOneStore([first, other]);
    assertOneStore([first, { ...other, storeId: undefined }]);
    assertOneStore([{ ...first, storeType: "memory" }]);
  });

  for (const [what, instance, sentence] of [
    [
      "a store in memory",
      { storeType: "memory" },
      /^kuma-cp on b is one of 2 instances in the setting ssh, and keeps what it has in memory, which no other one shares\. Nothing was changed\./,
    ],
    [
      "another store",
      { storeType: "kubernetes" },
      /keeps what it has in a store of the type kubernetes\. Nothing/,
    ],
    [
      "another database",
      { database: "mine" },
      /^kuma-cp on a and kuma-cp on b do not share a database \(zone and mine\), so they are not instances/,
    ],
    [
      "the same name on another server",
      { storeId: "2" },
      /do not share a database: each has a store of its own, so/,
    ],
  ] as const) {
    it(`is refused with ${what}, and nothing was changed`, async () => {
      const { message } = await kumaErrorOf(() => assertOneStore([first, { ...other, ...instance }]));
      assert.match(message, sentence);
      assert.match(message, /Nothing was changed\./);
    });
  }
});

import assert from "node:assert/strict";
import { needsEngine } from "../../support/pulumi/engine";
import { freePortBase } from "../../support/ports";
import { Sandbox, ask, clearFaults, dialled, oneZone, realKumaCp, setFaults, startGlobal } from "../support";

const MESH = { type: "Mesh", name: "default", skipCreatingInitialPolicies: ["*"] };
const timeout = (name: string) => ({
  ...{ type: "Timeout", mesh: "default", name, conf: { connectTimeout: "1s" } },
  ...{
    sources: [{ match: { "kuma.io/service": "*" } }],
    destinations: [{ match: { "kuma.io/service": "*" } }],
  },
});
/** Each zone made its mesh and its keys by itself. */
const BOTH_MADE = ["Mesh default", "*Secret *"].map((resources) => ({ resources, choice: "keepGlobal" }));

/** Zones that are switched in waves, by the setting `rollout`. */
for (const real of [false, true]) {
  const count = real ? 3 : 5;
  describe(`zones in waves, on ${real ? "a real kuma-cp" : "the stand-in"}`, function () {
    needsEngine();
    this.timeout(900_000);
    let sandbox: Sandbox;
    let global: Awaited<ReturnType<typeof startGlobal>>;
    let zones: { name: string; portBase: number; federated?: boolean }[];

    before(async function () {
      const program = real ? await realKumaCp() : undefined;
      if (real && program === undefined) this.skip();
      sandbox = new Sandbox(program === undefined ? {} : { KUMA_CP: program });
      global = await startGlobal(sandbox.directory, real ? { KUMA_STORE_TYPE: "memory" } : {}, program);
      zones = [];
      for (let at = 1; at <= count; at++) {
        const content = sandbox.writeContent(`content-${at}`, [MESH, timeout("all"), timeout(`of-${at}`)]);
        const kumaCp = real ? "path" : "embedded";
        const { config } = await oneZone({ content, kumaCp, store: "memory" });
        const [zone] = config.zones as (typeof zones)[number][];
        zones.push({ ...zone, name: `zone-${at}`, portBase: await freePortBase() });
      }
      write();
    });
    after(() => sandbox?.remove());

    const write = (settings: object = {}, those: object[] = zones) =>
      sandbox.writeStack("test", {
        ...{ zones: those, global: global.config, onConflict: BOTH_MADE },
        ...{ rollout: { waves: [1, 2, "all"], settle: 1 }, onUndo: "removeFromGlobal", ...settings },
      });
    const expect = async (wanted: number, command: string, ...args: string[]) => {
      const { status, output } = await sandbox.run(command, "--stack", "test", ...args);
      assert.equal(status, wanted, output);
      return output;
    };
    const members = async () => {
      const dials = zones.map(async ({ name, portBase }) =>
        (await dialled(`http://127.0.0.1:${portBase + 81}`)) === undefined ? [] : [name],
      );
      return (await Promise.all(dials)).flat();
    };

    it("are told by preview, wave by wave", async () => {
      const output = await expect(0, "preview");
      assert.match(output, /wave 1 of [23]: zone-1 is switched$/m);
      assert.match(
        output,
        /wave 2 of [23]: zone-2, zone-3 are switched side by side, once those of wave 1 are online and equal on both sides and have stayed online for 1 s$/m,
      );
    });

    it("stop with a wave that fails, which says what stands where", async function () {
      if (real) this.skip();
      await setFaults(global.url, { errorRate: 1, errorStatus: 500, only: "/zones/zone-2/_overview" });
      const output = await expect(2, "up");
      await clearFaults(global.url);
      assert.match(output, /^ {2}wave 1 of 3: joined: zone-1$/m);
      assert.match(output, /^ {2}wave 2 of 3: .*carried, not joined: zone-2/m);
      assert.match(output, /^ {2}wave 3 of 3: not begun: zone-4, zone-5$/m);
      assert.doesNotMatch(output, /zone-4-resources/);
    });

    it("join, each wave once the one before it has settled", async () => {
      const output = await expect(0, "up");
      const at = (text: string) => {
        const found = output.indexOf(text);
        assert.ok(found >= 0, `${text}\n${output}`);
        return found;
      };
      if (real) assert.ok(at("created  zone-1-federation") < at("created  wave-1-settled"));
      if (real) assert.ok(at("created  wave-1-settled") < at("created  zone-2-resources"));
      // all of a wave is carried before the first of it is switched
      if (real) assert.ok(at("created  zone-3-resources") < at("created  zone-2-federation"));
      assert.equal((await members()).length, count);
      assert.match(await expect(0, "up"), /nothing to do/);
    });

    it("leave side by side, and join again", async () => {
      const stay = zones.slice(0, -2);
      const leaving = zones.slice(-2).map((zone) => ({ ...zone, federated: false }));
      write({}, [...stay, ...leaving]);
      await expect(0, "preview");
      await expect(0, "up");
      assert.deepEqual(
        await members(),
        stay.map(({ name }) => name),
      );
      write();
      await expect(0, "up");
      assert.equal((await members()).length, count);
    });

    it("are taken down, and nothing that they brought is left", async () => {
      const output = await expect(0, "destroy");
      assert.doesNotMatch(output, /left on the global: .*came later/);
      assert.equal((await ask(`${global.url}/meshes/default/timeouts/of-1`)).status, 404);
    });
  });
}

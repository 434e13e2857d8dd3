import assert from "node:assert/strict";
import { needsEngine } from "../../support/pulumi/engine";
import { until } from "../../support/until";
import { Sandbox, getJson, oneZone, put, realKumaCp } from "../support";

const MESH = { type: "Mesh", name: "default", skipCreatingInitialPolicies: ["*"] };
const ingress = (name: string) => ({
  ...{ type: "ZoneIngress", name },
  networking: { address: "192.0.2.1", port: 10001, advertisedAddress: "192.0.2.1", advertisedPort: 10001 },
});
const proxy = (name: string, ...services: string[]) => ({
  ...{ type: "Dataplane", mesh: "default", name },
  networking: {
    address: "192.0.2.2",
    inbound: services.map((service, at) => ({
      port: 80 + at,
      tags: { "kuma.io/service": service, "kuma.io/protocol": "http" },
    })),
  },
});

const LOOK_EVERY_MS = 100;

/** Each zone made its mesh and its keys by itself. */
const BOTH_MADE = ["Mesh default", "*Secret *"].map((resources) => ({ resources, choice: "keepGlobal" }));

/** The guides' "Disable a zone", as a setting: others forget its zone ingress, and get it again. */
for (const real of [false, true]) {
  describe(`a zone that is disabled by its setting, on ${real ? "real kuma-cp" : "the stand-in"}`, function () {
    needsEngine();
    let sandbox: Sandbox;
    let config: { global: object; zones: object[] };
    let [globalUrl, second] = ["", ""];

    before(async function () {
      const program = real ? await realKumaCp() : undefined;
      if (real && program === undefined) this.skip();
      sandbox = new Sandbox(program === undefined ? {} : { KUMA_CP: program });
      const kumaCp = real ? "path" : "embedded";
      const stack = await oneZone({ kumaCp, store: "memory", content: sandbox.writeContent("one", [MESH]) });
      const other = await oneZone({ kumaCp, store: "memory", content: sandbox.writeContent("two", [MESH]) });
      ({ globalUrl } = stack);
      second = other.zoneUrl;
      const [zoneTwo] = other.config.zones as object[];
      config = {
        global: { ...(stack.config.global as object), kumaCp },
        zones: [...(stack.config.zones as object[]), { ...zoneTwo, name: "zone-2" }],
      };
      sandbox.writeStack("test", { ...config, onConflict: BOTH_MADE });
      await expect(0, "up");
      assert.ok((await put(`${stack.zoneUrl}/zoneingresses/in-1`, ingress("in-1"))) < 300);
      const dataplanes = `${stack.zoneUrl}/meshes/default/dataplanes`;
      assert.ok((await put(`${dataplanes}/web-1`, proxy("web-1", "web", "api"))) < 300);
      const there = `${second}/meshes/default/dataplanes`;
      assert.ok((await put(`${there}/web-2`, proxy("web-2", "web"))) < 300);
      await until("the zone ingress to reach the other zone", async () => (await ingresses()).length === 1);
    });
    after(() => sandbox?.remove());

    const expect = async (wanted: number, command: string, ...args: string[]) => {
      const { status, output } = await sandbox.run(command, "--stack", "test", ...args);
      assert.equal(status, wanted, output);
      return output;
    };
    const ingresses = async () => (await getJson<{ items: object[] }>(`${second}/zoneingresses`)).items;
    const write = (enabled?: boolean, more: object = {}) => {
      const [first, other] = config.zones;
      const zones = [{ ...first, ...(enabled !== undefined && { enabled }), ...more }, other];
      sandbox.writeStack("test", { ...config, zones, onConflict: BOTH_MADE });
    };
    const isEnabled = async () =>
      (await getJson<{ enabled?: boolean }>(`${globalUrl}/zones/zone-1`)).enabled !== false;

    it("is told in a preview, with what becomes of calls, and written by an up alone", async () => {
      write(false);
      const output = await expect(0, "preview");
      assert.match(
        output,
        /zone zone-1 is disabled on the global: calls within it go on, .*end \(api\), or move to zones that have them too \(web\)/,
      );
      assert.equal(await isEnabled(), true);
    });

    it("takes its zone ingress from the others, and stays a member", async () => {
      const output = await expect(0, "up");
      assert.match(output, /zone zone-1: it is disabled on the global/);
      assert.match(output, /zone-1 +online, disabled +\S+ +equal +equal/);
      assert.deepEqual(await ingresses(), []);
      assert.equal(await isEnabled(), false);
      assert.match(await expect(0, "up"), /nothing to do|everything is as it should be/);
      assert.doesNotMatch(await expect(0, "status"), /Warning: Zone zone-1 is disabled/);
    });

    it("is seen when somebody enables it on the global, and disabled again", async () => {
      assert.equal(
        await put(`${globalUrl}/zones/zone-1`, { type: "Zone", name: "zone-1", enabled: true }),
        200,
      );
      const output = await expect(1, "status");
      assert.match(
        output,
        /Zone zone-1 is enabled on the global, and by the stack file it is to be disabled/,
      );
      await expect(0, "up");
      assert.equal(await isEnabled(), false);
    });

    it("is enabled again when the setting goes", async () => {
      write();
      assert.match(await expect(0, "preview"), /zone-1-on-global/);
      await expect(0, "up");
      assert.equal(await isEnabled(), true);
      await until(
        "the zone ingress to be back in the other zone",
        async () => (await ingresses()).length === 1,
      );
    });

    it("is never known to the others when it joins disabled", async () => {
      write(undefined, { federated: false });
      await expect(0, "up");
      assert.deepEqual(await ingresses(), []);
      write(false);
      assert.match(await expect(0, "preview"), /zone zone-1 is disabled on the global when it joins/);
      const known: string[] = [];
      const watch = setInterval(() => void look(), LOOK_EVERY_MS);
      const look = async () => {
        const { items } = await getJson<{ items: { name: string; enabled?: boolean }[] }>(
          `${globalUrl}/zones`,
        );
        known.push(
          ...items.filter(({ name, enabled }) => name === "zone-1" && enabled !== false).map(() => "Zone"),
        );
        known.push(...(await ingresses()).map(() => "ingress"));
      };
      const output = await expect(0, "up").finally(() => clearInterval(watch));
      assert.match(output, /zone-1: it is disabled on the global before it joins, as the stack has it/);
      assert.match(output, /zone-1 +online, disabled +\S+ +equal +equal/);
      assert.deepEqual(known, []);
    });

    it("leaves the global, and is taken down, while it is disabled", async () => {
      write(false);
      await expect(0, "up");
      assert.match(await expect(0, "destroy"), /nothing of it is left on this machine/);
    });
  });
}

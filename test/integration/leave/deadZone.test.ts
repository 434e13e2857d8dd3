import assert from "node:assert/strict";
import { needsEngine } from "../../support/pulumi/engine";
import { until } from "../../support/until";
import { Sandbox, ask, getJson, oneZone, put, realKumaCp, startGlobal } from "../support";

const MESH = { type: "Mesh", name: "default", skipCreatingInitialPolicies: ["*"] };
const BOTH_MADE = ["Mesh default", "*Secret *"].map((resources) => ({ resources, choice: "keepGlobal" }));
const ingress = {
  ...{ type: "ZoneIngress", name: "in-2" },
  networking: { address: "192.0.2.1", port: 10001, advertisedAddress: "192.0.2.1", advertisedPort: 10001 },
};
const proxy = {
  ...{ type: "Dataplane", mesh: "default", name: "web-2" },
  networking: {
    address: "192.0.2.2",
    inbound: [{ port: 80, tags: { "kuma.io/service": "web", "kuma.io/protocol": "http" } }],
  },
};
const policy = {
  ...{ type: "MeshTimeout", mesh: "default", name: "own-2", labels: { "kuma.io/origin": "zone" } },
  spec: {
    targetRef: { kind: "Mesh" },
    to: [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout: "3s" } }],
  },
};

/** `remove: force`: the way back of a zone needs a control plane that answers, and this one never will again. */
for (const real of [false, true]) {
  describe(`a zone that died, on ${real ? "real kuma-cp" : "the stand-in"}`, function () {
    needsEngine();
    this.timeout(600_000);
    let sandbox: Sandbox;
    let globalUrl: string;
    let config: { global: object; onConflict: object[] };
    let zones: { name: string; portBase: number }[];

    before(async function () {
      const program = real ? await realKumaCp() : undefined;
      if (real && program === undefined) this.skip();
      sandbox = new Sandbox(program === undefined ? {} : { KUMA_CP: program });
      const global = await startGlobal(sandbox.directory, real ? { KUMA_STORE_TYPE: "memory" } : {}, program);
      globalUrl = global.url;
      config = { global: global.config, onConflict: BOTH_MADE };
      zones = [];
      for (const name of ["zone-1", "zone-2", "zone-3"]) {
        const content = sandbox.writeContent(name, [MESH]);
        const stack = await oneZone({ kumaCp: real ? "path" : "embedded", store: "memory", content });
        zones.push({ ...(stack.config.zones as (typeof zones)[number][])[0], name });
      }
      // a Zone that somebody has made on the global before is the zone's
      assert.ok(
        (await put(`${globalUrl}/zones/zone-2`, { type: "Zone", name: "zone-2", enabled: true })) < 300,
      );
      write();
      await expect(0, "up");
      const api = urlOf("zone-2");
      assert.ok((await put(`${api}/zoneingresses/in-2`, ingress)) < 300);
      assert.ok((await put(`${api}/meshes/default/dataplanes/web-2`, proxy)) < 300);
      assert.ok((await put(`${api}/meshes/default/meshtimeouts/own-2`, policy)) < 300);
      await until("what the zone owns to reach another zone", async () => (await ingresses()).length === 1);
      await until("its proxy and its policy to reach the global", async () => (await ownedOnGlobal()) === 2);
    });
    after(() => sandbox?.remove());

    const urlOf = (name: string) =>
      `http://127.0.0.1:${(zones.find((each) => each.name === name)?.portBase as number) + 81}`;
    const items = async (url: string) => (await getJson<{ items?: object[] }>(url)).items ?? [];
    const ingresses = () => items(`${urlOf("zone-1")}/zoneingresses`);
    const ownedOnGlobal = async () => {
      const [proxies, policies] = [
        await items(`${globalUrl}/meshes/default/dataplanes`),
        await items(`${globalUrl}/meshes/default/meshtimeouts`),
      ];
      const owned = [...proxies, ...policies] as { labels?: Record<string, string> }[];
      return owned.filter(({ labels }) => ["web-2", "own-2"].includes(labels?.["kuma.io/display-name"] ?? ""))
        .length;
    };
    const write = (more: object = {}) => {
      const written = zones.map((zone) => (zone.name === "zone-2" ? { ...zone, ...more } : zone));
      sandbox.writeStack("test", { ...config, zones: written });
    };
    const expect = async (wanted: number, command: string, ...args: string[]) => {
      const { status, output } = await sandbox.run(command, "--stack", "test", ...args);
      assert.equal(status, wanted, output);
      return output;
    };
    const isOnline = async (name: string) => {
      const { zoneInsight } = await getJson<{
        zoneInsight: { subscriptions: { disconnectTime?: string }[] };
      }>(`${globalUrl}/zones/${name}/_overview`);
      return zoneInsight.subscriptions.at(-1)?.disconnectTime === undefined;
    };

    it("is not removed by force as long as it is connected", async () => {
      write({ remove: "force" });
      assert.match(
        await expect(0, "preview"),
        /zone zone-2 is connected with the global, so that up will refuse/,
      );
      const output = await expect(2, "up");
      assert.match(
        output,
        /Zone zone-2 is connected with the global, so it was not removed by force\. Nothing was changed\./,
      );
      assert.equal((await ask(`${globalUrl}/zones/zone-2`)).status, 200);
    });

    it("is told in a preview, with what goes with it and what becomes of calls", async () => {
      for (const pid of sandbox.processes("state/stacks/test/zones/zone-2")) process.kill(pid, "SIGKILL");
      await until("the global to see that the zone is away", async () => !(await isOnline("zone-2")));
      // as it is, the way back cannot be gone
      write({ federated: false });
      const failed = await sandbox.run("preview", "--stack", "test");
      assert.notEqual(failed.status, 1, failed.output);
      write({ remove: "force" });
      const output = await expect(0, "preview");
      assert.match(
        output,
        /zone zone-2 is removed by force: .*lose: 1 data plane proxies \(Dataplane default\/web-2.*\), 1 zone ingresses and egresses/,
      );
      assert.match(output, /\d+ other resources of its origin \(/);
      assert.match(output, /zone zone-2: calls from other zones to its services end \(web\)/);
      assert.doesNotMatch(output, /the control plane of zone zone-2 restarts/);
      assert.equal(await ownedOnGlobal(), 2);
    });

    it("goes from the global, from other zones and from the state, and others stay as they are", async () => {
      const output = await expect(0, "up");
      assert.match(
        output,
        /Zone zone-2 is removed by force: the global has forgotten it, and what it owned\./,
      );
      assert.doesNotMatch(output, /(updated|replaced|created) +zone-[13]-federation/);
      assert.equal((await ask(`${globalUrl}/zones/zone-2`)).status, 404);
      await until("the other zone to forget it", async () => (await ingresses()).length === 0);
      assert.equal(await ownedOnGlobal(), 0);
    });

    it("may stay in the file, and goes from it", async () => {
      assert.match(await expect(0, "up"), /nothing to do/);
      zones = zones.filter(({ name }) => name !== "zone-2");
      write();
      assert.match(await expect(0, "up"), /nothing to do/);
      assert.equal(await expect(0, "status").then((output) => output.includes("zone-2")), false);
      await expect(0, "destroy");
    });
  });
}

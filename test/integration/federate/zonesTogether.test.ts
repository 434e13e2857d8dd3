import assert from "node:assert/strict";
import { needsEngine } from "../../support/pulumi/engine";
import { freePortBase } from "../../support/ports";
import { Sandbox, ask, oneZone, put, realKumaCp, startGlobal } from "../support";

const MESH = { type: "Mesh", name: "default", skipCreatingInitialPolicies: ["*"] };
const timeout = (name: string, connectTimeout: string) => ({
  ...{ type: "Timeout", mesh: "default", name, conf: { connectTimeout } },
  ...{
    sources: [{ match: { "kuma.io/service": "*" } }],
    destinations: [{ match: { "kuma.io/service": "*" } }],
  },
});

const rule = (resources: string, choice: string) => ({ resources, choice });

/** Three zones that are to join one global, of which each brings something that another one has as well. */
for (const real of [false, true]) {
  describe(`zones of one stack, on ${real ? "a real kuma-cp" : "the stand-in"}`, function () {
    needsEngine();
    this.timeout(900_000);
    let sandbox: Sandbox;
    let config: Record<string, unknown>;
    let globalUrl: string;

    before(async function () {
      const program = real ? await realKumaCp() : undefined;
      if (real && program === undefined) this.skip();
      sandbox = new Sandbox(program === undefined ? {} : { KUMA_CP: program });
      const global = await startGlobal(sandbox.directory, real ? { KUMA_STORE_TYPE: "memory" } : {}, program);
      globalUrl = global.url;
      assert.ok((await put(`${globalUrl}/meshes/default`, MESH)) < 300);
      assert.ok(
        (await put(`${globalUrl}/meshes/default/timeouts/with-global`, timeout("with-global", "1s"))) < 300,
      );
      const contents = [
        [timeout("one", "1s"), timeout("with-global", "2s")],
        [timeout("one", "2s"), timeout("two", "2s")],
        [timeout("one", "2s"), timeout("two", "3s"), timeout("with-global", "3s")],
      ];
      const zones: object[] = [];
      for (const [index, resources] of contents.entries()) {
        const content = sandbox.writeContent(`content-${index + 1}`, [MESH, ...resources]);
        const kumaCp = real ? "path" : "embedded";
        // a store that outlives the switch keeps the keys that are to give way
        const { config: each } = await oneZone({ content, kumaCp, store: "memory" });
        zones.push({
          ...(each.zones as object[])[0],
          name: `zone-${index + 1}`,
          portBase: await freePortBase(),
        });
      }
      config = { zones, global: global.config };
      sandbox.writeStack("test", {
        ...config,
        onConflict: [rule("Mesh default", "keepGlobal"), rule("*Secret *", "keepGlobal")],
      });
    });
    after(() => sandbox?.remove());

    const run = (command: string, ...args: string[]) => sandbox.run(command, "--stack", "test", ...args);
    const CONFLICTS = [
      'Timeout default/with-global: differs in conf.connectTimeout (zone "2s", global "1s")',
      'Timeout default/one: differs in conf.connectTimeout (zone zone-2 "2s", zone zone-1 "1s")',
      'Timeout default/one: differs in conf.connectTimeout (zone zone-3 "2s", zone zone-1 "1s")',
      'Timeout default/two: differs in conf.connectTimeout (zone zone-3 "3s", zone zone-2 "2s")',
      'Timeout default/with-global: differs in conf.connectTimeout (zone "3s", global "1s")',
      'Timeout default/with-global: differs in conf.connectTimeout (zone zone-3 "3s", zone zone-1 "2s")',
    ];
    const timeoutsOn = async (url: string) => {
      const { items } = (await (await ask(`${url}/timeouts`)).json()) as {
        items: { name: string; conf: { connectTimeout: string } }[];
      };
      return Object.fromEntries(items.map(({ name, conf }) => [name, conf.connectTimeout]));
    };

    for (const [command, status] of [
      ["preview", 2],
      ["preflight", 1],
      ["up", 2],
    ] as const)
      it(`are compared with each other by ${command}, which names every conflict and writes nothing`, async () => {
        const found = await run(command);
        assert.equal(found.status, status, found.output);
        for (const conflict of CONFLICTS)
          assert.ok(found.output.includes(conflict), `${conflict}\n${found.output}`);
        assert.deepEqual(await timeoutsOn(globalUrl), { "with-global": "1s" });
        assert.doesNotMatch(found.output, /created {2}zone-1-resources/);
      });

    it("join in their order once rules say what happens, and each sees what those before it bring", async () => {
      sandbox.writeStack("test", {
        ...config,
        onConflict: [
          rule("Mesh default", "keepGlobal"),
          rule("Timeout default/two", "overwrite"),
          rule("*", "keepGlobal"),
        ],
      });
      const preview = await run("preview");
      assert.equal(preview.status, 0, preview.output);
      assert.match(
        preview.output,
        /keep the global's: Timeout default\/one \(.*zone zone-3 "2s", zone zone-1 "1s"/,
      );
      assert.match(preview.output, /overwrite: Timeout default\/two \(.*zone zone-3 "3s", zone zone-2 "2s"/);
      const up = await run("up");
      assert.equal(up.status, 0, up.output);
      assert.deepEqual(await timeoutsOn(globalUrl), { one: "1s", two: "3s", "with-global": "1s" });
      const again = await run("up");
      assert.match(again.output, /nothing to do/);
    });

    it("are told by preview of what up updates after a drift, and of nothing else", async () => {
      assert.equal((await ask(`${globalUrl}/meshes/default/timeouts/one`, { method: "DELETE" })).status, 200);
      const preview = await run("preview", "--diff");
      assert.equal(preview.status, 0, preview.output);
      assert.match(preview.output, /^ +~ 1 to update$/m);
      const up = await run("up");
      assert.deepEqual(up.output.match(/^ {2}updated +\S+/gm), ["  updated  zone-1-resources"], up.output);
    });

    it("are taken down", async () => {
      const { status, output } = await run("destroy");
      assert.equal(status, 0, output);
    });
  });
}

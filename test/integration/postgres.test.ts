import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { findKumaCp } from "../../toolchain/kumaControlPlane";
import { Postgres, findPostgres } from "../support/postgres";
import { secretOf, secretsIn } from "../support/secretSearch";
import {
  ROOT,
  Sandbox,
  contentOf,
  dialled,
  filesBelow,
  freePortBase,
  getJson,
  killTree,
  oneZone,
  put,
  until,
} from "./support";

const PASSWORD = "canary-database-3e9a17c4";

/** Real control planes, the zone's store in PostgreSQL on the loopback interface. */
describe("a zone on Postgres", function () {
  this.timeout(400_000);
  let sandbox: Sandbox;
  let postgres: Postgres;
  let zoneUrl: string;
  let globalUrl: string;
  let config: Record<string, unknown>;
  let contentBefore: object;

  before(async function () {
    const programs = findPostgres();
    if (programs === undefined) {
      console.log("      skipped: there is no PostgreSQL server on this machine");
      return this.skip();
    }
    const found = await findKumaCp({ choice: "auto", projectRoot: ROOT, env: process.env, log: () => {} });
    if (found.standIn) {
      console.log("      skipped: there is no kuma-cp 2.x on PATH, and KUMA_CP names none");
      return this.skip();
    }
    postgres = Postgres.start(programs, (await freePortBase()) + 32, PASSWORD, ["alone", "federated"]);
    sandbox = new Sandbox({ KUMA_CP: found.command[0], ZONE_1_PASSWORD: PASSWORD });
    const { port, user } = postgres;
    const databases = { database: "alone", federatedDatabase: "federated" };
    const stack = await oneZone({
      kumaCp: "path",
      store: "postgres",
      postgres: { port, user, passwordVariable: "ZONE_1_PASSWORD", ...databases },
    });
    ({ zoneUrl, globalUrl } = stack);
    config = { ...stack.config, global: { ...(stack.config.global as object), kumaCp: "path" } };
    sandbox.writeStack("test", config);
  });

  after(async () => {
    await sandbox?.remove();
    postgres?.stop();
  });

  it("goes on alone when the run is killed while the new database is filled", async () => {
    assert.equal((await sandbox.run("preview", "--stack", "test")).status, 0);
    contentBefore = await contentOf(zoneUrl);
    const { child, done } = sandbox.start("up", "--stack", "test");
    const filling = path.join(sandbox.state, "test/zones/zone-1/next/pid");
    await until("the filling", () => fs.existsSync(filling) || undefined);
    killTree(child, sandbox.processes());
    await done;
    assert.equal(await dialled(zoneUrl), undefined);
    assert.deepEqual(await contentOf(zoneUrl), contentBefore);
  });

  it("is switched to a database that is full by then, and the former one stays as it was", async () => {
    const rows = "select type, mesh, name from resources order by 1, 2, 3";
    const former = postgres.query(
      "alone",
      `${rows.replace(" order", " where type not like '%Insight' order")}`,
    );
    // every answer of the zone's API, from before the switch to after it: no mesh ever without its permission
    const seen: string[] = [];
    let over = false;
    const watch = (async () => {
      while (!over) {
        const [meshes, permissions] = await Promise.all(
          ["meshes", "meshtrafficpermissions"].map((list) =>
            getJson<{ total: number }>(`${zoneUrl}/${list}`).catch(() => undefined),
          ),
        );
        if (meshes && permissions) seen.push(`${meshes.total} ${permissions.total}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const { status, output } = await sandbox.run("up", "--stack", "test");
    over = true;
    await watch;
    assert.equal(status, 0, output);
    assert.match(output, /zone-1 +online +2\.\d+\.\d+ +equal +equal\n/);
    assert.deepEqual([...new Set(seen)], ["1 1"]);
    assert.deepEqual(sandbox.processes().length, 2, "what filled the database is gone");
    const now = postgres.query("alone", `${rows.replace(" order", " where type not like '%Insight' order")}`);
    assert.deepEqual(now, former);
    assert.ok(postgres.query("federated", "select 1 from resources where type = 'Mesh'").length === 1);
    const log = fs.readFileSync(path.join(sandbox.state, "test/zones/zone-1/kuma-cp.log"), "utf8");
    assert.doesNotMatch(log, /commit unexpectedly resulted in rollback/);
  });

  it("has nothing to do the second time", async () => {
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.match(output, /nothing to do: everything is as it should be/);
  });

  it("runs alone again on its former database, with what it owns today", async () => {
    const late = {
      ...{ type: "MeshTimeout", mesh: "default", name: "late", labels: { "kuma.io/origin": "zone" } },
      spec: {
        targetRef: { kind: "Mesh" },
        to: [{ targetRef: { kind: "Mesh" }, default: { idleTimeout: "20s" } }],
      },
    };
    assert.equal(await put(`${zoneUrl}/meshes/default/meshtimeouts/late`, late), 201);
    const [zone] = config.zones as object[];
    sandbox.writeStack("test", { ...config, zones: [{ ...zone, federated: false }] });
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.equal(await dialled(zoneUrl), undefined);
    const after = (await contentOf(zoneUrl)) as { originals: object; kept: Record<string, string> };
    const { "MeshTimeout default/late": added, ...kept } = after.kept;
    assert.ok(added);
    assert.deepEqual({ ...after, kept }, contentBefore);
    assert.deepEqual((await getJson<{ items: object[] }>(`${globalUrl}/zones`)).items, []);
  });

  it("can be federated again, in the database that it had then", async () => {
    await fetch(`${zoneUrl}/meshes/default/meshtimeouts/late`, { method: "DELETE" });
    sandbox.writeStack("test", config);
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    const { items } = await getJson<{ items: { name: string }[] }>(`${zoneUrl}/meshtimeouts`);
    assert.ok(!items.some(({ name }) => name.startsWith("late")), "what it owned in its former life is gone");
  });

  it("writes the password nowhere", async () => {
    const secrets = [secretOf("the password", PASSWORD)];
    assert.deepEqual(secretsIn(sandbox.printed, secrets), []);
    const holders = filesBelow(sandbox.directory).filter(
      (file) => secretsIn(fs.readFileSync(file), secrets).length > 0,
    );
    assert.deepEqual(holders, []);
  });
});

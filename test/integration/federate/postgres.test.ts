import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { Resource, readResources } from "../../../kuma";
import { issueAuthority, issueServerCertificate } from "../../../platforms/kdsCertificate";
import { needsEngine } from "../../support/pulumi/engine";
import { needsKumaCp } from "../../support/controlPlane/kumaCp";
import { Postgres, findPostgres } from "../../support/controlPlane/postgres";
import { secretOf, secretsIn } from "../../support/secretSearch";
import { freePortBase } from "../../support/ports";
import { ROOT, Sandbox, contentOf, dialled, filesBelow, getJson, killTree, oneZone, put } from "../support";

/** So many that a run can be killed in the middle. */
const POLICIES = 300;

interface Content {
  originals: Record<string, string>;
  kept: Record<string, string>;
}

/** The demo's zone, a second mesh with mTLS, and many policies. */
function content(): Resource[] {
  const targetRef = { kind: "Mesh" };
  const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };
  const inbound = [{ port: 15_000, tags: { "kuma.io/service": "backend", "kuma.io/protocol": "http" } }];
  return [
    ...readResources(path.join(ROOT, "stand-in/demo-zone"), "the demo's zone"),
    { type: "Mesh", name: "second", mtls },
    {
      ...{ type: "MeshTrafficPermission", mesh: "second", name: "allow" },
      spec: { targetRef, from: [{ targetRef, default: { action: "Allow" } }] },
    },
    {
      ...{ type: "Dataplane", mesh: "second", name: "backend-1" },
      networking: { address: "127.0.0.1", inbound },
    },
    ...Array.from({ length: POLICIES }, (_, index) => ({
      ...{ type: "MeshTimeout", mesh: index % 2 ? "second" : "default", name: `many-${index}` },
      spec: { targetRef, to: [{ targetRef, default: { idleTimeout: `${index + 1}s` } }] },
    })),
  ];
}

const PASSWORD = "canary-database-3e9a17c4";

/** Real control planes, the zone's store in PostgreSQL on the loopback interface. */
describe("a zone on Postgres", function () {
  needsEngine();
  let sandbox: Sandbox;
  let postgres: Postgres;
  let zoneUrl: string;
  let globalUrl: string;
  let config: Record<string, unknown>;
  let contentBefore: object;

  before(async function () {
    const programs = findPostgres();
    if (programs === undefined) {
      console.log("      skipped: there is no PostgreSQL server on PATH, and POSTGRES_BIN names none");
      return this.skip();
    }
    const found = await needsKumaCp(this);
    const authority = await issueAuthority("the database's authority");
    const server = await issueServerCertificate(authority, ["127.0.0.1"]);
    const port = (await freePortBase()) + 32;
    postgres = Postgres.start(programs, port, PASSWORD, ["alone", "federated"], server);
    sandbox = new Sandbox({ KUMA_CP: found, ZONE_1_PASSWORD: PASSWORD });
    const { user } = postgres;
    const caFile = path.join(sandbox.directory, "database-ca.crt");
    fs.writeFileSync(caFile, authority.cert);
    const tls = { tlsMode: "verifyFull", caFile };
    const databases = { database: "alone", federatedDatabase: "federated" };
    const stack = await oneZone({
      kumaCp: "path",
      store: "postgres",
      content: sandbox.writeContent("content", content()),
      postgres: { port, user, passwordVariable: "ZONE_1_PASSWORD", ...tls, ...databases },
    });
    ({ zoneUrl, globalUrl } = stack);
    config = { ...stack.config, global: { ...(stack.config.global as object), kumaCp: "path" } };
    sandbox.writeStack("test", config);
  });

  after(async () => {
    await sandbox?.remove();
    postgres?.stop();
  });

  /** Kills the engine and everything of it, control planes apart, once something is to be seen. */
  async function killedWhen(what: string, isSeen: () => boolean): Promise<void> {
    const { child, done } = sandbox.start("up", "--stack", "test");
    while (!isSeen()) {
      assert.equal(child.exitCode, null, `the run ended before ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    killTree(child, sandbox.processes());
    await done;
  }
  const isBesideTheZone = () => fs.existsSync(path.join(sandbox.state, "stacks/test/zones/zone-1/next/pid"));
  const countIn = (database: string, type: string) =>
    Number(postgres.query(database, `select count(*) from resources where type = '${type}'`)[0]);

  it("is not started by what only looks, as its start would write to the database", async () => {
    for (const command of ["preview", "preflight"]) {
      const { status, output } = await sandbox.run(command, "--stack", "test");
      assert.equal(status, 3, output);
      assert.match(
        output,
        /^Zone zone-1 has never run and was not started, as its start would write to the database alone/m,
      );
    }
    assert.deepEqual(sandbox.processes(), []);
    assert.deepEqual(
      postgres.query("alone", "select count(*) from pg_tables where tablename = 'resources'"),
      ["0"],
    );
  });

  it("is in order for preflight, which names both databases", async () => {
    await sandbox.startZones();
    const { status, stdout } = await sandbox.run("preflight", "--stack", "test", "--output", "json");
    assert.equal(status, 0, stdout);
    const { zones } = JSON.parse(stdout) as { zones: { checks: { code: string; evidence: string[] }[] }[] };
    const { port } = postgres;
    assert.deepEqual(zones[0].checks.find(({ code }) => code === "zone-store")?.evidence, [
      `runs alone on database alone at 127.0.0.1:${port}`,
      `will be federated on database federated at 127.0.0.1:${port}`,
    ]);
    assert.equal((await sandbox.run("preview", "--stack", "test")).status, 0);
    contentBefore = await contentOf(zoneUrl);
    assert.equal(isBesideTheZone(), false);
  });

  it("goes on alone when its password is missing, and says which variable is to hold it", async () => {
    sandbox.environment.ZONE_1_PASSWORD = undefined;
    const { status, output } = await sandbox.run("up", "--stack", "test");
    sandbox.environment.ZONE_1_PASSWORD = PASSWORD;
    assert.equal(status, 2, output);
    assert.match(
      output,
      /The variable ZONE_1_PASSWORD, which is to hold the password of its database, is not/,
    );
    assert.equal(await dialled(zoneUrl), undefined);
  });

  it("goes on alone when the next database cannot be prepared, and says why", async () => {
    postgres.query("postgres", "alter database federated rename to elsewhere");
    const { status, output } = await sandbox.run("up", "--stack", "test");
    postgres.query("postgres", "alter database elsewhere rename to federated");
    assert.equal(status, 2, output);
    assert.match(
      output,
      /database federated at 127\.0\.0\.1:\d+ could not be prepared \(.*does not exist.*\).*Zone zone-1 goes on as it was/,
    );
    assert.equal(await dialled(zoneUrl), undefined);
    assert.deepEqual(await contentOf(zoneUrl), contentBefore);
  });

  for (const [moment, isSeen] of [
    ["begins", isBesideTheZone],
    ["is half-way", () => countIn("federated", "MeshTimeout") > POLICIES / 4],
  ] as const) {
    it(`goes on alone when the run is killed as the filling of its next database ${moment}`, async () => {
      await killedWhen(`the moment in which it ${moment}`, isSeen);
      assert.equal(isBesideTheZone(), true);
      assert.equal(await dialled(zoneUrl), undefined);
      assert.deepEqual(await contentOf(zoneUrl), contentBefore);
    });
  }

  it("is switched to a database that is full by then, and the former one stays as it was", async () => {
    const rows = () =>
      postgres.query(
        "alone",
        "select type, mesh, name, spec from resources where type not like '%Insight' and type <> 'Config' order by 1, 2, 3",
      );
    const former = rows();
    // every answer of the zone's API, from before the switch to after it
    const seen = new Set<string>();
    let over = false;
    const watch = (async () => {
      while (!over) {
        const lists = ["meshes?", "meshtrafficpermissions?", "meshtimeouts?name=many&", "dataplanes?"];
        const totals = await Promise.all(
          lists.map((list) => getJson<{ total: number }>(`${zoneUrl}/${list}size=1`).catch(() => undefined)),
        );
        if (totals.every(Boolean)) seen.add(totals.map((each) => each?.total).join(" "));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const { status, output } = await sandbox.run("up", "--stack", "test");
    over = true;
    await watch;
    assert.equal(status, 0, output);
    assert.match(output, /zone-1 +online +2\.\d+\.\d+ +equal +equal\n/);
    assert.deepEqual([...seen], [`2 2 ${POLICIES} 3`], "no mesh without its permissions, ever");
    assert.equal(sandbox.processes().length, 2, "what filled the database is gone");
    assert.equal(isBesideTheZone(), false);
    assert.deepEqual(rows(), former);
    assert.equal(countIn("federated", "Mesh"), 2);
    const tls =
      "select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where client_port > 0";
    assert.deepEqual(postgres.query("federated", `${tls} and application_name <> 'psql'`), ["t"]);
    const log = fs.readFileSync(path.join(sandbox.state, "stacks/test/zones/zone-1/kuma-cp.log"), "utf8");
    assert.doesNotMatch(log, /commit unexpectedly resulted in rollback/);
    assert.equal((await sandbox.run("status", "--stack", "test")).status, 0);
  });

  it("has nothing to do the second time", async () => {
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.match(output, /nothing to do: everything is as it should be/);
  });

  it("goes on federated when the way back is killed as what it owns today is brought to its former database", async () => {
    const late = {
      ...{ type: "MeshTimeout", mesh: "default", name: "late", labels: { "kuma.io/origin": "zone" } },
      spec: {
        targetRef: { kind: "Mesh" },
        to: [{ targetRef: { kind: "Mesh" }, default: { idleTimeout: "20s" } }],
      },
    };
    assert.equal(await put(`${zoneUrl}/meshes/default/meshtimeouts/late`, late), 201);
    const gone = await fetch(`${zoneUrl}/meshes/default/meshtimeouts/many-0`, { method: "DELETE" });
    assert.equal(gone.status, 200);
    const [zone] = config.zones as object[];
    sandbox.writeStack("test", { ...config, zones: [{ ...zone, federated: false }] });
    await killedWhen("the way back", isBesideTheZone);
    assert.ok(await dialled(zoneUrl));
  });

  it("runs alone again on its former database, with what it owns today", async () => {
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.equal(await dialled(zoneUrl), undefined);
    assert.equal(isBesideTheZone(), false);
    const { originals, kept } = (await contentOf(zoneUrl)) as Content;
    const before = contentBefore as Content;
    assert.deepEqual(originals, before.originals);
    const { "MeshTimeout default/many-0": gone, ...others } = before.kept;
    const { "MeshTimeout default/late": added, ...today } = kept;
    assert.ok(gone && added);
    assert.deepEqual(today, others);
    assert.deepEqual((await getJson<{ items: object[] }>(`${globalUrl}/zones`)).items, []);
  });

  it("can be federated again on the database that it had then, also when the run is killed at the switch", async () => {
    await fetch(`${zoneUrl}/meshes/default/meshtimeouts/late`, { method: "DELETE" });
    sandbox.writeStack("test", config);
    const settings = path.join(sandbox.state, "stacks/test/zones/zone-1/settings.json");
    await killedWhen("the switch", () =>
      fs.readFileSync(settings, "utf8").includes('"KUMA_STORE_POSTGRES_DB_NAME":"federated"'),
    );
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.match(output, /zone-1 +online +2\.\d+\.\d+ +equal +equal\n/);
    assert.equal(isBesideTheZone(), false);
    const { items } = await getJson<{ items: { name: string }[] }>(`${zoneUrl}/meshtimeouts`);
    assert.ok(!items.some(({ name }) => name.startsWith("late")), "what it owned in its former life is gone");
  });

  it("goes on federated when the password is missing for the way back", async () => {
    sandbox.environment.ZONE_1_PASSWORD = undefined;
    const { status, output } = await sandbox.run("destroy", "--stack", "test");
    sandbox.environment.ZONE_1_PASSWORD = PASSWORD;
    assert.equal(status, 2, output);
    assert.match(output, /The variable ZONE_1_PASSWORD, which.*Zone zone-1 goes on as it was/);
    assert.ok(await dialled(zoneUrl));
  });

  async function goneAsAWhole(): Promise<void> {
    const { status, output } = await sandbox.run("destroy", "--stack", "test");
    assert.equal(status, 0, output);
    assert.deepEqual(sandbox.processes(), []);
    assert.equal(countIn("alone", "Mesh"), 2, "no database is emptied");
  }

  it("goes back as a whole, also with what a run that was killed has left", async () => {
    await goneAsAWhole();
    await killedWhen("the filling", isBesideTheZone);
    await goneAsAWhole();
  });

  it("can begin anew on the same databases with another global", async () => {
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.match(output, /zone-1 +online +2\.\d+\.\d+ +equal +equal\n/);
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

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { needsEngine } from "../../support/pulumi/engine";
import {
  Sandbox,
  clearFaults,
  dialled,
  getJson,
  killTree,
  oneZone,
  put,
  requestsOf,
  setFaults,
  startGlobal,
} from "../support";
import { until } from "../../support/until";

interface SecretList {
  items: { name: string; data: string }[];
}

function dataOf({ items }: SecretList): string[] {
  return items.map(({ name, data }) => `${name} ${data}`).sort();
}

interface List {
  total: number;
  items: { name: string; labels?: Record<string, string> }[];
}

/** A zone to be federated with a global that others run, so that the test can disturb it from the beginning. */
async function zoneAndGlobal(
  sandbox: Sandbox,
  zone: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
) {
  const global = await startGlobal(sandbox.directory);
  const { config, zoneUrl } = await oneZone(zone);
  sandbox.writeStack("test", { ...config, global: global.config, ...more });
  const whole: Record<string, unknown> = { ...config, global: global.config, ...more };
  return { globalUrl: global.url, zoneUrl, config: whole, global };
}

describe("a federation that is disturbed", function () {
  needsEngine();
  let sandbox: Sandbox;

  beforeEach(() => (sandbox = new Sandbox()));
  afterEach(() => sandbox.remove());

  it("goes on after a kill in the middle of the apply, and had not switched the zone", async () => {
    const many = Array.from({ length: 200 }, (_, i) => legacyTimeout(`timeout-${i}`));
    const { globalUrl, zoneUrl } = await zoneAndGlobal(sandbox, {
      content: sandbox.writeContent("zone", [MESH, ...many]),
    });
    await setFaults(globalUrl, { freeze: true, only: "^PUT .*/timeouts/timeout-9.$" });
    const { child, done } = sandbox.start("up", "--stack", "test");
    await until("some of the policies", async () => (await requestsOf(globalUrl)).writes > 40);
    killTree(child, sandbox.processes());
    await done;

    const half = await getJson<List>(`${globalUrl}/timeouts?size=1000`);
    assert.ok(half.total > 0 && half.total < 200, `${half.total} of 200 were written`);
    assert.equal(await dialled(zoneUrl), undefined);

    await clearFaults(globalUrl);
    const before = (await requestsOf(globalUrl)).writes;
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.equal((await getJson<List>(`${globalUrl}/timeouts?size=1000`)).total, 200);
    assert.ok((await requestsOf(globalUrl)).writes - before < 200, "what was there is not written again");
    assert.notEqual(await dialled(zoneUrl), undefined);
  });

  const stages = {
    "its first write": "PUT /meshes/default",
    "the signing keys": "PUT /globalsecrets/user-token-signing-key-1",
    "the last comparison": "GET /dataplanes",
  };
  for (const [stage, request] of Object.entries(stages)) {
    it(`goes on after a kill at ${stage}`, async () => {
      const { globalUrl, zoneUrl } = await zoneAndGlobal(sandbox, { store: "memory" });
      const isAfterSwitch = stage === "the last comparison";
      const freeze = () => setFaults(globalUrl, { freeze: true, only: `^${request}$` });
      const seen = async () => (await requestsOf(globalUrl)).byPath[request] ?? 0;
      // three looks at the zone lie between the switch and the last comparison: time for this test to see the one
      if (isAfterSwitch)
        await setFaults(globalUrl, { latencyMs: 5_000, only: "^GET /zones/zone-1/_overview$" });
      else await freeze();
      const { child, done } = sandbox.start("up", "--stack", "test");
      // a plan asks the same of the global as the last comparison
      if (isAfterSwitch) await until("the switch", () => dialled(zoneUrl));
      const before = await seen();
      if (isAfterSwitch) await freeze();
      await until(request, async () => (await seen()) > before);
      killTree(child, sandbox.processes());
      await done;
      await clearFaults(globalUrl);
      assert.equal((await dialled(zoneUrl)) !== undefined, isAfterSwitch);

      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 0, output);
      assert.match(output, /zone-1 +online +\S+ +equal +equal\n/);
      for (const list of ["timeouts", "meshtimeouts", "dataplanes", "secrets"]) {
        assert.deepEqual(await names(globalUrl, list), await names(zoneUrl, list), list);
      }
      const again = await sandbox.run("up", "--stack", "test");
      assert.match(again.output, /nothing to do: everything is as it should be/);
    });
  }

  it("goes on after a kill between the restart of the zone and the return of what it owns", async () => {
    const { globalUrl, zoneUrl } = await zoneAndGlobal(sandbox, { store: "memory" });
    const { child, done } = sandbox.start("up", "--stack", "test");
    const kept = path.join(sandbox.state, "stacks/test/zones/zone-1/kept.json");
    await until("the switch", () => fs.existsSync(kept));
    await until("the restart", () => dialled(zoneUrl));
    killTree(child, sandbox.processes());
    await done;

    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    const { items } = await getJson<List>(`${zoneUrl}/meshtrafficpermissions`);
    assert.deepEqual(
      items.map(({ name }) => name),
      ["redis"],
    );
    const copies = await getJson<List>(`${globalUrl}/meshtrafficpermissions`);
    assert.deepEqual(
      copies.items.map(({ labels }) => labels?.["kuma.io/display-name"]),
      ["redis"],
    );
    assert.equal(fs.existsSync(kept), false);
  });

  it("names a resource that the global refuses, finishes the rest of its stage, and does not switch the zone", async () => {
    const { globalUrl, zoneUrl } = await zoneAndGlobal(sandbox);
    await setFaults(globalUrl, { errorRate: 1, errorStatus: 400, only: "^PUT .*/timeouts/redis-timeout" });
    const failed = await sandbox.run("up", "--stack", "test");
    assert.equal(failed.status, 2);
    assert.match(
      failed.output,
      /^error: \d+ of 10 resources were written to the global control plane; the zone was not switched\. .*refuses Timeout default\/redis-timeout with status 400.*Run it again once that is fixed: it goes on from what is there\.$/m,
    );
    assert.equal((await getJson<List>(`${globalUrl}/health-checks`)).total, 1);
    assert.equal(await dialled(zoneUrl), undefined);

    await clearFaults(globalUrl);
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
  });

  it("bears 429, 503, broken connections and lost answers", async () => {
    const { globalUrl } = await zoneAndGlobal(sandbox);
    await setFaults(globalUrl, {
      errorRate: 0.1,
      errorStatus: 429,
      cutRate: 0.1,
      cutWhen: "after",
      only: "^(GET|PUT) ",
    });
    const first = await sandbox.run("up", "--stack", "test");
    await clearFaults(globalUrl);
    assert.equal(first.status, 0, first.output);
    assert.equal((await sandbox.run("status", "--stack", "test")).status, 0);
  });

  it("stops before anything is written when the global has something else, and does as it is told then", async () => {
    const { globalUrl, zoneUrl, config } = await zoneAndGlobal(sandbox);
    await put(`${globalUrl}/meshes/default`, {
      type: "Mesh",
      name: "default",
      skipCreatingInitialPolicies: ["*"],
    });
    const before = (await requestsOf(globalUrl)).writes;
    for (const command of ["preview", "up"]) {
      const { status, output } = await sandbox.run(command, "--stack", "test");
      assert.equal(status, 2);
      assert.match(output, /^error: Zone zone-1 was not federated, and nothing was written\./m);
      assert.match(output, / {2}Mesh default: zone backend ca-1 \(provided, in force\); global no mTLS/);
    }
    assert.equal((await requestsOf(globalUrl)).writes, before);
    assert.equal(await dialled(zoneUrl), undefined);

    // a mesh with another authority is not decided by a choice for everything
    sandbox.writeStack("test", { ...config, onConflict: "overwrite" });
    assert.equal((await sandbox.run("up", "--stack", "test")).status, 2);
    assert.equal((await requestsOf(globalUrl)).writes, before);

    sandbox.writeStack("test", {
      ...config,
      onConflict: [{ resources: "Mesh default", choice: "overwrite" }],
    });
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.match(output, /overwrite: Mesh default/);
  });

  it("starts a control plane again that has ended", async () => {
    const stack = await oneZone();
    sandbox.writeStack("test", stack.config);
    assert.equal((await sandbox.run("up", "--stack", "test")).status, 0);
    for (const pid of sandbox.processes()) process.kill(pid, "SIGKILL");
    assert.equal((await sandbox.run("status", "--stack", "test")).status, 1);
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.equal((await sandbox.run("status", "--stack", "test")).status, 0);
  });

  it("takes a zone back whose switch was killed", async () => {
    const { zoneUrl, globalUrl, config } = await zoneAndGlobal(sandbox);
    const { child, done } = sandbox.start("up", "--stack", "test");
    await until("the switch", () =>
      fs.existsSync(path.join(sandbox.state, "stacks/test/zones/zone-1/kept.json")),
    );
    await until("the restart", () => dialled(zoneUrl));
    killTree(child, sandbox.processes());
    await done;

    const [zone] = config.zones as object[];
    sandbox.writeStack("test", { ...config, zones: [{ ...zone, federated: false }] });
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.equal(await dialled(zoneUrl), undefined);
    assert.deepEqual((await getJson<List>(`${globalUrl}/zones`)).items, []);
    assert.equal((await getJson<List>(`${zoneUrl}/meshtrafficpermissions`)).total, 1);
  });

  for (const ended of [["zone"], ["global"], ["zone", "global"]]) {
    it(`brings back a ${ended.join(" and a ")} that kept its store in memory and has ended`, async () => {
      const { config, zoneUrl, globalUrl } = await oneZone({ store: "memory" });
      sandbox.writeStack("test", { ...config, global: { ...(config.global as object), store: "memory" } });
      assert.equal((await sandbox.run("up", "--stack", "test")).status, 0);
      const late = {
        type: "MeshTimeout",
        mesh: "default",
        name: "late",
        labels: { "kuma.io/origin": "zone" },
        spec: {},
      };
      assert.equal(await put(`${zoneUrl}/meshes/default/meshtimeouts/late`, late), 201);
      await until("its copy", async () => (await names(globalUrl, "meshtimeouts")).includes("late"));
      const secrets = await getJson(`${globalUrl}/secrets`).then((list) => dataOf(list as SecretList));

      const directory = { zone: "zones/zone-1", global: "global" };
      for (const each of ended as (keyof typeof directory)[]) {
        const pid = fs
          .readFileSync(path.join(sandbox.state, "stacks/test", directory[each], "pid"), "utf8")
          .split(" ")[0];
        process.kill(Number(pid), "SIGKILL");
      }
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 0, output);
      assert.deepEqual(
        dataOf(await getJson<SecretList>(`${globalUrl}/secrets`)),
        secrets,
        "the same authority",
      );
      assert.ok((await names(zoneUrl, "meshtrafficpermissions")).includes("redis"));
      // what the zone got after the federation is known to the global only, as long as that is there
      if (!ended.includes("global")) assert.ok((await names(zoneUrl, "meshtimeouts")).includes("late"));
      assert.equal((await sandbox.run("status", "--stack", "test")).status, 0);
    });
  }

  it("puts back what was deleted on the global", async () => {
    const { globalUrl } = await zoneAndGlobal(sandbox);
    assert.equal((await sandbox.run("up", "--stack", "test")).status, 0);
    await fetch(`${globalUrl}/meshes/default/timeouts/redis-timeout`, { method: "DELETE" });
    assert.equal((await sandbox.run("status", "--stack", "test")).status, 1);
    const preview = await sandbox.run("preview", "--stack", "test");
    assert.match(preview.output, /gone from the global, to be put back: Timeout default\/redis-timeout/);
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.equal((await getJson<List>(`${globalUrl}/timeouts`)).total, 1);
  });

  it("says inconclusive when the zone cannot be asked", async () => {
    const { zoneUrl } = await zoneAndGlobal(sandbox);
    assert.equal((await sandbox.run("up", "--stack", "test")).status, 0);
    await setFaults(zoneUrl, { errorRate: 1, errorStatus: 403 });
    const { status, output } = await sandbox.run("status", "--stack", "test");
    assert.equal(status, 3, output);
    assert.match(output, /Problem: Zone zone-1 could not be compared with the global\./);
    await clearFaults(zoneUrl);
  });
});

describe("everything is carried", function () {
  needsEngine();

  it("2,500 policies of a type, several meshes, names at their limits, unicode in values", async () => {
    const sandbox = new Sandbox();
    try {
      const longMesh = "m".repeat(63);
      const content = sandbox.writeContent("zone", [
        MESH,
        { type: "Mesh", name: longMesh, mtls: MESH.mtls },
        { type: "Mesh", name: "payments" },
        ...Array.from({ length: 2_500 }, (_, i) => legacyTimeout(`timeout-${i}`)),
        { ...legacyTimeout("n".repeat(253)), mesh: longMesh },
        { ...legacyTimeout("unicode"), mesh: "payments", conf: { note: "Zürich 東京 🚀 \u0000 \u2028" } },
      ]);
      const { globalUrl, zoneUrl } = await zoneAndGlobal(sandbox, { content });
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 0, output);
      assert.match(output, /^Timeout +default +2500 +2500 +0$/m);
      for (const list of ["timeouts", "meshes", "secrets"]) {
        const [onGlobal, inZone] = [await names(globalUrl, list), await names(zoneUrl, list)];
        assert.deepEqual(inZone, onGlobal, list);
      }
      const carried = await getJson<{ conf: object }>(`${globalUrl}/meshes/payments/timeouts/unicode`);
      assert.deepEqual(carried.conf, { note: "Zürich 東京 🚀 \u0000 \u2028" });
    } finally {
      await sandbox.remove();
    }
  });
});

async function names(url: string, list: string): Promise<string[]> {
  const found: string[] = [];
  for (let offset = 0; ; offset += 1000) {
    const { items, total } = await getJson<List>(`${url}/${list}?size=1000&offset=${offset}`);
    found.push(...items.map(({ name, labels }) => labels?.["kuma.io/display-name"] ?? name));
    if (found.length >= total) return found.sort();
  }
}

const MESH = {
  type: "Mesh",
  name: "default",
  mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] },
};

function legacyTimeout(name: string) {
  const everything = [{ match: { "kuma.io/service": "*" } }];
  return {
    type: "Timeout",
    mesh: "default",
    name,
    sources: everything,
    destinations: everything,
    conf: { connectTimeout: "5s" },
  };
}

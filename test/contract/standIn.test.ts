import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { call, get, legacyTimeout, meshTimeout, names, secretValue, write } from "./support/client";
import { type ControlPlane, standIn, start, stopAll, temporaryDir } from "./support/process";
import { freePorts } from "../support/ports";
import { until } from "../support/until";

/* eslint-disable @typescript-eslint/no-explicit-any -- answers are looked into, not typed */

describe("Stand-in only", () => {
  after(stopAll);

  describe("fault switches", () => {
    let cp: ControlPlane;
    const faults = (spec: unknown) => call(cp, "PUT", "/stand-in/faults", spec);
    before(async () => {
      cp = await start(standIn, { mode: "zone", env: { STAND_IN_CONTROL: "true" } });
    });
    afterEach(() => call(cp, "DELETE", "/stand-in/faults"));

    it("refuse requests, with Retry-After, as often as asked", async () => {
      await faults({ errorRate: 1, errorStatus: 429, retryAfter: 1, times: 2, only: "^GET /meshes" });
      assert.equal((await call(cp, "GET", "/")).status, 200);
      for (let i = 0; i < 2; i++) {
        const answer = await call(cp, "GET", "/meshes");
        assert.equal(answer.status, 429);
        assert.equal(answer.headers.get("retry-after"), "1");
        assert.equal(answer.json.status, 429);
      }
      assert.equal((await call(cp, "GET", "/meshes")).status, 200);
    });

    it("cut connections before a request is carried out, or after", async () => {
      const path = (name: string) => `/meshes/default/meshtimeouts/${name}`;
      await faults({ cutRate: 1, times: 1, only: "^PUT" });
      await assert.rejects(call(cp, "PUT", path("cut"), meshTimeout("default", "cut")));
      assert.equal((await call(cp, "GET", path("cut"))).status, 404);
      await faults({ cutRate: 1, cutWhen: "after", times: 1, only: "^PUT" });
      await assert.rejects(call(cp, "PUT", path("done"), meshTimeout("default", "done")));
      assert.equal((await call(cp, "GET", path("done"))).status, 200);
    });

    it("delay and freeze", async () => {
      await faults({ latencyMs: 200, times: 1 });
      const begin = Date.now();
      await call(cp, "GET", "/");
      assert.ok(Date.now() - begin >= 195);
      await faults({ freeze: true, only: "^GET /meshes" });
      await assert.rejects(fetch(`${cp.url}/meshes`, { signal: AbortSignal.timeout(300) }));
      assert.equal((await call(cp, "GET", "/")).status, 200);
    });

    it("refuse what makes no sense", async () => {
      assert.equal((await faults({ errorRate: 2 })).status, 400);
      assert.equal((await faults({ only: "(" })).status, 400);
    });

    it("requests are counted", async () => {
      await call(cp, "DELETE", "/stand-in/requests");
      await call(cp, "GET", "/meshes?size=10");
      await call(cp, "PUT", "/meshes/default", { type: "Mesh", name: "default" });
      const counts = await get(cp, "/stand-in/requests");
      assert.equal(counts.reads, 1);
      assert.equal(counts.writes, 1);
      assert.deepEqual(counts.byMethod, { GET: 1, PUT: 1 });
      assert.deepEqual(counts.byPath, { "GET /meshes": 1, "PUT /meshes/default": 1 });
    });

    it("are not there unless asked for", async () => {
      const plain = await start(standIn, { mode: "zone" });
      assert.equal((await call(plain, "GET", "/stand-in/requests")).status, 404);
      await plain.stop();
    });
  });

  describe("file store", () => {
    const env = { KUMA_STORE_TYPE: "file" };

    it("survives being killed, in files that only the owner reads", async () => {
      const workDir = temporaryDir();
      const first = await start(standIn, { mode: "zone", env, workDir });
      await write(first, "/meshes/default/meshtimeouts/kept", meshTimeout("default", "kept"));
      await call(first, "DELETE", "/meshes/default/meshretries/mesh-retry-all-default");
      const token = secretValue(await get(first, "/global-secrets/admin-user-token"));
      const { clusterId } = await get(first, "/");
      await first.stop("SIGKILL");
      for (const file of ["store.json", "store.journal"]) {
        assert.equal(statSync(join(workDir, file)).mode & 0o777, 0o600);
      }
      const second = await start(standIn, { mode: "zone", env, workDir });
      assert.ok((await names(second, "/meshes/default/meshtimeouts")).includes("kept"));
      assert.deepEqual(await names(second, "/meshretries"), []);
      assert.equal(secretValue(await get(second, "/global-secrets/admin-user-token")), token);
      assert.equal((await get(second, "/")).clusterId, clusterId);
      await second.stop();
    });

    it("a zone that was alone becomes federated as one on Kubernetes does", async () => {
      const workDir = temporaryDir();
      const alone = await start(standIn, { mode: "zone", env, workDir });
      await write(alone, "/meshes/lost", { type: "Mesh", name: "lost" });
      await write(alone, "/meshes/default/timeouts/legacy", legacyTimeout("default", "legacy"));
      const key = await get(alone, "/meshes/default/secrets/dataplane-token-signing-key-default-1");
      await alone.stop();

      const global = await start(standIn, {
        mode: "global",
        env: { KUMA_DEFAULTS_SKIP_MESH_CREATION: "true" },
      });
      const mesh = { type: "Mesh", name: "default", skipCreatingInitialPolicies: ["*"] };
      await write(global, "/meshes/default", mesh);
      await write(global, "/meshes/default/timeouts/legacy", legacyTimeout("default", "legacy"));
      const zone = await start(standIn, {
        mode: "zone",
        workDir,
        env: {
          ...env,
          KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS: `grpcs://localhost:${global.kdsPort}`,
          KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE: join(global.workDir, "kuma-cp.crt"),
        },
      });
      // A mesh that the global control plane does not have is deleted, and what the zone had in it.
      await until("the missing mesh to go", async () => !(await names(zone, "/meshes")).includes("lost"));
      assert.ok(!(await names(zone, "/meshtimeouts")).includes("mesh-timeout-all-lost"));
      // Policies of the newer kind stay the zone's; an older one comes back under a name with a hash.
      assert.ok((await names(zone, "/meshtimeouts")).includes("mesh-timeout-all-default"));
      assert.match((await names(zone, "/timeouts")).join(), /^legacy-[a-z0-9]{16}$/);
      // Secrets that both sides have stay as they are in the zone, and are reported.
      const kept = await get(zone, "/meshes/default/secrets/dataplane-token-signing-key-default-1");
      assert.equal(kept.data, key.data);
      let stat: any;
      await until("the zone's answers", async () => {
        const overview = await get(global, "/zones+insights/default");
        stat = overview.zoneInsight?.subscriptions?.at(-1)?.status;
        return stat?.total?.responsesRejected === "2";
      });
      assert.equal(stat.stat.Secret.responsesRejected, "1");
      assert.equal(stat.stat.Config.responsesRejected, "1");
      const up = "/meshes/default/meshtimeouts?name=mesh-timeout-all-default-";
      await until("the zone's policies", async () => (await get(global, up)).total === 1);
      await Promise.all([zone.stop(), global.stop()]);
    });
  });

  describe("at scale", () => {
    it("takes 2,500 policies, lists them and synchronises them", async () => {
      const global = await start(standIn, { mode: "global" });
      const zone = await start(standIn, {
        mode: "zone",
        env: {
          KUMA_MULTIZONE_ZONE_NAME: "zone-1",
          KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS: `grpcs://localhost:${global.kdsPort}`,
          KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE: join(global.workDir, "kuma-cp.crt"),
        },
      });
      const all = Array.from({ length: 2500 }, (_, i) => `policy-${i}`);
      const queue = [...all];
      await Promise.all(
        Array.from({ length: 16 }, async () => {
          for (let name = queue.pop(); name; name = queue.pop()) {
            await write(global, `/meshes/default/meshtimeouts/${name}`, meshTimeout("default", name));
          }
        }),
      );
      const page = await get(global, "/meshes/default/meshtimeouts?size=1000&offset=2000");
      assert.equal(page.total, 2502);
      assert.equal(page.items.length, 502);
      await until(
        "all policies in the zone",
        async () => (await get(zone, "/meshes/default/meshtimeouts?size=1")).total === 2502,
      );
      await Promise.all([zone.stop(), global.stop()]);
    });
  });

  describe("the program", () => {
    const run = (env: Record<string, string>, ...args: string[]) => {
      const [program, ...before] = standIn.command;
      const result = spawnSync(program, [...before, ...args], {
        env: { PATH: process.env.PATH, KUMA_GENERAL_WORK_DIR: temporaryDir(), ...env },
        encoding: "utf8",
      });
      return { status: result.status, stdout: result.stdout, stderr: result.stderr.trim() };
    };

    it("tells its version, and that it is a stand-in", () => {
      const { status, stdout } = run({}, "version");
      assert.equal(status, 0);
      assert.match(stdout, /^Kuma: stand-in 2\.14\.\d+$/m);
    });

    it("says in one line what is wrong with its configuration", () => {
      const cases: [Record<string, string>, RegExp][] = [
        [{ KUMA_MODE: "moon" }, /Mode validation failed: invalid mode/],
        [{ KUMA_API_SERVER_HTTP_PORT: "x" }, /KUMA_API_SERVER_HTTP_PORT must be a port number/],
        [{ KUMA_STORE_TYPE: "postgres" }, /Store validation failed/],
        [{ KUMA_API_SERVER_HTTP_INTERFACE: "0.0.0.0" }, /must be an address of the loopback interface/],
        [{ KUMA_MULTIZONE_ZONE_NAME: "A_b" }, /Zone name A_b has to be a valid DNS name/],
        [{ KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS: "http://x:1" }, /unsupported scheme "http"/],
        [{ KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS: "grpcs://x" }, /has no port/],
        [
          {
            KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS: "grpcs://x:1",
            KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE: "/does/not/exist",
          },
          /could not read certificate/,
        ],
      ];
      for (const [env, message] of cases) {
        const { status, stderr } = run(env, "run");
        assert.equal(status, 1);
        assert.match(stderr, message);
        assert.equal(stderr.split("\n").length, 1, stderr);
      }
    });

    it("says in one line that a port is in use", async () => {
      const [port, diagnostics] = await freePorts(2);
      const server = createServer();
      await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
      const { status, stderr } = run(
        { KUMA_API_SERVER_HTTP_PORT: String(port), KUMA_DIAGNOSTICS_SERVER_PORT: String(diagnostics) },
        "run",
      );
      await new Promise((done) => server.close(done));
      assert.equal(status, 1);
      assert.equal(stderr, `Error: listen tcp 127.0.0.1:${port}: bind: address already in use`);
    });
  });
});

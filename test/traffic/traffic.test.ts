import assert from "node:assert/strict";
import { Proxy, findDataPlane, proxyPorts } from "../../platforms/universal/dataPlaneProxy";
import { needsEngine } from "../support/pulumi/engine";
import { needsKumaCp } from "../support/controlPlane/kumaCp";
import { until } from "../support/until";
import { Sandbox, ask, dialled, getJson, oneZone, put } from "../integration/support";
import { Postgres, findPostgres } from "../support/controlPlane/postgres";
import { freePortBase } from "../support/ports";
import { startServices } from "./echo";
import { connectedProxies, untilConnected } from "./proxies";
import { Count, Traffic, failedOf } from "./streams";

const PASSWORD = "the zone's database password";

/** Who may call whom, and the mesh in which nobody may call anybody otherwise. */
const MAY_CALL = {
  type: "MeshTrafficPermission",
  mesh: "default",
  name: "client-may-call",
  spec: {
    targetRef: { kind: "Mesh" },
    from: [
      {
        targetRef: { kind: "MeshSubset", tags: { "kuma.io/service": "client" } },
        default: { action: "Allow" },
      },
    ],
  },
};

const CONTENT = [
  {
    ...{ type: "Mesh", name: "default" },
    mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] },
  },
  MAY_CALL,
];

/** Real proxies and calls through them, from before a federation to after its end. */
for (const store of ["memory", "postgres"] as const) {
  describe(`calls go on while a zone on ${store} is federated and taken back`, function () {
    needsEngine();
    let sandbox: Sandbox;
    let postgres: Postgres | undefined;
    let config: Record<string, unknown>;
    let [zoneUrl, globalUrl] = ["", ""];
    let traffic: Traffic | undefined;
    let stopServices: (() => void) | undefined;
    const proxies = new Map<string, Proxy>();
    let startProxy: (name: string, networking: object) => Promise<Proxy>;
    /** Made before, as nobody can make one while the zone is switched. */
    let token: string;

    before(async function () {
      const skip = (missing: string) => {
        console.log(`      skipped: ${missing}`);
        return this.skip();
      };
      const programs = findDataPlane();
      if (programs === undefined)
        return skip("kuma-dp and envoy are not on PATH; KUMA_DP and ENVOY name them");
      const kumaCp = await needsKumaCp(this);
      const server = findPostgres();
      if (store === "postgres" && server === undefined)
        return skip("there is no PostgreSQL server on PATH, and POSTGRES_BIN names none");

      sandbox = new Sandbox({ KUMA_CP: kumaCp, ZONE_1_PASSWORD: PASSWORD });
      const zone: Record<string, unknown> = {
        ...{ kumaCp: "path", store },
        content: sandbox.writeContent("content", CONTENT),
      };
      if (store === "postgres" && server) {
        const port = (await freePortBase()) + 32;
        postgres = Postgres.start(server, port, PASSWORD, ["alone", "federated"]);
        const databases = { database: "alone", federatedDatabase: "federated" };
        const login = { user: postgres.user, passwordVariable: "ZONE_1_PASSWORD", tlsMode: "disable" };
        zone.postgres = { port, ...login, ...databases };
      }
      const stack = await oneZone(zone);
      ({ zoneUrl, globalUrl } = stack);
      config = { ...stack.config, global: { ...(stack.config.global as object), kumaCp: "path" } };
      sandbox.writeStack("test", config);
      startProxy = async (name, networking) => {
        const [{ portBase }] = config.zones as { portBase: number }[];
        const proxy = new Proxy({
          programs,
          controlPlane: {
            port: portBase + 78,
            caFile: `${sandbox.state}/stacks/test/zones/zone-1/work/kuma-cp.crt`,
          },
          token,
          base: await freePortBase(),
          dataplane: { name, networking },
        });
        proxies.set(name, proxy);
        proxy.start();
        return proxy;
      };
    });

    after(async () => {
      if (traffic) console.log(`\nCalls, store ${store}:\n${traffic.table()}\n`);
      traffic?.stop();
      await Promise.all([...proxies.values()].map((proxy) => proxy.remove()));
      stopServices?.();
      await sandbox?.remove();
      postgres?.stop();
    });

    const dataplaneToken = async () => {
      const answer = await ask(`${zoneUrl}/tokens/dataplane`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ mesh: "default", type: "dataplane", validFor: "24h" }),
      });
      assert.equal(answer.status, 200);
      return answer.text();
    };

    const callsFlow = async () => {
      await until("calls to go well", async () => {
        traffic?.forget();
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        return traffic?.failed() === 0;
      });
      traffic?.forget();
    };

    const nothingFailed = (phase: string, counts: Count[] | undefined) =>
      assert.equal(failedOf(counts ?? []), 0, `${phase}: ${JSON.stringify(counts)}`);

    const command = async (phase: string, name: string, expected = 0) => {
      const { status, output } = await sandbox.run(name, "--stack", "test");
      if (process.env.TRAFFIC_OUTPUT) console.log(output);
      const counts = traffic?.end(phase);
      assert.equal(status, expected, output);
      nothingFailed(phase, counts);
      await untilConnected(zoneUrl, [...proxies.keys()]);
      return output;
    };

    const setFederated = (federated: boolean) => {
      const [zone] = config.zones as object[];
      sandbox.writeStack("test", { ...config, zones: [{ ...zone, federated }] });
    };

    it("goes well before", async () => {
      await sandbox.startZones();
      token = await dataplaneToken();
      const bases = { server: await freePortBase(), client: await freePortBase() };
      const services = { http: bases.server + 10, tcp: bases.server + 11 };
      stopServices = await startServices(services);
      const inbound = proxyPorts(bases.server);
      await startProxy("server", {
        inbound: [
          {
            ...{ port: inbound.http, servicePort: services.http },
            tags: { "kuma.io/service": "echo-http", "kuma.io/protocol": "http" },
          },
          {
            ...{ port: inbound.tcp, servicePort: services.tcp },
            tags: { "kuma.io/service": "echo-tcp", "kuma.io/protocol": "tcp" },
          },
        ],
      });
      const outbounds = { http: bases.client + 10, tcp: bases.client + 11 };
      await startProxy("client", {
        inbound: [
          { port: bases.client + 12, servicePort: bases.client + 13, tags: { "kuma.io/service": "client" } },
        ],
        outbound: [
          { port: outbounds.http, tags: { "kuma.io/service": "echo-http" } },
          { port: outbounds.tcp, tags: { "kuma.io/service": "echo-tcp" } },
        ],
      });
      await untilConnected(zoneUrl, ["server", "client"]);
      traffic = new Traffic(outbounds);
      await callsFlow();
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      nothingFailed("before", traffic.end("before"));
    });

    it("goes on during a preview", () => command("preview", "preview"));

    it("goes on while the zone joins, and a proxy that starts meanwhile joins as well", async () => {
      const { child, done } = sandbox.start("up", "--stack", "test");
      while ((await dialled(zoneUrl).catch(() => "on its way")) === undefined && child.exitCode === null)
        await new Promise((resolve) => setTimeout(resolve, 50));
      const base = await freePortBase();
      await startProxy("late", {
        inbound: [{ port: base + 12, servicePort: base + 13, tags: { "kuma.io/service": "late" } }],
      });
      const { status, output } = await done;
      if (process.env.TRAFFIC_OUTPUT) console.log(output);
      const counts = traffic?.end("up");
      assert.equal(status, 0, output);
      await untilConnected(zoneUrl, ["server", "client", "late"]);
      nothingFailed("up", counts);
    });

    it("goes on during a second run", async () => {
      assert.match(await command("again", "up"), /nothing to do/);
    });

    it("goes on when a policy is written on the global", async () => {
      const timeout = {
        ...{ type: "MeshTimeout", mesh: "default", name: "of-the-global" },
        spec: {
          targetRef: { kind: "Mesh" },
          to: [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout: "7s" } }],
        },
      };
      const url = `${globalUrl}/meshes/default/meshtimeouts/of-the-global`;
      assert.equal(await put(url, timeout), 201);
      await until("the policy in the zone", async () => {
        const { items } = await getJson<{ items: { labels: Record<string, string> }[] }>(
          `${zoneUrl}/meshes/default/meshtimeouts`,
        );
        return items.some(({ labels }) => labels["kuma.io/display-name"] === "of-the-global");
      });
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      nothingFailed("policy", traffic?.end("policy on the global"));
    });

    it("goes on for a proxy that is started again", async () => {
      const late = proxies.get("late");
      await late?.stop();
      late?.start();
      await untilConnected(zoneUrl, ["late"]);
      nothingFailed("restarted", traffic?.end("proxy restarted"));
    });

    it("goes on while the zone leaves", async () => {
      setFederated(false);
      await command("way back", "up");
      assert.equal(await dialled(zoneUrl), undefined);
    });

    it("ends where a permission is deleted in the lone zone, and goes on when it is back", async () => {
      const url = `${zoneUrl}/meshes/default/meshtrafficpermissions/${MAY_CALL.name}`;
      traffic?.forget();
      assert.equal((await ask(url, { method: "DELETE" })).status, 200);
      await until("calls to be refused", () => (traffic?.failed() ?? 0) > 20);
      const denied = traffic?.end("permission deleted") ?? [];
      const refused = denied.filter(({ failed }) => failed > 0).map(({ stream }) => stream);
      assert.ok(
        ["http-new", "http-kept", "tcp-new"].every((each) => refused.includes(each)),
        refused.join(),
      );
      assert.equal(await put(url, MAY_CALL), 201);
      await callsFlow();
    });

    it("goes on while the zone joins again", async () => {
      setFederated(true);
      await command("joined again", "up");
    });

    it("goes on when the zone's control plane is killed, and when it is started again", async () => {
      const [pid] = sandbox.processes("state/stacks/test/zones/zone-1");
      process.kill(pid, "SIGKILL");
      await command("kill -9, up", "up");
    });

    it("ends with all proxies connected", async () => {
      assert.deepEqual(await connectedProxies(zoneUrl), [...proxies.keys()].sort());
    });

    it("goes on while all is taken down", async () => {
      const { status, output } = await sandbox.run("destroy", "--stack", "test");
      assert.equal(status, 0, output);
      nothingFailed("destroy", traffic?.end("destroy"));
    });
  });
}

import assert from "node:assert/strict";
import { Resource } from "../../../kuma";
import { needsEngine } from "../../support/pulumi/engine";
import { Postgres, findPostgres } from "../../support/controlPlane/postgres";
import { until } from "../../support/until";
import { Sandbox, oneZone, put, realKumaCp } from "../support";
import { proxy, content, raw } from "./casesSupport";

const PASSWORD = "canary-database-71f0a5cc";
interface Place {
  name: string;
  isReal: boolean;
  store: "auto" | "memory" | "postgres";
}
const PLACES: Place[] = [
  { name: "on the stand-in, memory", isReal: false, store: "memory" },
  { name: "on the stand-in, a file", isReal: false, store: "auto" },
  { name: "on real control planes, memory", isReal: true, store: "memory" },
  { name: "on real control planes, Postgres", isReal: true, store: "postgres" },
];
const OWNED = ["Dataplane", "MeshService", "MeshTimeout", "MeshIdentity", "Workload"];
const OF_GLOBAL = ["Mesh", "Timeout", "Secret"];
function labelsOf(resources: Map<string, Resource>): Record<string, unknown> {
  return Object.fromEntries([...resources].map(([key, { labels }]) => [key, labels]));
}
for (const { name, isReal, store } of PLACES) {
  describe(`what a zone on Universal holds, ${name}`, function () {
    needsEngine();
    let sandbox: Sandbox;
    let postgres: Postgres | undefined;
    let config: Record<string, unknown>;
    let zoneUrl: string;
    let globalUrl: string;
    let before_: { owned: Map<string, Resource>; ofGlobal: Map<string, Resource> };

    before(async function () {
      const program = isReal ? await realKumaCp() : undefined;
      const programs = store === "postgres" ? findPostgres() : undefined;
      if ((isReal && program === undefined) || (store === "postgres" && programs === undefined)) {
        console.log("      skipped: needs kuma-cp 2.x in KUMA_CP or on PATH, and PostgreSQL");
        return this.skip();
      }
      sandbox = new Sandbox({ ...(program && { KUMA_CP: program }), CASES_PASSWORD: PASSWORD });
      const kumaCp = isReal ? "path" : "embedded";
      const stack = await oneZone({ kumaCp, store, content: sandbox.writeContent("zone", await content()) });
      ({ zoneUrl, globalUrl } = stack);
      const [zone] = stack.config.zones as { portBase: number; postgres?: object }[];
      if (programs) {
        const port = zone.portBase + 32;
        postgres = Postgres.start(programs, port, PASSWORD, ["alone", "federated"]);
        const databases = { database: "alone", federatedDatabase: "federated", tlsMode: "disable" };
        zone.postgres = { port, user: postgres.user, passwordVariable: "CASES_PASSWORD", ...databases };
      }
      config = { ...stack.config, global: { ...(stack.config.global as object), kumaCp } };
      sandbox.writeStack("test", config);
    });

    after(async () => {
      await sandbox?.remove();
      postgres?.stop();
    });

    const look = async () => ({ owned: await raw(zoneUrl, OWNED), ofGlobal: await raw(zoneUrl, OF_GLOBAL) });
    const generated = (resources: Map<string, Resource>) =>
      resources.has("MeshService default/billing") && resources.has("Workload default/billing");

    it("is told in a preview, with what stays in the zone alone", async () => {
      await sandbox.startZones();
      const { status, output } = await sandbox.run("preview", "--stack", "test");
      assert.equal(status, 0, output);
      assert.match(output, /stays in the zone alone: MeshTimeout default\/stays-here/);
      await until("what is made of proxies", async () => generated(await raw(zoneUrl, OWNED)));
      await until("the identity's authority", async () =>
        (await raw(zoneUrl, ["Secret"])).has("Secret default/identity-private-key"),
      );
      before_ = await look();
    });

    it("is federated, and all of it keeps its names and labels", async () => {
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 0, output);
      await until("what is made of proxies", async () => generated(await raw(zoneUrl, OWNED)));
      const { owned, ofGlobal } = await look();
      assert.deepEqual(labelsOf(owned), labelsOf(before_.owned));
      const corp = { ...before_.ofGlobal.get("Mesh corp") } as Resource;
      const now = { ...ofGlobal.get("Mesh corp") } as Resource;
      assert.deepEqual(now.mtls, corp.mtls, "its authority is as it was, and looked at");
      assert.deepEqual(ofGlobal.get("Mesh default")?.labels, {
        "kuma.io/env": "prod",
        "kuma.io/origin": "global",
      });
      const slow = [...ofGlobal.values()].find(({ type }) => type === "Timeout");
      assert.deepEqual(slow?.labels, {
        ...before_.ofGlobal.get("Timeout default/slow")?.labels,
        "kuma.io/display-name": "slow",
        "kuma.io/origin": "global",
      });
      const copies = [...(await raw(globalUrl, ["MeshTimeout"])).keys()];
      assert.ok(!copies.some((key) => key.includes("stays-here")), "the global has no copy of it");
    });

    it("is so a second time, and for status", async () => {
      const again = await sandbox.run("up", "--stack", "test");
      assert.equal(again.status, 0, again.output);
      assert.match(again.output, /nothing to do: everything is as it should be/);
      const status = await sandbox.run("status", "--stack", "test");
      assert.equal(status.status, 0, status.output);
    });

    it("comes back, with what is made of a proxy that was changed meanwhile", async () => {
      const changed = { ...proxy(9090), labels: { ...proxy(9090).labels, "kuma.io/origin": "zone" } };
      assert.equal(await put(`${zoneUrl}/meshes/default/dataplanes/billing-1`, changed), 200);
      const port = async () => {
        const service = (await raw(zoneUrl, ["MeshService"])).get("MeshService default/billing");
        return (service?.spec as { ports: { port: number }[] } | undefined)?.ports[0].port;
      };
      await until("the service to follow", async () => (await port()) === 9090);
      const [zone] = config.zones as object[];
      sandbox.writeStack("test", { ...config, zones: [{ ...zone, federated: false }] });
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 0, output);
      await until("the service to follow", async () => (await port()) === 9090);
      const { owned, ofGlobal } = await look();
      assert.deepEqual(labelsOf(owned), labelsOf(before_.owned));
      for (const key of ["Mesh corp", "Mesh default"]) {
        const [was, is] = [before_.ofGlobal.get(key), ofGlobal.get(key)];
        assert.deepEqual([is?.mtls, is?.labels], [was?.mtls, was?.labels]);
      }
      const secrets = (all: Map<string, Resource>) =>
        [...all.values()].filter(({ type }) => type === "Secret").map(({ name, data }) => [name, data]);
      assert.deepEqual(secrets(ofGlobal).sort(), secrets(before_.ofGlobal).sort());
    });
  });
}

import assert from "node:assert/strict";

import golden from "./golden/resource-types.json";
import {
  assertError,
  call,
  dataplane,
  get,
  meshTimeout,
  names,
  remove,
  secretValue,
  write,
} from "./support/client";
import { onEachControlPlane } from "./support/kinds";
import { startPair } from "./support/pair";
import type { ControlPlane } from "./support/process";

/* eslint-disable @typescript-eslint/no-explicit-any -- answers are looked into, not typed */

onEachControlPlane("REST API", (kind) => {
  let zone: ControlPlane;
  let global: ControlPlane;

  before(async () => {
    [zone, global] = await startPair(kind);
  });

  describe("about itself", () => {
    it("GET / gives product, version and identity", async () => {
      for (const cp of [zone, global]) {
        const index = await get(cp, "/");
        assert.equal(index.product, "Kuma");
        assert.match(index.version, /^2\.\d+\.\d+/);
        assert.match(index.clusterId, /^[0-9a-f-]{36}$/);
        assert.ok(index.instanceId.length > 0 && index.hostname.length > 0);
        assert.equal(index.gui, "/gui");
      }
    });

    it("GET /config tells mode, zone name, store and ports", async () => {
      const config = await get(zone, "/config");
      assert.equal(config.mode, "zone");
      assert.equal(config.environment, "universal");
      assert.equal(config.multizone.zone.name, "east");
      assert.ok(!config.multizone.zone.globalAddress);
      assert.equal(config.store.type, "memory");
      assert.equal(config.apiServer.readOnly, false);
      const other = await get(global, "/config");
      assert.equal(other.mode, "global");
      assert.equal(other.multizone.global.kds.grpcPort, global.kdsPort);
      assert.equal(other.defaults.skipMeshCreation, true);
    });

    it("GET /_resources lists the types of 2.14 with their flags", async function () {
      const { product, version } = await get(global, "/");
      if (product !== "Kuma" || !version.startsWith("2.14.")) {
        // Another release or product has other types; the list to compare with is Kuma 2.14's.
        this.skip();
      }
      for (const cp of [zone, global]) {
        const { resources } = await get(cp, "/_resources");
        assert.deepEqual(resources, golden);
      }
    });

    it("the diagnostics port says healthy and ready", async () => {
      for (const path of ["/healthy", "/ready"]) {
        assert.equal((await fetch(`${zone.diagnosticsUrl}${path}`)).status, 200);
      }
    });

    it("paths that do not exist are 404 in plain text", async () => {
      for (const path of ["/nonexistent", "/versions", "/meshes/m1/zones"]) {
        const answer = await call(global, "GET", path);
        assert.equal(answer.status, 404);
        assert.equal(answer.text, "404: Page Not Found");
      }
      const answer = await call(global, "POST", "/meshes/m1", {});
      assert.equal(answer.status, 405);
      assert.equal(answer.text, "405: Method Not Allowed");
    });
  });

  describe("lists", () => {
    const all = Array.from({ length: 5 }, (_, i) => `paged-${i}`);
    before(async () => {
      for (const name of all) {
        await write(global, `/meshes/m1/meshtimeouts/${name}`, meshTimeout("m1", name));
      }
    });
    after(async () => {
      for (const name of all) {
        await remove(global, `/meshes/m1/meshtimeouts/${name}`);
      }
    });

    it("come in pages that lead to one another, with the total on each", async () => {
      const seen: string[] = [];
      let next: string | null = `${global.url}/meshes/m1/meshtimeouts?size=2`;
      while (next) {
        const response = await fetch(next);
        const page = (await response.json()) as any;
        assert.equal(page.total, 5);
        seen.push(...page.items.map((item: any) => item.name));
        next = page.next;
        assert.ok(next === null || next.startsWith(`${global.url}/meshes/m1/meshtimeouts?`));
      }
      assert.deepEqual(seen, all);
    });

    it("over all meshes hold the same", async () => {
      assert.deepEqual(await names(global, "/meshtimeouts"), all);
    });

    it("can be searched by name and by label", async () => {
      assert.equal((await get(global, "/meshes/m1/meshtimeouts?name=paged-3")).total, 1);
      assert.equal((await get(global, "/meshes/m1/meshtimeouts?filter[labels.kuma.io/mesh]=m1")).total, 5);
      assert.equal((await get(global, "/meshes/m1/meshtimeouts?filter[labels.kuma.io/mesh]=m2")).total, 0);
    });

    it("refuse sizes and offsets that make no sense", async () => {
      const title = "Could not retrieve resources";
      const path = "/meshes/m1/meshtimeouts";
      assertError(await call(global, "GET", `${path}?size=1001`), 400, title, {
        size: "invalid page size of 1001. Maximum page size is 1000",
      });
      assertError(await call(global, "GET", `${path}?size=0`), 400, title, {
        size: "must be greater than 0",
      });
      assertError(await call(global, "GET", `${path}?size=many`), 400, title, { size: "invalid format" });
      assertError(await call(global, "GET", `${path}?offset=x`), 400, title);
    });

    it("of what is not there are 404", async () => {
      assertError(await call(global, "GET", "/meshes/none/meshtimeouts"), 404, "Failed to retrieve Mesh");
      assertError(
        await call(global, "GET", "/meshes/m1/meshtimeouts/none"),
        404,
        "Could not retrieve a resource",
      );
      assertError(
        await call(global, "DELETE", "/meshes/m1/meshtimeouts/none"),
        404,
        "Could not delete a resource",
      );
    });
  });

  describe("writing", () => {
    const title = "Could not process a resource";
    const path = "/meshes/default/meshtimeouts/t1";
    after(() => remove(zone, path));

    it("answers 201 for new and 200 for known resources", async () => {
      const created = await call(zone, "PUT", path, meshTimeout("default", "t1"));
      assert.equal(created.status, 201);
      assert.deepEqual(created.json, {});
      const before = await get(zone, path);
      const updated = await call(zone, "PUT", path, meshTimeout("default", "t1", { team: "a" }));
      assert.equal(updated.status, 200);
      const now = await get(zone, path);
      assert.equal(now.creationTime, before.creationTime);
      assert.ok(now.modificationTime >= before.modificationTime);
      assert.equal(now.labels.team, "a");
    });

    it("gives a zone's resource the zone's labels and an identifier", async () => {
      const timeout = await get(zone, path);
      assert.deepEqual(timeout.labels, {
        "kuma.io/env": "universal",
        "kuma.io/mesh": "default",
        "kuma.io/origin": "zone",
        "kuma.io/zone": "east",
        team: "a",
      });
      assert.equal(timeout.kri, "kri_mt_default_east__t1_");
    });

    it("shows durations in one form", async () => {
      await write(zone, path, meshTimeout("default", "t1", undefined, "90m"));
      const timeout = await get(zone, path);
      assert.equal(timeout.spec.to[0].default.idleTimeout, "1h30m0s");
    });

    it("shows server names of a destination, and no status but its own", async () => {
      const service = {
        type: "MeshMultiZoneService",
        mesh: "m1",
        name: "all",
        spec: {
          selector: { meshService: { matchLabels: { app: "web" } } },
          ports: [
            { port: 81, appProtocol: "http", name: "web" },
            { port: 80, appProtocol: "tcp" },
          ],
        },
        status: { addresses: [{ hostname: "made-up" }] },
      };
      await write(global, "/meshes/m1/meshmultizoneservices/all", service);
      const shown = await get(global, "/meshes/m1/meshmultizoneservices/all");
      assert.deepEqual(shown.snis, [
        { port: 80, sni: "sni.mzsvc.m1.all.80" },
        { port: 81, sni: "sni.mzsvc.m1.all.web" },
      ]);
      assert.equal(shown.status.addresses, undefined);
      await remove(global, "/meshes/m1/meshmultizoneservices/all");
    });

    it("keeps what is unusual in a document", async () => {
      const secret = { type: "Secret", mesh: "default", name: "unicode", labels: {}, data: "w6TwkI2I" };
      await write(zone, "/meshes/default/secrets/unicode", secret);
      assert.equal(secretValue(await get(zone, "/meshes/default/secrets/unicode")), "ä𐍈");
      await remove(zone, "/meshes/default/secrets/unicode");
    });

    it("refuses a body that is not for this address", async () => {
      const put = (body: unknown) => call(zone, "PUT", "/meshes/default/meshtimeouts/t2", body);
      assertError(await put(meshTimeout("other", "t1")), 400, title, {
        name: "name from the URL has to be the same as in body",
        mesh: "mesh from the URL has to be the same as in body",
      });
      assertError(await put({ ...meshTimeout("default", "t2"), type: "MeshRetry" }), 400, title, {
        "": "type in body should be one of [MeshTimeout]",
      });
      assertError(await call(zone, "PUT", "/meshes/m2", { type: "Zone", name: "m2" }), 400, title, {
        type: "type from the URL has to be the same as in body",
      });
      assertError(await put({}), 400, title);
      assertError(await put("not json"), 400, "Bad Request");
      assertError(await put([]), 400, "Bad Request");
    });

    it("refuses a resource in a mesh that does not exist", async () => {
      const answer = await call(zone, "PUT", "/meshes/none/meshtimeouts/t", meshTimeout("none", "t"));
      assertError(answer, 404, "Failed to retrieve Mesh");
    });

    it("refuses a body that is not announced as JSON", async () => {
      const answer = await call(zone, "PUT", path, "{}", { "content-type": "text/yaml" });
      assert.equal(answer.status, 415);
    });

    it("refuses names outside the rules", async () => {
      const put = (name: string) =>
        call(zone, "PUT", `/meshes/default/meshtimeouts/${name}`, meshTimeout("default", name));
      assertError(await put("T_2"), 400, title, { name: /^invalid characters/ });
      assertError(await put("a".repeat(254)), 400, title, { name: "value length must less or equal 253" });
      const long = "m".repeat(64);
      const mesh = await call(zone, "PUT", `/meshes/${long}`, { type: "Mesh", name: long });
      assertError(mesh, 400, "Failed to create a resource", { name: "cannot be longer than 63 characters" });
    });

    it("refuses labels outside the rules", async () => {
      const put = (labels: Record<string, string>) =>
        call(zone, "PUT", "/meshes/default/meshtimeouts/t3", meshTimeout("default", "t3", labels));
      assertError(await put({ "kuma.io/origin": "moon" }), 400, title, {
        'labels["kuma.io/origin"]': 'unknown resource origin "moon"',
      });
      assertError(await put({ "kuma.io/zone": "west", "kuma.io/mesh": "m" }), 400, title, {
        'labels["kuma.io/zone"]': "kuma.io/zone label should have east value",
        'labels["kuma.io/mesh"]': "kuma.io/mesh label must not differ from mesh set on resource",
      });
      const wrong = await put({ "bad key": "x" });
      assertError(wrong, 400, title, { 'labels["bad key"]': /^name part must consist of/ });
    });

    it("refuses to change the labels that say where a resource is from", async () => {
      const answer = await call(
        zone,
        "PUT",
        path,
        meshTimeout("default", "t1", { "kuma.io/origin": "global" }),
      );
      assertError(answer, 400, "Could not update a resource", {
        'labels["kuma.io/origin"]': 'is immutable, cannot be changed from "zone" to "global"',
        'labels["kuma.io/zone"]': 'is immutable, cannot be removed (was "east")',
      });
    });

    it("shows a resource in the form for Kubernetes", async () => {
      const object = await get(zone, `${path}?format=kubernetes`);
      assert.equal(object.kind, "MeshTimeout");
      assert.equal(object.apiVersion, "kuma.io/v1alpha1");
      assert.equal(object.metadata.name, "t1");
      assert.equal(object.metadata.namespace, "kuma-system");
      assert.deepEqual(object.metadata.labels, { "kuma.io/mesh": "default" });
      const secret = await get(
        zone,
        "/meshes/default/secrets/dataplane-token-signing-key-default-1?format=kubernetes",
      );
      assert.equal(secret.type, "system.kuma.io/secret");
      assertError(await call(zone, "GET", `${path}?format=x`), 400, "Could not retrieve a resource");
    });
  });

  describe("rules of the mode", () => {
    it("a global control plane refuses what zones report", async () => {
      for (const [path, type] of [
        ["/meshes/m1/dataplanes/x", "Dataplane"],
        ["/zoneingresses/x", "ZoneIngress"],
        ["/meshes/m1/meshservices/x", "MeshService"],
        ["/zone-insights/x", "ZoneInsight"],
      ]) {
        const answer = await call(global, "PUT", path, { type, mesh: "m1", name: "x" });
        assertError(answer, 405, "Method not allowed");
        assert.match(answer.json.detail, /^On global control plane you can not modify/);
      }
    });

    it("a global control plane refuses resources of zones, but not their zone label", async () => {
      const put = (labels: Record<string, string>) =>
        call(global, "PUT", "/meshes/m1/meshtimeouts/origin", meshTimeout("m1", "origin", labels));
      assertError(await put({ "kuma.io/origin": "zone" }), 400, "Could not process a resource", {
        'labels["kuma.io/origin"]': "the origin label must be set to 'global'",
      });
      assert.equal((await put({ "kuma.io/zone": "nowhere" })).status, 201);
      const { labels } = await get(global, "/meshes/m1/meshtimeouts/origin");
      assert.deepEqual(labels, { "kuma.io/mesh": "m1", "kuma.io/zone": "nowhere" });
      await remove(global, "/meshes/m1/meshtimeouts/origin");
    });

    it("a zone alone makes proxies and tags them with its name", async () => {
      const path = "/meshes/default/dataplanes/web-1";
      await write(zone, path, dataplane("default", "web-1"));
      const proxy = await get(zone, path);
      assert.equal(proxy.labels["kuma.io/proxy-type"], "sidecar");
      assert.equal(proxy.networking.inbound[0].tags["kuma.io/zone"], "east");
      const overview = await get(zone, `${path}/_overview`);
      assert.equal(overview.type, "DataplaneOverview");
      assert.deepEqual(overview.dataplane, { networking: proxy.networking });
      assert.deepEqual(overview.dataplaneInsight, {});
      assert.deepEqual(await names(zone, "/meshes/default/dataplanes/_overview"), ["web-1"]);
      await remove(zone, path);
    });
  });
});

import * as assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import {
  type ZoneSettings,
  federatedValues,
  trusting,
} from "../../../../platforms/kubernetes/helm/federationValues";
import {
  type HelmRelease,
  assertUpgradable,
  endOperation,
  isCutShort,
  isFederatedRelease,
  readRelease,
} from "../../../../platforms/kubernetes/helm/helmRelease";
import type { Values } from "../../../../platforms/kubernetes/helm/values";
import { cleanUp } from "../../../support/cleanUp";
import { kumaErrorOf } from "../../../support/errors";
import { FakeCluster, status } from "../../../support/kubernetes/fakeCluster";

const SECRET = (revision: number) =>
  `/api/v1/namespaces/kuma-system/secrets/sh.helm.release.v1.kuma.v${revision}`;
const SETTINGS: ZoneSettings = {
  zone: "default",
  kdsAddress: "grpcs://g:5685",
  kdsZoneClient: trusting("the ca"),
  ingress: true,
};
const RELEASE = { revision: 1, status: "deployed", chartName: "kuma", chartVersion: "2.14.3", values: {} };

describe("platforms/kubernetes/helmRelease", () => {
  afterEach(cleanUp);

  describe("reading", () => {
    const stored = (chartVersion: string, config?: Values) => ({
      info: { status: "deployed" },
      chart: { metadata: { name: "kuma", version: chartVersion } },
      config,
    });

    it("gives the latest revision, by number", async () => {
      const cluster = await FakeCluster.start();
      for (const revision of [9, 10, 2]) {
        cluster.addRelease("kuma-system", "kuma", revision, stored(`2.0.${revision}`, { revision }));
      }
      cluster.addRelease("kuma-system", "other", 11, stored("1.0.0"));
      assert.deepEqual(await readRelease(await cluster.client(), "kuma-system", "kuma"), {
        revision: 10,
        status: "deployed",
        chartName: "kuma",
        chartVersion: "2.0.10",
        values: { revision: 10 },
      });
      assert.deepEqual(cluster.writes, []);
    });

    it("gives empty values for a release that was installed without any, and nothing for none", async () => {
      const cluster = await FakeCluster.start();
      cluster.addRelease("kuma-system", "kuma", 1, stored("2.14.3"));
      const client = await cluster.client();
      assert.deepEqual((await readRelease(client, "kuma-system", "kuma"))?.values, {});
      assert.equal(await readRelease(client, "kuma-system", "none"), undefined);
    });

    it("says when it may not look", async () => {
      const cluster = await FakeCluster.start();
      const message = 'secrets is forbidden: User "u" cannot list resource "secrets"';
      cluster.answer(
        "GET /api/v1/namespaces/kuma-system/secrets",
        403,
        status(403, "Forbidden", message).body,
      );
      const client = await cluster.client();
      const error = await kumaErrorOf(() => readRelease(client, "kuma-system", "kuma"));
      assert.equal(error.code, "forbidden");
      assert.match(
        error.message,
        /^the Helm releases of namespace kuma-system in the cluster of context fake: secrets/,
      );
    });
  });

  describe("an operation that was cut short", () => {
    const stored = (state: string, config: Values, chartVersion = "2.14.3") => ({
      info: { status: state, description: "Preparing upgrade", deleted: "" },
      chart: { metadata: { name: "kuma", version: chartVersion }, templates: [{ name: "a", data: "eA==" }] },
      manifest: "kind: Deployment",
      config,
    });
    const alone = { custom: "kept", controlPlane: { logLevel: "debug" } };
    const federated = federatedValues(alone, undefined, SETTINGS);
    const read = async (cluster: FakeCluster) =>
      (await readRelease(await cluster.client(), "kuma-system", "kuma")) as HelmRelease;
    const cutShort = async (from: Values, to: Values, more: { state?: string; version?: string } = {}) => {
      const cluster = await FakeCluster.start();
      cluster.addRelease("kuma-system", "kuma", 1, stored("superseded", {}));
      cluster.addRelease("kuma-system", "kuma", 2, stored("deployed", from));
      const pending = stored(more.state ?? "pending-upgrade", to, more.version);
      cluster.addRelease("kuma-system", "kuma", 3, pending);
      return cluster;
    };
    const own = { isChartChosen: false };

    it("is known by what a federation changes, in either direction", async () => {
      for (const [from, to] of [
        [alone, federated],
        [federated, alone],
      ]) {
        const release = await read(await cutShort(from, to));
        assert.equal(release.former?.revision, 2);
        assert.ok(isCutShort(release, own));
        assert.ok(isFederatedRelease(release, undefined), "it is to be taken back");
      }
    });

    it("is somebody else's where other things change, or nothing, or in another way", async () => {
      const others: [string, Promise<FakeCluster>][] = [
        ["another value", cutShort(alone, { ...federated, custom: "new" })],
        ["another chart", cutShort(alone, federated, { version: "2.15.0" })],
        ["the same values", cutShort(alone, alone)],
        ["a rollback", cutShort(alone, federated, { state: "pending-rollback" })],
        ["no operation", cutShort(alone, federated, { state: "failed" })],
      ];
      for (const [what, cluster] of others) assert.ok(!isCutShort(await read(await cluster), own), what);
      const chosen = await read(await cutShort(alone, federated, { version: "2.15.0" }));
      assert.ok(isCutShort(chosen, { isChartChosen: true }), "a chart that the stack chose");
    });

    it("is noted as failed, and nothing else of the record is changed", async () => {
      const cluster = await cutShort(alone, federated);
      await endOperation(await cluster.client(), "kuma-system", "kuma", 3);
      const release = await read(cluster);
      assert.deepEqual([release.revision, release.status, release.values], [3, "failed", federated]);
      assert.equal(cluster.writes.length, 1);
      const secret = cluster.objects.get(SECRET(3)) as unknown as {
        metadata: { labels: object };
        data: { release: string };
      };
      assert.deepEqual(secret.metadata.labels, {
        owner: "helm",
        name: "kuma",
        version: "3",
        status: "failed",
      });
      const text = Buffer.from(secret.data.release, "base64").toString();
      const record = JSON.parse(gunzipSync(Buffer.from(text, "base64")).toString()) as object;
      assert.deepEqual(record, {
        ...stored("failed", federated),
        name: "kuma",
        namespace: "kuma-system",
        version: 3,
        info: { status: "failed", description: "Cut short, and noted by kuma-federation", deleted: "" },
      });
    });

    it("is forgotten where it was the first installation", async () => {
      const cluster = await FakeCluster.start();
      cluster.addRelease("kuma-system", "kuma", 1, stored("pending-install", alone));
      await endOperation(await cluster.client(), "kuma-system", "kuma", 1);
      assert.deepEqual(cluster.writes, [`DELETE ${SECRET(1)}`]);
    });

    it("is left alone once it has ended by itself", async () => {
      const cluster = await cutShort(alone, federated, { state: "deployed" });
      for (const revision of [3, 4])
        await endOperation(await cluster.client(), "kuma-system", "kuma", revision);
      assert.deepEqual(cluster.writes, []);
    });

    it("says when somebody is quicker, without the record", async () => {
      const cluster = await cutShort(alone, federated);
      cluster.answer(`PATCH ${SECRET(3)}`, 409, status(409, "Conflict", "canary-record").body);
      const client = await cluster.client();
      const { message } = await kumaErrorOf(() => endOperation(client, "kuma-system", "kuma", 3));
      assert.equal(
        message,
        "Revision 3 of release kuma in the cluster of context fake was refused: Conflict",
      );
    });
  });

  it("refuses a release that an operation of Helm holds, and says how to free it", async () => {
    for (const state of ["pending-install", "pending-upgrade", "pending-rollback"]) {
      const release = { ...RELEASE, status: state };
      const { message } = await kumaErrorOf(() => assertUpgradable(release, "kuma", "kuma-system"));
      assert.match(
        message,
        new RegExp(`in state ${state}: .*Nothing was changed\\. .*"helm rollback kuma -n kuma-system"`),
      );
    }
    for (const state of ["deployed", "failed"]) assertUpgradable({ ...RELEASE, status: state }, "kuma", "n");
  });
});

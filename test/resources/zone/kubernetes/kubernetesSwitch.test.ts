import * as assert from "node:assert/strict";
import { KumaError, packSnapshot } from "../../../../kuma";
import type { OnFailedSwitch } from "../../../../platforms/failedSwitch";
import { afterFailedJoin } from "../../../../resources/zone/kubernetes/kubernetesSwitch";
import { cleanUp } from "../../../support/cleanUp";
import { FakeCluster } from "../../../support/kubernetes/fakeCluster";

const CORE = "/api/v1/namespaces/kuma-system";
const LABELS = { app: "kuma-control-plane" };
const FAILED = new KumaError("gate", "Zone default did not stay online.");
const LINE = "2026-01-02T00:00:02.000Z\tERROR\tkds-mux-client\tx509: unknown authority";
const SAID =
  "Zone default did not stay online. The zone's control plane says:\n    ERROR kds-mux-client x509: unknown authority\n";

/** That a zone runs alone again is seen through its API, which nothing serves here: what comes before is tried. */
describe("resources/kubernetesSwitch", () => {
  let cluster: FakeCluster;
  beforeEach(async () => {
    cluster = await FakeCluster.start();
    const metadata = { name: "kuma-control-plane" };
    const object = { apiVersion: "v1", metadata };
    cluster.add(`${CORE}/services/kuma-control-plane`, {
      ...object,
      kind: "Service",
      spec: { selector: LABELS },
    });
    cluster.add("/apis/apps/v1/namespaces/kuma-system/deployments/cp", {
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "cp" } },
      spec: { template: { metadata: { labels: LABELS } } },
      status: { replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
    });
    pod("False");
    cluster.answer(`GET ${CORE}/pods/cp/log`, 200, LINE, { times: Number.POSITIVE_INFINITY });
    release(2, "superseded", undefined);
    release(3, "superseded", "grpcs://g:5685");
    release(4, "deployed", "grpcs://g:5685");
  });
  afterEach(cleanUp);

  const pod = (ready: string) =>
    cluster.add(`${CORE}/pods/cp`, {
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "cp", labels: LABELS } },
      status: { conditions: [{ type: "Ready", status: ready }] },
    });
  const release = (revision: number, status: string, kdsGlobalAddress: string | undefined) =>
    cluster.addRelease("kuma-system", "kuma", revision, {
      info: { status },
      chart: { metadata: { name: "kuma", version: "2.14.3" } },
      config: { controlPlane: { kdsGlobalAddress } },
      manifest: "",
    });
  const after = (more: object = {}, joinedAt?: string, error = FAILED) =>
    afterFailedJoin(
      {
        zoneName: "default",
        zone: { url: "kubernetes://fake/kuma-system/kuma-control-plane", kubeconfig: cluster.kubeconfig() },
        global: { url: "http://127.0.0.1:1" },
        adopted: { name: "kuma" },
        onFailedSwitch: "takeBack" as OnFailedSwitch,
        snapshot: packSnapshot({ originals: [], kept: [] }),
        ...more,
      },
      joinedAt,
      error,
    );

  it("takes a zone back to the last revision with which it ran alone", async () => {
    const { message } = await after();
    assert.ok(message.startsWith(`${SAID} Zone default was to be taken back`), message);
    assert.deepEqual(cluster.writes, [
      `POST ${CORE}/secrets`,
      `PATCH ${CORE}/secrets/sh.helm.release.v1.kuma.v4`,
    ]);
  });

  it("does so where a member was let run alone again, and was switched once more", async () => {
    await after({}, "1");
    assert.equal(cluster.writes.length, 2);
  });

  it("leaves a zone that has been a member since, and tells what its control plane says", async () => {
    assert.equal((await after({}, "3")).message, SAID);
    assert.deepEqual(cluster.writes, []);
  });

  it("leaves one that the stack says to leave, and says how it goes on", async () => {
    const { message } = await after({ onFailedSwitch: "leave" });
    assert.ok(message.startsWith(`${SAID} Zone default was left as it is, as onFailedSwitch says.`), message);
    assert.deepEqual(cluster.writes, []);
  });

  it("tells of a zone that the stack installed what its control plane says: there is nothing to go back to", async () => {
    assert.equal((await after({ adopted: undefined, snapshot: undefined })).message, SAID);
    assert.deepEqual(cluster.writes, []);
  });

  it("leaves one that is only not answered for, but not one that is down", async () => {
    const away = new KumaError("unreachable", "The global does not answer.");
    pod("True");
    assert.equal(await after({}, undefined, away), away);
    assert.deepEqual(cluster.writes, []);
    pod("False");
    assert.match((await after({}, undefined, away)).message, /was to be taken back/);
  });

  it("has nothing to do with a control plane that is in no cluster", async () => {
    assert.equal(await after({ zone: { url: "http://127.0.0.1:1" } }), FAILED);
  });
});

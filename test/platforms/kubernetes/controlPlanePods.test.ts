import * as assert from "node:assert/strict";
import type { KubernetesObject } from "../../../platforms/kubernetes/cluster";
import {
  errorsInLog,
  isDown,
  replicasOf,
  restartControlPlane,
  scale,
  untilRolledOut,
} from "../../../platforms/kubernetes/controlPlanePods";
import { cleanUp } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { until } from "../../support/until";
import { FakeCluster, status } from "../../support/kubernetes/fakeCluster";

const LOCATION = { context: "fake", namespace: "kuma-system", service: "kuma-control-plane" };
const CORE = "/api/v1/namespaces/kuma-system";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/kuma-system/deployments";
const LABELS = { app: "kuma-control-plane" };

describe("platforms/kubernetes/controlPlanePods", () => {
  let cluster: FakeCluster;
  beforeEach(async () => {
    cluster = await FakeCluster.start();
    cluster.add(`${CORE}/services/kuma-control-plane`, {
      ...{ apiVersion: "v1", kind: "Service" },
      metadata: { name: "kuma-control-plane" },
      spec: { selector: LABELS },
    });
  });
  afterEach(cleanUp);

  const pod = (name: string, creationTimestamp: string, ready = "True") =>
    cluster.add(`${CORE}/pods/${name}`, {
      ...{ apiVersion: "v1", kind: "Pod" },
      metadata: { name, labels: LABELS, creationTimestamp },
      status: { conditions: [{ type: "Ready", status: ready }] },
    });
  const deployment = (name: string, labels: object, counts: object): KubernetesObject => ({
    ...{ apiVersion: "apps/v1", kind: "Deployment" },
    metadata: { name, generation: 2 },
    spec: { replicas: 1, template: { metadata: { labels } } },
    status: { observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1, ...counts },
  });

  it("gives the errors that the youngest pod has logged, also of one that is not ready", async () => {
    pod("old", "2026-01-01T00:00:00Z");
    pod("young", "2026-01-02T00:00:00Z", "False");
    const log = [
      "2026-01-02T00:00:01.000Z\tINFO\tkds\tall is well",
      "2026-01-02T00:00:02.000Z\tERROR\tkds-mux-client\tx509: certificate signed by unknown authority",
    ].join("\n");
    cluster.answer(`GET ${CORE}/pods/young/log`, 200, log);
    assert.deepEqual(await errorsInLog(await cluster.client(), LOCATION), [
      "ERROR kds-mux-client x509: certificate signed by unknown authority",
    ]);
    assert.match(cluster.asked.at(-1) ?? "", /container=control-plane&tailLines=\d+&limitBytes=\d+$/);
  });

  it("gives none where the log may not be read, or nothing is there", async () => {
    pod("young", "2026-01-02T00:00:00Z");
    cluster.answer(
      `GET ${CORE}/pods/young/log`,
      403,
      status(403, "Forbidden", "pods/log cannot be read").body,
    );
    const client = await cluster.client();
    assert.deepEqual(await errorsInLog(client, LOCATION), []);
    assert.deepEqual(await errorsInLog(client, { ...LOCATION, service: "none" }), []);
  });

  it("tells a control plane that is down from one that serves, and from a cluster that does not tell", async () => {
    const client = await cluster.client();
    assert.equal(await isDown(client, LOCATION), true);
    pod("young", "2026-01-02T00:00:00Z", "False");
    assert.equal(await isDown(client, LOCATION), true);
    pod("old", "2026-01-01T00:00:00Z");
    assert.equal(await isDown(client, LOCATION), false);
    assert.equal(await isDown(client, { ...LOCATION, service: "none" }), false);
  });

  it("starts just the control plane's Deployment anew, and waits until only new pods serve", async () => {
    cluster.add(`${DEPLOYMENTS}/other`, deployment("other", { app: "other" }, {}));
    cluster.add(`${DEPLOYMENTS}/cp`, deployment("cp", { ...LABELS, more: "x" }, {}));
    await restartControlPlane(await cluster.client(), LOCATION);
    assert.deepEqual(cluster.writes, [`PATCH ${DEPLOYMENTS}/cp`]);
    const { body } = cluster.requests.find(({ method }) => method === "PATCH") ?? assert.fail();
    assert.match(
      body,
      /^\{"spec":\{"template":\{"metadata":\{"annotations":\{"kubectl.kubernetes.io\/restartedAt":"[^"]+"\}\}\}\}\}$/,
    );
  });

  for (const [what, counts] of Object.entries({
    "that was not looked at yet": { observedGeneration: 1 },
    "with a former pod": { replicas: 2 },
    "without a new pod": { updatedReplicas: 0 },
    "whose new pod does not serve": { availableReplicas: 0 },
  })) {
    it(`waits for a Deployment ${what}, and says so in the end`, async () => {
      cluster.add(`${DEPLOYMENTS}/cp`, deployment("cp", LABELS, counts));
      const client = await cluster.client();
      const quick = { deadlineMs: 60, intervalMs: 10 };
      const { code, message } = await kumaErrorOf(untilRolledOut(client, LOCATION, quick));
      assert.equal(code, "gate");
      assert.match(
        message,
        /^The Deployment of Service kuma-system\/kuma-control-plane .* do not serve after/,
      );
      cluster.add(`${DEPLOYMENTS}/cp`, deployment("cp", LABELS, {}));
      await untilRolledOut(client, LOCATION, quick);
    });
  }

  it("scales just the control plane's Deployment, and tells how many pods it asked for", async () => {
    cluster.add(`${DEPLOYMENTS}/other`, deployment("other", { app: "other" }, {}));
    cluster.add(`${DEPLOYMENTS}/cp`, deployment("cp", LABELS, {}));
    cluster.answer(`PATCH ${DEPLOYMENTS}/cp/scale`, 200, {});
    const client = await cluster.client();
    assert.equal(await replicasOf(client, LOCATION), 1);
    await scale(client, LOCATION, 0);
    assert.equal(cluster.requests.find(({ method }) => method === "PATCH")?.body, '{"spec":{"replicas":0}}');
  });

  it("waits for the pods of one that was scaled to 0, as one that ends still serves", async () => {
    cluster.add(`${DEPLOYMENTS}/cp`, deployment("cp", LABELS, {}));
    pod("ending", "2026-01-01T00:00:00Z");
    cluster.answer(`PATCH ${DEPLOYMENTS}/cp/scale`, 200, {});
    let isOver = false;
    const scaling = scale(await cluster.client(), LOCATION, 0).then(() => (isOver = true));
    const looks = () => cluster.asked.filter((each) => each.startsWith(`GET ${CORE}/pods`)).length;
    await until("a second look", () => looks() >= 2);
    assert.equal(isOver, false);
    cluster.objects.delete(`${CORE}/pods/ending`);
    await scaling;
  });

  it("does not take any Deployment for that of a Service that is not there", async () => {
    cluster.add(`${DEPLOYMENTS}/cp`, deployment("cp", LABELS, {}));
    const client = await cluster.client();
    const error = await kumaErrorOf(restartControlPlane(client, { ...LOCATION, service: "none" }));
    assert.match(error.message, /^Service kuma-system\/none is not there .* Nothing was changed\.$/);
    assert.deepEqual(cluster.writes, []);
  });
});

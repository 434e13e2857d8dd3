import * as assert from "node:assert/strict";
import * as yaml from "js-yaml";
import { readRelease } from "../../../../platforms/kubernetes/helm/helmRelease";
import { lastAlone, mergePatch, rollBack } from "../../../../platforms/kubernetes/helm/helmRollback";
import { cleanUp } from "../../../support/cleanUp";
import { kumaErrorOf } from "../../../support/errors";
import { FakeCluster, status } from "../../../support/kubernetes/fakeCluster";

const NAMESPACE = "kuma-system";
const PLACE = { namespace: NAMESPACE, name: "kuma" };
const KDS = "grpcs://g:5685";
const FEDERATED = { controlPlane: { kdsGlobalAddress: KDS } };
const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/kuma-control-plane`;
const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`;
const SERVICES = `/api/v1/namespaces/${NAMESPACE}/services`;

const deployment = (env: object[], annotations = {}) => ({
  ...{ apiVersion: "apps/v1", kind: "Deployment" },
  metadata: { name: "kuma-control-plane", namespace: NAMESPACE },
  spec: { replicas: 1, template: { metadata: { annotations }, spec: { containers: [{ name: "cp", env }] } } },
});
const secret = (name: string, value: string) => ({
  ...{ apiVersion: "v1", kind: "Secret" },
  metadata: { name, namespace: NAMESPACE },
  data: { "tls.crt": value },
});
const service = (name: string, annotations = {}) => ({
  ...{ apiVersion: "v1", kind: "Service" },
  metadata: { name, annotations },
  spec: { ports: [{ port: 5681 }] },
});

const ALONE_OBJECTS = [secret("tls", "YQ=="), service("kuma-control-plane"), deployment([{ name: "A" }])];
const FEDERATED_OBJECTS = [
  secret("tls", "Yg=="),
  secret("kds-ca", "Yw=="),
  service("kuma-control-plane"),
  service("kuma-ingress"),
  service("kept", { "helm.sh/resource-policy": "keep" }),
  deployment([{ name: "A" }, { name: "KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS", value: KDS }], { checksum: "2" }),
];
const pathOf = ({ kind, metadata }: { kind: string; metadata: { name: string } }) =>
  kind === "Deployment" ? DEPLOYMENT : `${kind === "Secret" ? SECRETS : SERVICES}/${metadata.name}`;

describe("platforms/kubernetes/helmRollback", () => {
  let cluster: FakeCluster;
  beforeEach(async () => {
    cluster = await FakeCluster.start();
  });
  afterEach(cleanUp);

  const revision = (at: number, state: string, config: object, objects: object[], chart = "kuma") =>
    cluster.addRelease(NAMESPACE, "kuma", at, {
      info: { status: state, first_deployed: `the first of ${at}`, notes: `notes of ${at}` },
      chart: { metadata: { name: chart, version: `2.14.${at}` } },
      config,
      manifest: objects.map((each) => `---\n# Source: of the chart\n${yaml.dump(each)}`).join(""),
    });
  const switched = () => {
    revision(1, "superseded", { custom: "canary" }, ALONE_OBJECTS);
    revision(2, "deployed", FEDERATED, FEDERATED_OBJECTS);
    for (const each of FEDERATED_OBJECTS) cluster.add(pathOf(each), structuredClone(each), "helm");
  };

  it("finds the last revision with which the zone ran alone, and was in force", async () => {
    revision(1, "superseded", {}, []);
    revision(2, "superseded", { controlPlane: { kdsGlobalAddress: "" } }, []);
    revision(3, "failed", {}, []);
    revision(4, "superseded", FEDERATED, []);
    revision(5, "deployed", FEDERATED, []);
    const client = await cluster.client();
    assert.equal(await lastAlone(client, PLACE), 2);
    assert.deepEqual(cluster.writes, []);
  });

  it("finds none where Helm has kept none, or only one of another chart", async () => {
    revision(3, "superseded", {}, [], "another");
    revision(4, "deployed", FEDERATED, []);
    assert.equal(await lastAlone(await cluster.client(), PLACE), undefined);
  });

  it("looks for the address where an umbrella chart has it", async () => {
    revision(1, "superseded", {}, []);
    revision(2, "superseded", { kuma: FEDERATED }, []);
    revision(3, "deployed", { kuma: FEDERATED }, []);
    assert.equal(await lastAlone(await cluster.client(), { ...PLACE, valuesKey: "kuma" }), 1);
  });

  it("gives the release its former objects, and touches nothing else", async () => {
    switched();
    // what others have changed meanwhile
    const live = cluster.objects.get(DEPLOYMENT) as unknown as ReturnType<typeof deployment>;
    live.spec.replicas = 3;
    cluster.add(`${SECRETS}/of-others`, secret("of-others", "ZA=="));
    await rollBack(await cluster.client(), PLACE, 1);
    const now = cluster.objects.get(DEPLOYMENT) as unknown as ReturnType<typeof deployment>;
    assert.deepEqual(now.spec.template.spec.containers, [{ name: "cp", env: [{ name: "A" }] }]);
    assert.deepEqual(now.spec.template.metadata.annotations, {});
    assert.equal(now.spec.replicas, 3, "a field that is the same in both revisions is not touched");
    assert.deepEqual(cluster.objects.get(`${SECRETS}/tls`)?.data, { "tls.crt": "YQ==" });
    assert.deepEqual(
      cluster.writes.map((line) => line.split("?")[0]),
      [
        `PATCH ${SECRETS}/tls`,
        `PATCH ${DEPLOYMENT}`,
        `DELETE ${SECRETS}/kds-ca`,
        `DELETE ${SERVICES}/kuma-ingress`,
        `POST ${SECRETS}`,
        `PATCH ${SECRETS}/sh.helm.release.v1.kuma.v2`,
      ],
    );
  });

  it("notes that as Helm does, so that the next upgrade goes on from there", async () => {
    switched();
    const client = await cluster.client();
    await rollBack(client, PLACE, 1);
    assert.deepEqual(await readRelease(client, NAMESPACE, "kuma"), {
      ...{ revision: 3, status: "deployed", chartName: "kuma", chartVersion: "2.14.1" },
      values: { custom: "canary" },
    });
    const labels = (at: number) =>
      cluster.objects.get(`${SECRETS}/sh.helm.release.v1.kuma.v${at}`)?.metadata.labels;
    assert.deepEqual(labels(3), { name: "kuma", owner: "helm", status: "deployed", version: "3" });
    assert.equal(labels(2)?.status, "superseded");
  });

  it("goes on where it was cut short, as the note comes last", async () => {
    switched();
    cluster.answer(`DELETE ${SERVICES}/kuma-ingress`, 500, status(500, "InternalError", "no").body);
    const client = await cluster.client();
    assert.equal((await kumaErrorOf(rollBack(client, PLACE, 1))).code, "server");
    assert.equal((await readRelease(client, NAMESPACE, "kuma"))?.revision, 2);
    await rollBack(client, PLACE, 1);
    assert.equal(cluster.objects.has(`${SERVICES}/kuma-ingress`), false);
    assert.equal((await readRelease(client, NAMESPACE, "kuma"))?.revision, 3);
  });

  it("makes again what somebody has deleted", async () => {
    switched();
    cluster.objects.delete(`${SECRETS}/tls`);
    await rollBack(await cluster.client(), PLACE, 1);
    assert.deepEqual(cluster.objects.get(`${SECRETS}/tls`)?.data, { "tls.crt": "YQ==" });
  });

  it("names what is refused, and shows nothing of a Secret", async () => {
    switched();
    const words = status(403, "Forbidden", "canary-secret is not allowed").body;
    cluster.answer(`PATCH ${SECRETS}/tls`, 403, words);
    const { message } = await kumaErrorOf(rollBack(await cluster.client(), PLACE, 1));
    assert.match(message, /^Secret kuma-system\/tls in the cluster of context fake/);
    assert.doesNotMatch(message, /canary/);
  });

  it("says so where the revision is not there", async () => {
    switched();
    const { message } = await kumaErrorOf(rollBack(await cluster.client(), PLACE, 7));
    assert.match(
      message,
      /^Release kuma in namespace kuma-system .* has no revision 7\. Nothing was changed\.$/,
    );
    assert.deepEqual(cluster.writes, []);
  });

  it("patches only what differs, lists as wholes, and takes away what was not there", () => {
    const from = { a: 1, b: { c: 1, d: 2 }, e: [1, 2], f: "gone" };
    const to = { a: 1, b: { c: 1, d: 3 }, e: [1], g: { h: 1 } };
    assert.deepEqual(mergePatch(from, to), { b: { d: 3 }, e: [1], f: null, g: { h: 1 } });
  });
});

import assert from "node:assert/strict";
import { AdmissionregistrationV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import type { Resource, ResourceType } from "../../kuma";
import { KubernetesCluster, type KubernetesObject } from "../../platforms/kubernetes/cluster";
import { KubernetesControlPlane } from "../../platforms/kubernetes/controlPlane";
import { AdmissionWebhook, type Verdict } from "../support/kubernetes/admissionWebhook";
import { cleanUp, later } from "../support/cleanUp";
import { kumaErrorOf } from "../support/errors";
import { sharedKubeApi } from "../support/kubernetes/kubeApi";
import { installKumaCrds, removeKumaCrds } from "../support/kubernetes/kumaCrds";
import { UNIVERSAL_TYPES } from "../support/resources/types";
import { until } from "../support/until";

const NAMESPACE = "kuma-system";
const KUMA = "/apis/kuma.io/v1alpha1";
const mesh: Resource = { type: "Mesh", name: "default", mtls: { enabledBackend: "ca-1" } };
const timeout: Resource = { type: "MeshTimeout", mesh: "default", name: "slow", spec: { to: [] } };

describe("platforms/kubernetes/controlPlane, on a real API server", () => {
  let kubeconfig: string;
  let config: KubeConfig;
  let admin: KubernetesCluster;
  /** What the control planes of a test asked of the API server, with the status of each answer. */
  let answers: { line: string; status: number }[];

  before(async function () {
    ({ kubeconfig } = await sharedKubeApi(this));
    config = new KubeConfig();
    config.loadFromString(kubeconfig);
    await config.makeApiClient(CoreV1Api).createNamespace({ body: { metadata: { name: NAMESPACE } } });
  });
  beforeEach(async () => {
    answers = [];
    admin = await KubernetesCluster.load({ context: "admin", kubeconfig });
    later(() => admin.close());
  });
  afterEach(async () => {
    await cleanUp();
    await removeKumaCrds(config);
  });

  const controlPlane = async (context = "admin"): Promise<KubernetesControlPlane> => {
    const cluster = await KubernetesCluster.load({ context, kubeconfig });
    const request = cluster.request.bind(cluster);
    cluster.request = async (method, path, ...more) => {
      const answer = await request(method, path, ...more);
      answers.push({ line: `${method} ${path}`, status: answer.status });
      return answer;
    };
    // its API is not asked in these tests
    const made = new KubernetesControlPlane(
      { title: "the global control plane", url: "http://127.0.0.1:1" },
      cluster,
      { close: () => undefined },
      NAMESPACE,
    );
    later(() => made.close());
    return made;
  };
  const typeOf = ({ type }: Resource): ResourceType =>
    UNIVERSAL_TYPES.find(({ name }) => name === type) ?? ({ name: type } as ResourceType);
  const put = async (resource: Resource, options?: { overwrite?: boolean }, context?: string) =>
    (await controlPlane(context)).put(typeOf(resource), resource, options);
  const read = async (path: string) => (await admin.get(path)) ?? assert.fail(`there is no ${path}`);
  const managersOf = ({ metadata }: KubernetesObject) =>
    (metadata.managedFields as { manager: string }[]).map(({ manager }) => manager);
  /** Writes as somebody else does. */
  const applyAs = async (manager: string, path: string, object: object): Promise<void> => {
    const query = `fieldManager=${manager}&force=true`;
    const response = await admin.request("PATCH", `${path}?${query}`, object, "application/apply-patch+yaml");
    assert.ok(response.status < 300, response.body);
  };
  const othersMesh = (spec: object, labels = {}) => ({
    apiVersion: "kuma.io/v1alpha1",
    kind: "Mesh",
    metadata: { name: "default", labels },
    spec,
  });

  it("applies a mesh to the cluster, and a newer policy to the system namespace, under its own name", async () => {
    await installKumaCrds(config);
    await put(mesh);
    await put({ ...timeout, labels: { team: "a" } });
    const stored = await read(`${KUMA}/meshes/default`);
    assert.deepEqual(stored.spec, { mtls: { enabledBackend: "ca-1" } });
    assert.deepEqual(managersOf(stored), ["kuma-federation"]);
    const { metadata, spec } = await read(`${KUMA}/namespaces/${NAMESPACE}/meshtimeouts/slow`);
    assert.deepEqual(metadata.labels, { "kuma.io/mesh": "default", team: "a" });
    assert.deepEqual(spec, { to: [] });
  });

  it("writes nothing when there is nothing to change, and takes back what it no longer wants", async () => {
    await installKumaCrds(config, "Mesh");
    await put({ ...mesh, routing: { zoneEgress: true } });
    const { metadata } = await read(`${KUMA}/meshes/default`);
    await put({ ...mesh, routing: { zoneEgress: true } });
    const again = await read(`${KUMA}/meshes/default`);
    assert.equal(again.metadata.resourceVersion, metadata.resourceVersion);
    await put(mesh);
    assert.deepEqual((await read(`${KUMA}/meshes/default`)).spec, { mtls: { enabledBackend: "ca-1" } });
  });

  it("names who manages a field that it wants to be another, and leaves the object as it is", async () => {
    await installKumaCrds(config, "Mesh");
    await applyAs(
      "argocd-controller",
      `${KUMA}/meshes/default`,
      othersMesh({ mtls: { enabledBackend: "ca-2" } }),
    );
    const { code, message } = await kumaErrorOf(put(mesh));
    assert.equal(code, "conflict");
    assert.match(message, /argocd-controller owns \.spec\.mtls\.enabledBackend/);
    assert.deepEqual((await read(`${KUMA}/meshes/default`)).spec, { mtls: { enabledBackend: "ca-2" } });
  });

  it("makes the object exactly what is wanted when told to overwrite", async () => {
    await installKumaCrds(config, "Mesh");
    const others = othersMesh(
      { mtls: { enabledBackend: "ca-2" }, routing: { zoneEgress: true } },
      { team: "b" },
    );
    await applyAs("argocd-controller", `${KUMA}/meshes/default`, others);
    await put(mesh, { overwrite: true });
    const { spec, metadata } = await read(`${KUMA}/meshes/default`);
    assert.deepEqual(spec, { mtls: { enabledBackend: "ca-1" } });
    assert.equal(metadata.labels, undefined);
  });

  it("goes on with what it has overwritten: changes it, takes fields back, without a conflict with itself", async () => {
    await installKumaCrds(config, "Mesh");
    const path = `${KUMA}/meshes/default`;
    await applyAs("argocd-controller", path, othersMesh({ mtls: { enabledBackend: "ca-2" } }));
    await put({ ...mesh, routing: { zoneEgress: true } }, { overwrite: true });
    const managers = managersOf(await read(path));
    assert.equal(managers.filter((manager) => manager === "kuma-federation").length, 1, managers.join());
    await put({ ...mesh, mtls: { enabledBackend: "ca-3" } });
    assert.deepEqual((await read(path)).spec, { mtls: { enabledBackend: "ca-3" } });
  });

  it("overwrites also what someone else changes at the same time", async () => {
    await installKumaCrds(config, "Mesh");
    await applyAs("other", `${KUMA}/meshes/default`, othersMesh({ mtls: { enabledBackend: "x" } }));
    const cp = await controlPlane();
    const write = (backend: string) =>
      cp.put(typeOf(mesh), { ...mesh, mtls: { enabledBackend: backend } }, { overwrite: true });
    // each write meets changes of the others
    await Promise.all(["ca-1", "ca-2", "ca-3"].map(write));
    const { spec } = await read(`${KUMA}/meshes/default`);
    assert.match(JSON.stringify(spec), /^\{"mtls":\{"enabledBackend":"ca-[123]"\}\}$/);
  });

  it("waits for a kind that is just being installed", async () => {
    const writing = Promise.all([put(mesh), put(timeout)]);
    await until("two looks of each", () => answers.filter(({ line }) => line === `GET ${KUMA}`).length > 3);
    assert.equal(await admin.get(`${KUMA}/meshes/default`), undefined);
    await installKumaCrds(config);
    await writing;
    await read(`${KUMA}/namespaces/${NAMESPACE}/meshtimeouts/slow`);
  });

  it("waits for a webhook that does not answer yet", async () => {
    await installKumaCrds(config, "Mesh");
    const webhook = await guardMeshes();
    const writing = put(mesh);
    await until("two writes in vain", () => answers.filter(({ status }) => status === 500).length > 1);
    await webhook.start();
    await writing;
    assert.equal(webhook.requests.filter(({ dryRun }) => !dryRun).length, 1);
  });

  it("passes on what the control plane's webhook says", async () => {
    await installKumaCrds(config, "Mesh");
    const webhook = await guardMeshes(() => "mtls.backends: must not be empty");
    await webhook.start();
    const { code, message } = await kumaErrorOf(put(mesh));
    assert.equal(code, "refused");
    assert.match(message, /^Mesh default in the cluster of context admin was refused: .*must not be empty/);
  });

  it("says what a user without rights may not do", async () => {
    await installKumaCrds(config, "Mesh");
    await admin.get(`${KUMA}/meshes`);
    const { code, message } = await kumaErrorOf(put(mesh, {}, "stranger"));
    assert.equal(code, "forbidden");
    assert.match(message, /User "stranger" cannot patch resource "meshes"/);
  });

  it("keeps a secret's content out of the object's history and of every message", async () => {
    await installKumaCrds(config, "Mesh");
    const secret: Resource = { type: "Secret", mesh: "default", name: "ca", data: btoa("canary-1") };
    await put(secret);
    const path = `/api/v1/namespaces/${NAMESPACE}/secrets/ca`;
    const stored = await read(path);
    assert.equal(stored.type, "system.kuma.io/secret");
    assert.deepEqual(stored.data, { value: btoa("canary-1") });
    assert.ok(!JSON.stringify(stored.metadata).includes(btoa("canary-1")));
    await put({ ...secret, data: btoa("canary-2") }, { overwrite: true });
    assert.deepEqual((await read(path)).data, { value: btoa("canary-2") });

    const { message } = await kumaErrorOf(put({ ...secret, name: "broken", data: "canary, not base64" }));
    assert.doesNotMatch(message, /canary/);
    await applyAs("vault", path, { ...stored, metadata: { name: "ca" }, data: { value: btoa("canary-3") } });
    const conflict = await kumaErrorOf(put(secret));
    assert.match(conflict.message, /is managed by someone else \(what it says about a secret is not shown\)/);
    assert.ok(
      ![btoa("canary-1"), btoa("canary-3"), "canary"].some((text) => conflict.message.includes(text)),
    );
    await (await controlPlane()).delete(typeOf(secret), secret);
    assert.equal(await admin.get(path), undefined);
  });

  it("deletes what is there and what is not", async () => {
    await installKumaCrds(config, "Mesh");
    await put(mesh);
    const cp = await controlPlane();
    await cp.delete(typeOf(mesh), mesh);
    await cp.delete(typeOf(mesh), mesh);
    assert.equal(await admin.get(`${KUMA}/meshes/default`), undefined);
  });

  it("has many writes in flight", async () => {
    await installKumaCrds(config);
    const cp = await controlPlane();
    const many = Array.from({ length: 200 }, (_, n) => ({ ...timeout, name: `slow-${n}` }));
    await Promise.all(many.map((resource) => cp.put(typeOf(resource), resource)));
    const { items } = (await read(`${KUMA}/namespaces/${NAMESPACE}/meshtimeouts`)) as unknown as {
      items: unknown[];
    };
    assert.equal(items.length, 200);
  });

  /** Has the API server ask a webhook before it stores a mesh. The webhook is not started yet. */
  async function guardMeshes(verdict?: Verdict): Promise<AdmissionWebhook> {
    const webhook = await AdmissionWebhook.prepare(verdict);
    const api = config.makeApiClient(AdmissionregistrationV1Api);
    const name = "kuma-admission";
    await api.createValidatingWebhookConfiguration({
      body: webhook.configuration(name, "kuma.io", ["meshes"]),
    });
    later(async () => {
      await api.deleteValidatingWebhookConfiguration({ name });
      await webhook.stop();
    });
    const probe = othersMesh({});
    const query = "fieldManager=probe&dryRun=All&force=true";
    await until("the API server to ask the webhook", async () => {
      const { status } = await admin.request(
        "PATCH",
        `${KUMA}/meshes/probe?${query}`,
        { ...probe, metadata: { name: "probe" } },
        "application/apply-patch+yaml",
      );
      return status >= 500;
    });
    return webhook;
  }
});

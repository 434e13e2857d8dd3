import assert from "node:assert/strict";
import {
  AdmissionregistrationV1Api,
  ApiException,
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  type KubernetesObject,
  type V1ObjectMeta,
} from "@kubernetes/client-node";
import { AdmissionWebhook, type Verdict } from "../support/kubernetes/admissionWebhook";
import { cleanUp, later } from "../support/cleanUp";
import { sharedKubeApi } from "../support/kubernetes/kubeApi";
import { KUMA_GROUP, KUMA_VERSION, installKumaCrds, removeKumaCrds } from "../support/kubernetes/kumaCrds";
import { until } from "../support/until";

interface KumaObject extends KubernetesObject {
  metadata: V1ObjectMeta & { name: string };
  mesh?: string;
  spec?: unknown;
}

/** Proves that the other tests may rely on the API server to be as the clusters of users are. */
describe("kubernetes: the API server of the tests", () => {
  let config: KubeConfig;

  before(async function () {
    const { kubeconfig } = await sharedKubeApi(this);
    config = new KubeConfig();
    config.loadFromString(kubeconfig);
  });
  afterEach(async () => {
    await cleanUp();
    if (config) await removeKumaCrds(config);
  });

  const apply = (object: KumaObject, manager: string, context = "admin", force?: boolean) =>
    as(config, context).patch(
      object,
      undefined,
      undefined,
      manager,
      force,
      PatchStrategy.ServerSideApply,
    ) as Promise<KumaObject>;

  it("applies a mesh on the server, under the name of a field manager", async () => {
    await installKumaCrds(config, "Mesh");
    await apply(mesh("default", { mtls: { enabledBackend: "ca-1" } }), "kuma-federation");
    const { metadata, spec } = await apply(
      mesh("default", { mtls: { enabledBackend: "ca-2" } }),
      "kuma-federation",
    );
    assert.deepEqual(spec, { mtls: { enabledBackend: "ca-2" } });
    assert.deepEqual(
      metadata.managedFields?.map(({ manager, operation }) => [manager, operation]),
      [["kuma-federation", "Apply"]],
    );
    assert.equal(metadata.generation, 2);
  });

  it("changes nothing when the same is applied again", async () => {
    await installKumaCrds(config, "Mesh");
    const first = await apply(mesh("default", { mtls: {} }), "kuma-federation");
    const second = await apply(mesh("default", { mtls: {} }), "kuma-federation");
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  });

  it("names the manager that owns a field, and gives way to force", async () => {
    await installKumaCrds(config, "Mesh");
    await apply(mesh("default", { mtls: { enabledBackend: "ca-1" } }), "argocd-controller");
    const wanted = mesh("default", { mtls: { enabledBackend: "ca-2" } });
    const refusal = await refusalOf(apply(wanted, "kuma-federation"));
    assert.equal(refusal.code, 409);
    assert.equal(refusal.reason, "Conflict");
    assert.deepEqual(refusal.details?.causes, [
      {
        reason: "FieldManagerConflict",
        message: 'conflict with "argocd-controller"',
        field: ".spec.mtls.enabledBackend",
      },
    ]);
    const { spec } = await apply(wanted, "kuma-federation", "admin", true);
    assert.deepEqual(spec, { mtls: { enabledBackend: "ca-2" } });
  });

  it("keeps the mesh of an older policy beside its spec, and a newer one in a namespace", async () => {
    await installKumaCrds(config);
    const retry = await apply({ ...kuma("Retry", "retry-1"), mesh: "default", spec: { conf: {} } }, "test");
    assert.deepEqual([retry.mesh, retry.metadata.namespace], ["default", undefined]);
    const timeout = kuma("MeshTimeout", "timeout-1", {
      namespace: "default",
      labels: { "kuma.io/mesh": "default" },
    });
    const { metadata } = await apply({ ...timeout, spec: { targetRef: { kind: "Mesh" } } }, "test");
    assert.deepEqual([metadata.namespace, metadata.labels], ["default", { "kuma.io/mesh": "default" }]);
  });

  it("does not know a kind until its definition is there", async () => {
    await installKumaCrds(config, "Mesh");
    await assert.rejects(apply(kuma("Zone", "zone-1"), "test"), /Unrecognized API version and kind: .* Zone/);
    await installKumaCrds(config, "Zone");
    const zone = await apply({ ...kuma("Zone", "zone-1"), spec: { enabled: true } }, "test");
    assert.deepEqual(zone.spec, { enabled: true });
  });

  it("forbids a user without rights what it allows the admin", async () => {
    await installKumaCrds(config, "Mesh");
    const refusal = await refusalOf(apply(mesh("default"), "test", "stranger"));
    assert.equal(refusal.code, 403);
    assert.match(refusal.message, /User "stranger" cannot patch resource "meshes" in API group "kuma\.io"/);
  });

  it("refuses a write while the webhook of the control plane does not answer, and takes it then", async () => {
    await installKumaCrds(config, "Mesh");
    const webhook = await guardMeshes(config);
    const refusal = await refusalOf(apply(mesh("default"), "test"));
    assert.equal(refusal.code, 500);
    assert.match(
      refusal.message,
      /failed calling webhook "kuma-admission\.example\.com": .* connection refused/,
    );

    await webhook.start();
    await apply(mesh("default"), "test");
    assert.deepEqual(
      webhook.requests.map(({ operation, object, userInfo }) => [
        operation,
        object.metadata.name,
        userInfo.username,
      ]),
      [["CREATE", "default", "admin"]],
    );
  });

  it("passes on why a webhook refuses", async () => {
    await installKumaCrds(config, "Mesh");
    const webhook = await guardMeshes(config, ({ object }) =>
      object.metadata.name === "wrong" ? "mtls: backend is missing" : undefined,
    );
    await webhook.start();
    const refusal = await refusalOf(apply(mesh("wrong"), "test"));
    assert.equal(
      refusal.message,
      'admission webhook "kuma-admission.example.com" denied the request: mtls: backend is missing',
    );
    await apply(mesh("right"), "test");
  });
});

function kuma(kind: string, name: string, metadata: V1ObjectMeta = {}): KumaObject {
  return { apiVersion: `${KUMA_GROUP}/${KUMA_VERSION}`, kind, metadata: { name, ...metadata } };
}

function mesh(name: string, spec: unknown = {}): KumaObject {
  return { ...kuma("Mesh", name), spec };
}

function as(config: KubeConfig, context: string): KubernetesObjectApi {
  const other = new KubeConfig();
  other.loadFromString(config.exportConfig());
  other.setCurrentContext(context);
  return KubernetesObjectApi.makeApiClient(other);
}

/** Has the API server ask a webhook before it stores a mesh, and waits until it does. The webhook is not started yet. */
async function guardMeshes(config: KubeConfig, verdict?: Verdict): Promise<AdmissionWebhook> {
  const webhook = await AdmissionWebhook.prepare(verdict);
  const api = config.makeApiClient(AdmissionregistrationV1Api);
  const name = "kuma-admission";
  await api.createValidatingWebhookConfiguration({
    body: webhook.configuration(name, KUMA_GROUP, ["meshes"]),
  });
  later(async () => {
    await api.deleteValidatingWebhookConfiguration({ name });
    await webhook.stop();
  });
  const attempt = () =>
    as(config, "admin").patch(
      mesh("never-stored"),
      undefined,
      "All",
      "test",
      undefined,
      PatchStrategy.ServerSideApply,
    );
  await until("the API server to ask the webhook", () =>
    attempt().then(
      () => false,
      () => true,
    ),
  );
  return webhook;
}

interface Status {
  code: number;
  reason: string;
  message: string;
  details?: { causes?: unknown };
}

/** The `Status` with which the API server refuses. */
async function refusalOf(work: Promise<unknown>): Promise<Status> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ApiException)) throw error;
    return JSON.parse(String(error.body)) as Status;
  }
  return assert.fail("it was expected to be refused, but was not");
}

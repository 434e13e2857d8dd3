import * as assert from "node:assert/strict";
import { PutOptions, Resource } from "../../../kuma";
import { KubernetesControlPlane } from "../../../platforms/kubernetes/controlPlane";
import { cleanUp, later } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import type { KubernetesObject } from "../../../platforms/kubernetes/cluster";
import { FakeCluster, status } from "../../support/kubernetes/fakeCluster";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { typeNamed } from "../../support/resources/types";
import { DEADLINE_MS, until } from "../../support/until";

const MESH: Resource = { type: "Mesh", name: "m", mtls: { enabledBackend: "ca-1" } };
const MESH_PATH = "/apis/kuma.io/v1alpha1/meshes/m";
const SECRET: Resource = { type: "Secret", mesh: "m", name: "s", data: "Y2FuYXJ5" };
const SECRET_PATH = "/api/v1/namespaces/kuma-system/secrets/s";
const ASIDE = { times: Number.POSITIVE_INFINITY };

describe("platforms/kubernetes/controlPlane", () => {
  let cluster: FakeCluster;
  let api: FakeControlPlane;
  let closed: string[];
  beforeEach(async () => {
    cluster = await FakeCluster.start();
    api = await FakeControlPlane.start();
    closed = [];
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const open = async (deadlineMs = DEADLINE_MS) => {
    const controlPlane = new KubernetesControlPlane(
      { title: "the control plane", url: api.url, attempts: 1 },
      await cluster.client(),
      { close: () => void closed.push("forward") },
      "kuma-system",
      { deadlineMs, everyMs: 10 },
    );
    later(() => controlPlane.close());
    return controlPlane;
  };
  const put = async (resource: Resource, options?: PutOptions) =>
    (await open()).put(typeNamed(resource.type), resource, options);
  const putInVain = async (resource: Resource) =>
    kumaErrorOf((await open(200)).put(typeNamed(resource.type), resource));
  const lastBody = () => JSON.parse(cluster.requests.at(-1)?.body ?? "") as unknown;

  describe("lists", () => {
    const inSystem = (name: string, origin?: string): Resource => ({
      type: "MeshTimeout",
      mesh: "m",
      name,
      labels: {
        "k8s.kuma.io/namespace": "kuma-system",
        ...(origin === undefined ? {} : { "kuma.io/origin": origin }),
      },
    });
    const listed = async (...resources: Resource[]) => {
      api.add(...resources);
      return (await (await open()).list(typeNamed("MeshTimeout"))).map(({ name }) => name);
    };

    it("objects of the system namespace without its name", async () => {
      assert.deepEqual(
        await listed(inSystem("a.kuma-system"), inSystem("b.kuma-system", "global"), inSystem("c")),
        ["a", "b", "c"],
      );
    });

    it("what a zone owns under the name that it has", async () => {
      assert.deepEqual(await listed(inSystem("a.kuma-system", "zone")), ["a.kuma-system"]);
    });

    it("what lies in another namespace under the name that it has", async () => {
      const elsewhere = { ...inSystem("a.kuma-system"), labels: { "k8s.kuma.io/namespace": "apps" } };
      assert.deepEqual(await listed(elsewhere), ["a.kuma-system"]);
    });

    // seen of the HostnameGenerators of Kuma 2.14.3 that was installed without Helm
    it("what a control plane made before its webhooks served, which has no label, without the namespace", async () => {
      const unlabelled: Resource = { type: "MeshTimeout", mesh: "m", name: "a.kuma-system" };
      assert.deepEqual(await listed(unlabelled), ["a"]);
    });

    it("and finds one by the name without the namespace", async () => {
      api.add(inSystem("a.kuma-system", "global"));
      const controlPlane = await open();
      const key = { type: "MeshTimeout", mesh: "m", name: "a" };
      assert.equal((await controlPlane.get(typeNamed("MeshTimeout"), key))?.name, "a");
      const other = { ...key, mesh: "other" };
      assert.equal(await controlPlane.get(typeNamed("MeshTimeout"), other), undefined);
    });
  });

  it("writes secrets before meshes, and the rest in the usual order", async () => {
    const controlPlane = await open();
    const stages = [
      { type: "Secret", mesh: "m", name: "s" },
      { type: "Mesh", name: "m" },
      { type: "TrafficRoute", mesh: "m", name: "r" },
      { type: "GlobalSecret", name: "admin-user-token" },
      { type: "GlobalSecret", name: "user-token-signing-key-1" },
    ].map((key) => controlPlane.stageOf(key));
    assert.deepEqual(
      stages,
      [...stages].sort((a, b) => a - b),
    );
    assert.equal(new Set(stages).size, stages.length);
  });

  describe("puts", () => {
    it("with server-side apply as its own field manager, and without force", async () => {
      await put(MESH);
      assert.deepEqual(cluster.writes, [`PATCH ${MESH_PATH}?fieldManager=kuma-federation`]);
      assert.deepEqual(lastBody(), {
        apiVersion: "kuma.io/v1alpha1",
        kind: "Mesh",
        metadata: { name: "m" },
        spec: { mtls: { enabledBackend: "ca-1" } },
      });
    });

    it("nothing through the REST API of the control plane, which takes no writes", async () => {
      await put(MESH);
      await put(SECRET);
      await (await open()).delete(typeNamed("Mesh"), MESH);
      assert.deepEqual(api.writes, []);
    });

    it("namespaced kinds into the system namespace", async () => {
      await put({ type: "MeshTimeout", mesh: "m", name: "t", spec: {} });
      const path = "/apis/kuma.io/v1alpha1/namespaces/kuma-system/meshtimeouts/t";
      assert.deepEqual(cluster.writes, [`PATCH ${path}?fieldManager=kuma-federation`]);
    });

    it("what a zone owns into the namespace in which it was, under the name that it had there", async () => {
      const labels = { "kuma.io/origin": "zone", "k8s.kuma.io/namespace": "apps", mine: "x" };
      await put({ type: "MeshTimeout", mesh: "m", name: "t.apps", labels, spec: {} });
      const path = "/apis/kuma.io/v1alpha1/namespaces/apps/meshtimeouts/t";
      assert.deepEqual(cluster.writes, [`PATCH ${path}?fieldManager=kuma-federation`]);
      const { metadata } = cluster.objects.get(path) as KubernetesObject;
      assert.deepEqual(
        [metadata.name, metadata.namespace, metadata.labels],
        ["t", "apps", { "kuma.io/origin": "zone", "kuma.io/mesh": "m", mine: "x" }],
      );
    });

    it("what comes from elsewhere into the system namespace, whatever its labels and its name say", async () => {
      const labels = { "k8s.kuma.io/namespace": "apps" };
      await put({ type: "MeshTimeout", mesh: "m", name: "t.apps", labels, spec: {} });
      const path = "/apis/kuma.io/v1alpha1/namespaces/kuma-system/meshtimeouts/t.apps";
      assert.deepEqual(cluster.writes, [`PATCH ${path}?fieldManager=kuma-federation`]);
    });

    it("secrets without asking for kinds", async () => {
      await put(SECRET);
      assert.deepEqual(cluster.asked, [`PATCH ${SECRET_PATH}?fieldManager=kuma-federation`]);
    });

    it("again what it wrote itself", async () => {
      await put(MESH);
      await put({ ...MESH, mtls: { enabledBackend: "ca-2" } });
      assert.deepEqual(cluster.objects.get(MESH_PATH)?.spec, { mtls: { enabledBackend: "ca-2" } });
    });

    it("not over what someone else manages, and says who and which field", async () => {
      const theirs = { enabledBackend: "theirs" };
      cluster.add(MESH_PATH, {
        apiVersion: "kuma.io/v1alpha1",
        kind: "Mesh",
        metadata: { name: "m" },
        spec: { mtls: theirs },
      });
      assert.deepEqual(await kumaErrorOf(put(MESH)), {
        code: "conflict",
        message:
          "Mesh m in the cluster of context fake is managed by someone else: kubectl owns .spec.mtls.enabledBackend. It was not changed. " +
          "Let that one give it up, or choose overwrite for it with the setting onConflict.",
      });
      assert.deepEqual(cluster.objects.get(MESH_PATH)?.spec, { mtls: theirs });
    });

    it("the whole object when it is to overwrite: what others had beside it goes", async () => {
      cluster.add(MESH_PATH, {
        apiVersion: "kuma.io/v1alpha1",
        kind: "Mesh",
        metadata: { name: "m", labels: { theirs: "x" }, annotations: { kept: "x" } },
        spec: { mtls: { enabledBackend: "theirs" }, metrics: {} },
      });
      await put({ ...MESH, labels: { team: "a" } }, { overwrite: true });
      assert.deepEqual(cluster.writes, [
        `PUT ${MESH_PATH}?fieldManager=kuma-federation`,
        // what is applied and what is updated are two owners to an API server, even of one name
        `PATCH ${MESH_PATH}?fieldManager=kuma-federation&force=true`,
        `PATCH ${MESH_PATH}`,
      ]);
      const { metadata, spec } = cluster.objects.get(MESH_PATH) ?? assert.fail();
      assert.deepEqual(spec, { mtls: { enabledBackend: "ca-1" } });
      assert.deepEqual([metadata.labels, metadata.annotations], [{ team: "a" }, { kept: "x" }]);
    });

    it("what is not there yet when it is to overwrite", async () => {
      await put(MESH, { overwrite: true });
      assert.deepEqual(cluster.writes, [`PATCH ${MESH_PATH}?fieldManager=kuma-federation`]);
    });

    for (const labels of [undefined, { theirs: "x" }]) {
      const which = labels === undefined ? "without labels" : "with labels";
      it(`over an object ${which} that someone changed meanwhile, by looking again`, async () => {
        const mesh = { apiVersion: "kuma.io/v1alpha1", kind: "Mesh", metadata: { name: "m", labels } };
        cluster.add(MESH_PATH, mesh);
        let changes = 0;
        const change = () => cluster.add(MESH_PATH, { ...mesh, spec: { change: ++changes } });
        // the version that is read is out of date by the time of the write
        const read = cluster.objects.get(MESH_PATH);
        cluster.answer(`GET ${MESH_PATH}`, 200, read, { times: 2, then: change });
        await put(MESH, { overwrite: true });
        const puts = cluster.writes.filter((write) => write.startsWith("PUT"));
        assert.equal(puts.length, 3);
        assert.deepEqual(cluster.objects.get(MESH_PATH)?.spec, { mtls: { enabledBackend: "ca-1" } });
      });
    }

    it("gives up on an object that someone changes all the time", async () => {
      cluster.add(MESH_PATH, { apiVersion: "kuma.io/v1alpha1", kind: "Mesh", metadata: { name: "m" } });
      const answer = status(409, "Conflict", "the object has been modified");
      cluster.answer(`PUT ${MESH_PATH}`, answer.status, answer.body, ASIDE);
      assert.deepEqual(await kumaErrorOf(put(MESH, { overwrite: true })), {
        code: "refused",
        message: "Mesh m in the cluster of context fake was refused: the object has been modified",
      });
      assert.equal(cluster.writes.length, 8);
    });

    it("and does not repeat what the API server says of a secret", async () => {
      const answer = status(422, "Invalid", 'data: Invalid value: "canary"');
      cluster.answer(`PATCH ${SECRET_PATH}`, answer.status, answer.body);
      assert.deepEqual(await kumaErrorOf(put(SECRET)), {
        code: "refused",
        message: "Secret m/s in the cluster of context fake was refused: Invalid",
      });
    });
  });

  describe("waits", () => {
    const away = status(500, "InternalError", 'Internal error occurred: failed calling webhook "x": refused');

    it("for webhooks that do not serve yet", async () => {
      cluster.answer(`PATCH ${MESH_PATH}`, away.status, away.body, { times: 3 });
      await put(MESH);
      assert.equal(cluster.writes.length, 4);
      assert.ok(cluster.objects.has(MESH_PATH));
    });

    it("for webhooks when it deletes as well", async () => {
      await put(MESH);
      cluster.answer(`DELETE ${MESH_PATH}`, away.status, away.body);
      await (await open()).delete(typeNamed("Mesh"), MESH);
      assert.ok(!cluster.objects.has(MESH_PATH));
    });

    it("for webhooks, and says in the end that they do not serve", async () => {
      cluster.answer(`PATCH ${MESH_PATH}`, away.status, away.body, ASIDE);
      const { code, message } = await putInVain(MESH);
      assert.equal(code, "server");
      assert.match(message, /^Mesh m in the cluster of context fake was refused: .*failed calling webhook/);
    });

    it("for nothing when the API server fails otherwise", async () => {
      const answer = status(500, "InternalError", "etcdserver: request timed out");
      cluster.answer(`PATCH ${MESH_PATH}`, answer.status, answer.body, ASIDE);
      assert.equal((await kumaErrorOf(put(MESH))).code, "server");
      assert.equal(cluster.writes.length, 1);
    });

    it("for a CustomResourceDefinition that is just being installed", async () => {
      const { kinds } = cluster;
      cluster.kinds = undefined;
      const written = put(MESH);
      const looks = () => cluster.asked.filter((line) => line === "GET /apis/kuma.io/v1alpha1").length;
      await until("a look in vain", () => looks() > 0);
      cluster.kinds = kinds;
      await written;
      assert.ok(looks() > 1);
      assert.ok(cluster.objects.has(MESH_PATH));
    });

    it("for a CustomResourceDefinition, and names the one that is missing", async () => {
      cluster.kinds = cluster.kinds?.filter(({ kind }) => kind !== "TrafficRoute");
      assert.deepEqual(await putInVain({ type: "TrafficRoute", mesh: "m", name: "r" }), {
        code: "refused",
        message:
          "The cluster of context fake has no CustomResourceDefinition of TrafficRoute (kuma.io/v1alpha1) after 0.2 s. " +
          "Is its control plane older than the zone, or were its CRDs not installed?",
      });
      assert.deepEqual(cluster.writes, []);
    });
  });

  it("asks for the kinds once", async () => {
    const controlPlane = await open();
    for (const name of ["a", "b", "c"]) await controlPlane.put(typeNamed("Mesh"), { type: "Mesh", name });
    assert.equal(cluster.asked.filter((line) => line.startsWith("GET ")).length, 1);
  });

  it("deletes an object, and takes one that is gone for deleted", async () => {
    await put(SECRET);
    const controlPlane = await open();
    await controlPlane.delete(typeNamed("Secret"), SECRET);
    await controlPlane.delete(typeNamed("Secret"), SECRET);
    assert.ok(!cluster.objects.has(SECRET_PATH));
  });

  it("deletes no Secret that is none of Kuma's, or of another mesh, whatever the control plane lists", async () => {
    const strangers: KubernetesObject[] = [
      { apiVersion: "v1", kind: "Secret", type: "kubernetes.io/tls", metadata: { name: "s" } },
      {
        apiVersion: "v1",
        kind: "Secret",
        type: "system.kuma.io/secret",
        metadata: { name: "s", labels: { "kuma.io/mesh": "other" } },
      },
    ];
    const controlPlane = await open();
    for (const stranger of strangers) {
      cluster.add(SECRET_PATH, stranger);
      const { code, message } = await kumaErrorOf(controlPlane.delete(typeNamed("Secret"), SECRET));
      assert.equal(code, "conflict");
      assert.match(message, /^Secret m\/s was not deleted in the cluster of context fake: /);
      assert.ok(cluster.objects.has(SECRET_PATH));
    }
    assert.deepEqual(cluster.writes, []);
  });

  it("deletes what it looked at, and nothing that came after it", async () => {
    await put(SECRET);
    await (await open()).delete(typeNamed("Secret"), SECRET);
    const { preconditions } = lastBody() as { preconditions: { resourceVersion?: string } };
    assert.match(preconditions.resourceVersion ?? "", /^\d+$/);
  });

  for (const name of ["..", ".", ""]) {
    it(`sends nothing to what lies above for the name ${JSON.stringify(name)}`, async () => {
      const controlPlane = await open();
      const key = { type: "Secret", mesh: "m", name };
      for (const work of [
        () => controlPlane.delete(typeNamed("Secret"), key),
        () => controlPlane.put(typeNamed("Secret"), { ...SECRET, name }),
      ])
        assert.equal((await kumaErrorOf(work)).code, "invalid");
      assert.deepEqual(cluster.requests, []);
    });
  }

  it("says why an object was not deleted", async () => {
    const told = 'admission webhook "validator" denied the request: Zone CP is still connected';
    cluster.add("/apis/kuma.io/v1alpha1/zones/zone-1", {
      apiVersion: "kuma.io/v1alpha1",
      kind: "Zone",
      metadata: { name: "zone-1" },
    });
    const answer = status(403, "Forbidden", told);
    cluster.answer("DELETE /apis/kuma.io/v1alpha1/zones/zone-1", answer.status, answer.body);
    const controlPlane = await open();
    const key = { type: "Zone", name: "zone-1" };
    assert.deepEqual(await kumaErrorOf(controlPlane.delete(typeNamed("Zone"), key)), {
      code: "refused",
      message: `Zone zone-1 in the cluster of context fake was refused: ${told}`,
    });
  });

  it("closes the port-forward with itself", async () => {
    (await open()).close();
    assert.deepEqual(closed, ["forward"]);
  });
});

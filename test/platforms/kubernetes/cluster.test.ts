import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { KubernetesCluster } from "../../../platforms/kubernetes/cluster";
import { cleanUp, setEnvironment, tempDir } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { FakeCluster, status } from "../../support/kubernetes/fakeCluster";

const NAMESPACE = "/api/v1/namespaces/kube-system";

describe("platforms/kubernetes/cluster", () => {
  let fake: FakeCluster;
  beforeEach(async () => (fake = await FakeCluster.start()));
  afterEach(cleanUp);

  const load = (kubeconfig: string | undefined, context = "fake") =>
    KubernetesCluster.load({ context, kubeconfig }, { attempts: 1 });
  const wrongOf = async (code: number, reason: string, message: string, details?: unknown) => {
    const cluster = await fake.client();
    const answer = status(code, reason, message, details);
    fake.answer("GET /x", answer.status, answer.body);
    return kumaErrorOf(cluster.get("/x").then(() => undefined));
  };

  describe("reads a kubeconfig", () => {
    it("that is given as a text, and logs in with what it holds", async () => {
      fake.add(NAMESPACE, {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "kube-system", uid: "u-1" },
      });
      const namespace = await (await fake.client()).get(NAMESPACE);
      assert.equal(namespace?.metadata.uid, "u-1");
      assert.equal(fake.requests[0].headers.authorization, "Bearer canary-token");
    });

    it("that is given as a path, or lies where KUBECONFIG says", async () => {
      const file = path.join(tempDir(), "config");
      fs.writeFileSync(file, fake.kubeconfig("a", "b"));
      const given = await load(file, "b");
      setEnvironment("KUBECONFIG", file);
      const found = await load(undefined, "a");
      for (const cluster of [given, found]) {
        assert.equal(cluster.server, `http://127.0.0.1:${fake.port}`);
        cluster.close();
      }
    });

    it("and says which contexts there are when it has not the one that is asked for", async () => {
      assert.deepEqual(await kumaErrorOf(load(fake.kubeconfig("a", "b"), "c").then(() => undefined)), {
        code: "invalid",
        message: "The kubeconfig has no context c; it has a, b. Nothing was changed.",
      });
    });

    it("and says that there is none", async () => {
      setEnvironment("KUBECONFIG", undefined);
      setEnvironment("HOME", tempDir());
      const { code, message } = await kumaErrorOf(load(undefined, "c"));
      assert.equal(code, "invalid");
      assert.match(
        message,
        /^There is no kubeconfig for context c: .* Nothing was changed\. Name one with the setting/,
      );
    });

    it("and says that it has no context", async () => {
      const empty = "apiVersion: v1\nkind: Config\nclusters: []\nusers: []\ncontexts: []\n";
      assert.deepEqual(await kumaErrorOf(load(empty).then(() => undefined)), {
        code: "invalid",
        message: "The kubeconfig has no context fake; it has none. Nothing was changed.",
      });
    });

    it("and says that the cluster of a context is missing", async () => {
      const without = fake.kubeconfig().replace("cluster: fake", "cluster: gone");
      assert.deepEqual(await kumaErrorOf(load(without).then(() => undefined)), {
        code: "invalid",
        message: "The cluster of context fake is missing in the kubeconfig.",
      });
    });

    it("and sends nothing in clear to another machine", async () => {
      const elsewhere = fake.kubeconfig().replace("127.0.0.1", "k8s.example.com");
      const { code, message } = await kumaErrorOf(load(elsewhere).then(() => undefined));
      assert.equal(code, "invalid");
      assert.match(
        message,
        /^The API server of context fake, \S+, is no https address: .* Nothing was sent\.$/,
      );
    });

    it("and says that the file cannot be read", async () => {
      const file = path.join(tempDir(), "missing");
      const { code, message } = await kumaErrorOf(load(file).then(() => undefined));
      assert.equal(code, "invalid");
      assert.equal(
        message,
        `The kubeconfig ${file} cannot be read: ENOENT: no such file or directory, open '${file}'.`,
      );
    });

    it("and does not repeat what stands in one that is no YAML", async () => {
      const { code, message } = await kumaErrorOf(
        load("users:\n  - name: x\n    user: { token: canary-token\n  bad: [\n").then(() => undefined),
      );
      assert.equal(code, "invalid");
      assert.match(message, /^The kubeconfig cannot be read: [^\n]+\.$/);
      assert.ok(!message.includes("canary"), message);
    });
  });

  it("takes an object that is not there for none", async () => {
    assert.equal(await (await fake.client()).get("/api/v1/namespaces/none"), undefined);
  });

  it("reaches an API server below a path, as behind a proxy such as Rancher's", async () => {
    const below = fake.kubeconfig().replace(`:${fake.port}"`, `:${fake.port}/k8s/clusters/c-1/"`);
    const cluster = await load(below);
    await cluster.request("GET", NAMESPACE);
    cluster.close();
    assert.deepEqual(fake.asked, [`GET /k8s/clusters/c-1${NAMESPACE}`]);
  });

  it("names the context and the address of an API server that does not answer, and what was changed", async () => {
    const cluster = await fake.client();
    await fake.stop();
    const begin = `The API server of context fake (http://127.0.0.1:${fake.port}) cannot be reached: connection refused.`;
    assert.deepEqual(await kumaErrorOf(cluster.get("/x").then(() => undefined)), {
      code: "unreachable",
      message: `${begin} Nothing was changed.`,
    });
    // a write may have arrived
    assert.deepEqual(await kumaErrorOf(cluster.request("PATCH", "/x", {}).then(() => undefined)), {
      code: "unreachable",
      message: begin,
    });
    fake = await FakeCluster.start();
  });

  it("tells that the credentials are refused", async () => {
    assert.deepEqual(await wrongOf(401, "Unauthorized", "Unauthorized"), {
      code: "unauthenticated",
      message:
        "/x in the cluster of context fake: the API server does not accept the credentials of the kubeconfig.",
    });
  });

  it("tells which right is missing", async () => {
    const told = 'x is forbidden: User "me" cannot get resource "x" in API group "" at the cluster scope';
    assert.deepEqual(await wrongOf(403, "Forbidden", told), {
      code: "forbidden",
      message: `/x in the cluster of context fake: ${told}`,
    });
  });

  it("takes a webhook's refusal for one, not for a missing right", async () => {
    const told = 'admission webhook "validator.kuma-admission.kuma.io" denied the request: no';
    assert.deepEqual(await wrongOf(403, "Forbidden", told), {
      code: "refused",
      message: `/x in the cluster of context fake was refused: ${told}`,
    });
  });

  for (const [code, name] of [
    [422, "refused"],
    [429, "rateLimited"],
    [500, "server"],
  ] as const) {
    it(`takes status ${code} for ${name}`, async () => {
      assert.deepEqual(await wrongOf(code, "Reason", "told"), {
        code: name,
        message: "/x in the cluster of context fake was refused: told",
      });
    });
  }

  it("makes do with a status where a proxy answers with a page", async () => {
    const cluster = await fake.client();
    fake.answer("GET /x", 502, "<html>canary</html>");
    assert.deepEqual(await kumaErrorOf(cluster.get("/x").then(() => undefined)), {
      code: "server",
      message: "/x in the cluster of context fake was refused: status 502",
    });
  });

  it("names every manager that owns a field, with the field", async () => {
    const causes = [
      { reason: "FieldManagerConflict", message: 'conflict with "kubectl" using v1', field: ".spec.a" },
      {
        reason: "FieldManagerConflict",
        message: 'conflict with "argo cd" with subresource "status" using v1',
        field: ".spec.b",
      },
      { reason: "FieldManagerConflict", field: ".spec.c" },
    ];
    assert.deepEqual(await wrongOf(409, "Conflict", "Apply failed with 3 conflicts", { causes }), {
      code: "conflict",
      message:
        "/x in the cluster of context fake is managed by someone else: kubectl owns .spec.a, argo cd owns .spec.b, another manager owns .spec.c. It was not changed. " +
        "Let that one give it up, or choose overwrite for it with the setting onConflict.",
    });
  });

  it("keeps the message of a secret's refusal to itself", async () => {
    const cluster = await fake.client();
    const { body } = status(422, "Invalid", 'Secret is invalid: data: Invalid value: "canary"');
    const response = { status: 422, headers: {}, body: JSON.stringify(body) };
    const { message } = cluster.failure(response, "Secret m/s", { withMessage: false });
    assert.equal(message, "Secret m/s in the cluster of context fake was refused: Invalid");
  });

  it("shows no words at all about a secret, whoever says them and where", async () => {
    const cluster = await fake.client();
    const causes = [
      { reason: "FieldManagerConflict", message: 'conflict with "canary" using v1', field: ".canary" },
    ];
    for (const { status: code, body } of [
      status(409, "Conflict", "canary", { causes }),
      status(403, "Forbidden", "canary cannot get resource canary"),
      status(422, "canary", "canary"),
      status(500, "InternalError", "canary"),
    ]) {
      const response = { status: code, headers: {}, body: JSON.stringify(body) };
      const { message } = cluster.failure(response, "Secret m/s", { withMessage: false });
      assert.doesNotMatch(message, /canary/);
    }
  });

  it("shows no words that repeat a key which stands in what was sent", async () => {
    const cluster = await fake.client();
    const key = "MIIEvQIBADANBgkqhkiG9w0BAQ";
    const { body } = status(400, "BadRequest", `denied: ${key}`);
    const response = { status: 400, headers: {}, body: JSON.stringify(body) };
    const sent = { spec: { mtls: { key: { inlineString: `--${key}--` } } } };
    assert.match(cluster.failure(response, "Mesh m", { sent }).message, /was refused: BadRequest$/);
    assert.match(cluster.failure(response, "Mesh m", { sent: {} }).message, /was refused: denied: MIIE/);
  });

  describe("lists", () => {
    const pod = (name: unknown) => ({ metadata: { name } });
    const list = async () =>
      (await fake.client()).list("/api/v1/pods", "the pods").then((found) => found.length);

    it("go on to their end", async () => {
      fake.answer("GET /api/v1/pods?", 200, { items: [pod("a")], metadata: { continue: "t/1" } });
      fake.answer("GET /api/v1/pods?continue=t%2F1", 200, { items: [pod("b")], metadata: {} });
      assert.equal(await list(), 2);
    });

    it("end when a page brings nothing new and names a next one", async () => {
      fake.answer(
        "GET /api/v1/pods",
        200,
        { items: [pod("a")], metadata: { continue: "x" } },
        { times: Infinity },
      );
      assert.match(
        (await kumaErrorOf(list())).message,
        /^the pods in the cluster of context fake: the list comes to no end/,
      );
      assert.equal(fake.requests.length, 2);
    });

    for (const items of [undefined, {}, [null], [[]], [{}], [pod("..")], [pod("a/b")], [pod(7)]]) {
      it(`refuse items such as ${JSON.stringify(items)}`, async () => {
        fake.answer("GET /api/v1/pods", 200, { items });
        assert.match((await kumaErrorOf(list())).message, /does not speak Kubernetes' API\.$/);
      });
    }

    for (const body of ["canary", "[".repeat(200_000), "null", "[]"]) {
      it(`refuse the answer ${body.slice(0, 8)}`, async () => {
        fake.answer("GET /api/v1/pods", 200, body);
        const { message } = await kumaErrorOf(list());
        assert.match(message, /does not speak Kubernetes' API\.$/);
        assert.doesNotMatch(message, /canary/);
      });
    }
  });
});

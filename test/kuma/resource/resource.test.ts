import * as assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import * as fc from "fast-check";
import {
  Environment,
  Resource,
  canonicalJson,
  contentOf,
  countByType,
  digest,
  isMadeOfProxies,
  isRestorable,
  isSecret,
  isSyncDisabled,
  keyOf,
  newDigestKey,
  parseKey,
  sameKey,
  sameContent,
  sanitize,
  withDigestKey,
} from "../../../kuma";
import { additions, keys, reversedKeys, withAdditions, written } from "../../support/resources/arbitraries";

describe("kuma/resource/resource", () => {
  describe("keyOf and parseKey", () => {
    it("name a resource by type, mesh and name", () => {
      assert.equal(keyOf({ type: "MeshTimeout", mesh: "default", name: "all" }), "MeshTimeout default/all");
      assert.equal(keyOf({ type: "Mesh", name: "default" }), "Mesh default");
    });

    it("are inverse, whatever the name holds", () => {
      fc.assert(fc.property(keys, (key) => assert.deepEqual({ ...parseKey(keyOf(key)) }, { ...key })));
    });

    it("are inverse at the limits of names", () => {
      const key = { type: "TrafficRoute", mesh: "m".repeat(63), name: `${"n".repeat(252)}9` };
      assert.deepEqual(parseKey(keyOf(key)), key);
    });
  });

  describe("sanitize", () => {
    const computed = {
      "kuma.io/origin": "zone",
      "kuma.io/zone": "zone-1",
      "kuma.io/mesh": "default",
      "kuma.io/deletion-grace-period-started-at": "2026-01-01T00:00:00Z",
    };
    const ofKubernetes = {
      "kuma.io/display-name": "httpbin",
      "kuma.io/policy-role": "system",
      "kuma.io/workload": "w",
      "k8s.kuma.io/namespace": "kuma-system",
      "k8s.kuma.io/service-account": "account",
    };
    const labelsOf = (labels: Record<string, string>, environment?: Environment, type = "MeshTimeout") =>
      sanitize({ type, mesh: "default", name: "httpbin", labels }, environment).labels;

    it("leaves to a user of Universal the labels that only Kubernetes computes", () => {
      const labels = { ...ofKubernetes, "kuma.io/env": "kubernetes", "kuma.io/proxy-type": "mine" };
      assert.deepEqual(labelsOf({ ...computed, ...labels }), labels);
      assert.deepEqual(labelsOf({ ...computed, "kuma.io/env": "universal" }), undefined);
      assert.deepEqual(
        labelsOf({ ...computed, ...ofKubernetes, "kuma.io/env": "kubernetes" }, "kubernetes"),
        undefined,
      );
    });

    it("leaves the environment to a type that has no origin, where nobody computes it", () => {
      const labels = { "kuma.io/env": "universal" };
      assert.deepEqual(sanitize({ type: "Mesh", name: "m", labels }).labels, labels);
    });

    it("takes from proxies what tells of their kind, and leaves them their workload", () => {
      const labels = {
        ...computed,
        "kuma.io/proxy-type": "sidecar",
        "kuma.io/listener-zoneingress": "enabled",
      };
      assert.deepEqual(labelsOf({ ...labels, "kuma.io/workload": "billing" }, undefined, "Dataplane"), {
        "kuma.io/workload": "billing",
      });
    });

    it("takes the name that KDS gave to a copy", () => {
      const labels = { "kuma.io/origin": "global", "kuma.io/display-name": "httpbin" };
      assert.deepEqual(labelsOf(labels), undefined);
    });

    it("takes away what a control plane computes, and nothing else", () => {
      const stored: Resource = {
        type: "MeshExternalService",
        mesh: "default",
        name: "httpbin",
        creationTime: "2026-01-01T00:00:00Z",
        modificationTime: "2026-01-02T00:00:00Z",
        kri: "kri_extsvc_default_zone-1__httpbin_",
        status: { addresses: [] },
        labels: {
          ...computed,
          "kuma.io/env": "universal",
          "kuma.io/kds-sync": "disabled",
          "kuma.io/service": "web",
          team: "größe ☕",
        },
        spec: { status: "a field of the user's", creationTime: "too" },
      };
      assert.deepEqual(sanitize(stored), {
        type: "MeshExternalService",
        mesh: "default",
        name: "httpbin",
        labels: { "kuma.io/kds-sync": "disabled", "kuma.io/service": "web", team: "größe ☕" },
        spec: { status: "a field of the user's", creationTime: "too" },
      });
    });

    it("leaves out labels when none of the user's is left", () => {
      const resource = { type: "Mesh", name: "m", labels: { "kuma.io/mesh": "m" } };
      assert.deepEqual(sanitize(resource), { type: "Mesh", name: "m" });
    });

    it("gives back what the user wrote, whatever was added", () => {
      fc.assert(
        fc.property(written, additions, (resource, added) =>
          assert.deepEqual(
            sanitize(withAdditions(resource, added), "kubernetes"),
            sanitize(resource, "kubernetes"),
          ),
        ),
      );
    });

    it("never drops a field or a label of the user's", () => {
      fc.assert(
        fc.property(written, (resource) => assert.deepEqual({ ...sanitize(resource) }, { ...resource })),
      );
    });

    it("is idempotent, and leaves its argument alone", () => {
      fc.assert(
        fc.property(written, additions, (resource, added) => {
          const stored = withAdditions(resource, added);
          const before = structuredClone(stored);
          const once = sanitize(stored, "kubernetes");
          assert.deepEqual(sanitize(once, "kubernetes"), once);
          assert.deepEqual(stored, before);
        }),
      );
    });
  });

  describe("canonicalJson", () => {
    it("sorts keys at every depth and keeps the order of lists", () => {
      assert.equal(
        canonicalJson({ b: [{ d: 1, c: 2 }, 1], a: null, ä: "ü" }),
        '{"a":null,"b":[{"c":2,"d":1},1],"ä":"ü"}',
      );
    });

    it("does not depend on the order of keys, and is JSON of the same value", () => {
      fc.assert(
        fc.property(fc.jsonValue(), (value) => {
          assert.equal(canonicalJson(reversedKeys(value)), canonicalJson(value));
          assert.equal(canonicalJson(JSON.parse(canonicalJson(value))), canonicalJson(value));
        }),
      );
    });
  });

  describe("digest and sameContent", () => {
    it("is 64 bits of HMAC-SHA-256 with the key that is given", () => {
      const mesh = { type: "Mesh", name: "default" };
      const expected = createHmac("sha256", "a key").update('{"name":"default","type":"Mesh"}').digest("hex");
      assert.equal(
        withDigestKey("a key", () => digest(mesh)),
        `hmac:${expected.slice(0, 16)}`,
      );
      assert.notEqual(
        withDigestKey("another", () => digest(mesh)),
        digest(mesh),
      );
    });

    it("keeps the key that is in use where none is given", () => {
      const mesh = { type: "Mesh", name: "default" };
      const nested = withDigestKey("a", () => withDigestKey(undefined, () => digest(mesh)));
      assert.equal(
        nested,
        withDigestKey("a", () => digest(mesh)),
      );
    });

    it("tells nobody without the key which of a few values a secret has", () => {
      const pin = (value: number) => ({ type: "GlobalSecret", name: "pin", data: String(value) });
      const [shown, stored] = [digest(pin(4711)), withDigestKey(newDigestKey(), () => digest(pin(4711)))];
      for (let value = 0; value < 10_000; value++) {
        const hash = createHash("sha256")
          .update(canonicalJson(pin(value)))
          .digest("hex");
        const guess = withDigestKey(newDigestKey(), () => digest(pin(value)));
        assert.ok(![shown, stored].some((each) => each.includes(hash.slice(0, 16)) || each === guess));
      }
    });

    it("keeps the key in whatever is awaited, and apart from what goes on beside it", async () => {
      const mesh = { type: "Mesh", name: "default" };
      const later = (key: string) =>
        withDigestKey(key, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          return digest(mesh);
        });
      const [a, b, again] = await Promise.all([later("a"), later("b"), later("a")]);
      assert.deepEqual([a === again, a === b], [true, false]);
    });

    it("depend neither on the order of keys nor on what a control plane adds", () => {
      fc.assert(
        fc.property(written, additions, (resource, added) => {
          const stored = reversedKeys(withAdditions(resource, added));
          assert.equal(digest(stored), digest(resource));
          assert.ok(sameContent(stored, resource));
        }),
      );
    });

    it("agree with each other", () => {
      fc.assert(
        fc.property(written, written, (a, b) => assert.equal(sameContent(a, b), digest(a) === digest(b))),
      );
    });

    it("compares what writes itself as JSON by what it writes, such as dates in a policy's file", () => {
      const at = (conf: unknown): Resource => ({ type: "T", name: "r", conf });
      assert.ok(!sameContent(at(new Date(0)), at(new Date(1))));
      assert.ok(sameContent(at(new Date(0)), at("1970-01-01T00:00:00.000Z")));
      assert.ok(sameContent(at({ a: 1, b: undefined }), at({ a: 1 })));
      assert.ok(!sameContent(at([]), at({})));
    });

    it("tell a changed value, label, name, mesh or type", () => {
      const resource = { type: "Secret", mesh: "m", name: "n", labels: { a: "1" }, data: "x" };
      const changed: Resource[] = [
        { ...resource, data: "y" },
        { ...resource, labels: { a: "2" } },
        { ...resource, name: "o" },
        { ...resource, mesh: "o" },
        { ...resource, type: "Other" },
        { ...resource, more: null },
      ];
      assert.equal(new Set([resource, ...changed].map(digest)).size, 7);
      assert.ok(changed.every((other) => !sameContent(resource, other)));
    });
  });

  it("takes two names for one exactly where type, mesh and name are the same", () => {
    const key = { type: "MeshTimeout", mesh: "default", name: "a" };
    const others = [
      { ...key, type: "MeshRetry" },
      { ...key, mesh: "other" },
      { type: key.type, name: key.name },
      { ...key, name: "b" },
      { type: "MeshRetry", mesh: "other", name: "b" },
    ];
    assert.ok(sameKey(key, { ...key, spec: {} } as typeof key));
    for (const other of others) {
      assert.deepEqual([sameKey(key, other), sameKey(other, key)], [false, false], keyOf(other));
      assert.ok(sameKey(other, { ...other }));
    }
  });

  it("reads what stands before the first slash as the mesh, also where that is nothing", () => {
    assert.deepEqual(parseKey("Secret /x"), { type: "Secret", mesh: "", name: "x" });
    assert.deepEqual(parseKey("Secret m/x/y z"), { type: "Secret", mesh: "m", name: "x/y z" });
  });

  it("leaves to a user of Kubernetes the labels that nobody computes", () => {
    const labels = { team: "a", "app.k8s.kuma.io/x": "b", "kuma.io/kds-sync": "disabled" };
    const resource = { type: "MeshTimeout", mesh: "m", name: "n", labels };
    assert.deepEqual(sanitize(resource, "kubernetes").labels, labels);
    // the type and the name come first, whatever the order was
    assert.deepEqual(Object.keys(sanitize({ spec: {}, name: "n", type: "T" })), ["type", "name", "spec"]);
    assert.ok(!("spec" in sanitize({ type: "T", name: "n", spec: undefined })));
  });

  it("ignores in a comparison the labels that say the same on the other kind of control plane", () => {
    const ignored = {
      "kuma.io/env": "universal",
      "kuma.io/display-name": "n",
      "kuma.io/policy-role": "system",
      "k8s.kuma.io/namespace": "kuma-system",
    };
    const kept = { "k8s.kuma.io/other": "x", "kuma.io/workload": "w", team: "a" };
    const resource = { type: "MeshTimeout", mesh: "m", name: "n", labels: { ...ignored, ...kept } };
    assert.deepEqual(contentOf(resource).labels, kept);
  });

  it("knows what is kept from KDS", () => {
    const of = (labels?: Record<string, string>) => isSyncDisabled({ type: "T", name: "n", labels });
    const label = (value: string) => ({ "kuma.io/kds-sync": value });
    assert.ok(of(label("disabled")));
    for (const labels of [label("enabled"), label(""), {}, undefined]) assert.ok(!of(labels));
  });

  it("knows what a control plane makes of its proxies, and what of that can be written back", () => {
    const by = (manager?: string, origin?: string): Resource => ({
      ...{ type: "MeshService", mesh: "m", name: "n" },
      labels: {
        ...(manager && { "kuma.io/managed-by": manager }),
        ...(origin && { "kuma.io/origin": origin }),
      },
    });
    for (const manager of ["meshservice-generator", "workload-generator", "k8s-controller"]) {
      assert.ok(isMadeOfProxies(by(manager)), manager);
      assert.deepEqual([isRestorable(by(manager)), isRestorable(by(manager, "zone"))], [false, true]);
    }
    for (const each of [by("somebody"), by(), { type: "MeshService", name: "n" }]) {
      assert.ok(!isMadeOfProxies(each));
      assert.ok(isRestorable(each));
    }
    assert.ok(!isMadeOfProxies({ type: "T", name: "n", labels: { "kuma.io/managed-by": "" } }));
  });

  it("counts the resources of each type, in the order of their names", () => {
    const counts = countByType(["Secret m/a", "Mesh m", "Secret m/b", "GlobalSecret x"]);
    assert.deepEqual(Object.entries(counts), [
      ["GlobalSecret", 1],
      ["Mesh", 1],
      ["Secret", 2],
    ]);
  });

  it("isSecret knows both kinds", () => {
    const kinds = ["Secret", "GlobalSecret", "Mesh", "SecretThing"];
    assert.deepEqual(
      kinds.map((type) => isSecret({ type })),
      [true, true, false, false],
    );
  });
});

import * as assert from "node:assert/strict";
import { Resource } from "../../../kuma";
import { toKubernetes } from "../../../platforms/kubernetes/resourceForm";

const form = (resource: Resource, namespaced: boolean) =>
  toKubernetes(resource, { systemNamespace: "kuma-system", namespaced });

describe("platforms/kubernetes/resourceForm", () => {
  it("keeps a secret of a mesh as a Secret of its own type, with the mesh as a label", () => {
    const secret = { type: "Secret", mesh: "default", name: "s", data: "eA==", labels: { team: "a" } };
    assert.deepEqual(form(secret, true), {
      apiVersion: "v1",
      kind: "Secret",
      type: "system.kuma.io/secret",
      metadata: { name: "s", namespace: "kuma-system", labels: { team: "a", "kuma.io/mesh": "default" } },
      data: { value: "eA==" },
    });
  });

  it("keeps a global secret as one of no mesh", () => {
    assert.deepEqual(form({ type: "GlobalSecret", name: "admin-user-token", data: "eA==" }, true), {
      apiVersion: "v1",
      kind: "Secret",
      type: "system.kuma.io/global-secret",
      metadata: { name: "admin-user-token", namespace: "kuma-system" },
      data: { value: "eA==" },
    });
  });

  it("puts the fields of a mesh into its spec, in no namespace", () => {
    const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };
    assert.deepEqual(form({ type: "Mesh", name: "default", mtls, labels: { team: "a" } }, false), {
      apiVersion: "kuma.io/v1alpha1",
      kind: "Mesh",
      metadata: { name: "default", labels: { team: "a" } },
      spec: { mtls },
    });
  });

  it("names the mesh of a legacy policy beside its spec", () => {
    const route = { type: "TrafficRoute", mesh: "m", name: "r", sources: [], conf: { split: [] } };
    assert.deepEqual(form(route, false), {
      apiVersion: "kuma.io/v1alpha1",
      kind: "TrafficRoute",
      mesh: "m",
      metadata: { name: "r" },
      spec: { sources: [], conf: { split: [] } },
    });
  });

  it("keeps the spec of a newer type, in the system namespace, with the mesh as a label", () => {
    const policy = { type: "MeshTimeout", mesh: "m", name: "t", spec: { targetRef: { kind: "Mesh" } } };
    assert.deepEqual(form(policy, true), {
      apiVersion: "kuma.io/v1alpha1",
      kind: "MeshTimeout",
      metadata: { name: "t", namespace: "kuma-system", labels: { "kuma.io/mesh": "m" } },
      spec: { targetRef: { kind: "Mesh" } },
    });
  });

  it("keeps the spec of a newer type that belongs to no mesh", () => {
    assert.deepEqual(form({ type: "HostnameGenerator", name: "h", spec: { template: "x" } }, true), {
      apiVersion: "kuma.io/v1alpha1",
      kind: "HostnameGenerator",
      metadata: { name: "h", namespace: "kuma-system" },
      spec: { template: "x" },
    });
  });
});

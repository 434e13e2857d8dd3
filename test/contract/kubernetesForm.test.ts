import assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Resource, sanitize } from "../../kuma";
import { toKubernetes } from "../../platforms/kubernetes/resourceForm";
import { issueAuthority } from "../../platforms/kdsCertificate";
import { asJson } from "../support/resources/arbitraries";
import { MESH, MESHES, SAMPLES, everything, type Fields } from "../support/resources/samples";
import { call, get } from "./support/client";
import { findRealControlPlane, start, stopAll, type ControlPlane } from "./support/process";

const SYSTEM_NAMESPACE = "kuma-system";

describe("contract: the Kubernetes form, as a real kuma-cp gives it", () => {
  let cp: ControlPlane;
  let types: Map<string, { path: string; scope: "Mesh" | "Global" }>;

  before(async function () {
    const real = findRealControlPlane();
    if (!real) return this.skip();
    cp = await start(real, { mode: "global" });
    const { resources } = await get(cp, "/_resources");
    types = new Map(resources.map((type: { name: string }) => [type.name, type]));
    for (const mesh of MESHES) await put(mesh);
  });
  after(stopAll);

  const pathOf = ({ type, mesh, name }: Resource): string => {
    const { path } = types.get(type) ?? assert.fail(`the control plane does not know the type ${type}`);
    return `${mesh === undefined ? "" : `/meshes/${mesh}`}/${path}/${name}`;
  };
  const put = async (resource: Resource): Promise<void> => {
    const answer = await call(cp, "PUT", pathOf(resource), resource);
    assert.ok([200, 201].includes(answer.status), `PUT ${pathOf(resource)}: ${answer.text}`);
  };

  /** Compares for a resource that is stored; the control plane's own is what `kumactl export` would write. */
  const compare = async (resource: Resource): Promise<void> => {
    const path = pathOf(resource);
    const theirs = await get(cp, `${path}?format=kubernetes`);
    const { metadata, ...ours } = toKubernetes(sanitize(await get(cp, path)), {
      systemNamespace: SYSTEM_NAMESPACE,
      namespaced: theirs.metadata.namespace !== undefined,
    });
    const { metadata: theirMetadata, status, ...rest } = theirs;
    assert.deepEqual(ours, rest);
    // a control plane on Universal gives none of a user's labels, which ours keeps
    const { creationTimestamp, labels: theirLabels, ...theirPlace } = theirMetadata;
    const { labels, ...place } = metadata;
    assert.deepEqual(place, theirPlace);
    assert.deepEqual(labels, withLabels(resource.labels, theirLabels));
  };

  for (const mesh of MESHES) {
    it(`is the same for the ${mesh.name === MESH ? "" : "empty "}Mesh`, () => compare(mesh));
  }
  for (const [type, fields] of Object.entries(SAMPLES)) {
    it(`is the same for ${type}`, async () => {
      const scope = types.get(type)?.scope === "Mesh" ? { mesh: MESH } : {};
      const sample: Resource = { type, ...scope, name: "sample", labels: { team: "a" }, ...fields };
      if (type === "MeshTrust") {
        const { cert: value } = await issueAuthority("the test");
        (sample.spec as Fields).caBundles = [{ type: "Pem", pem: { value } }];
      }
      await put(sample);
      await compare(sample);
    });
  }

  it("is compared for every type that can be written to a global", async () => {
    const { resources } = await get(cp, "/_resources");
    const writable: string[] = [];
    for (const { name, readOnly, path, scope } of resources) {
      const at = `${scope === "Mesh" ? `/meshes/${MESH}` : ""}/${path}/x`;
      const isWritable = !readOnly && (await call(cp, "PUT", at, {})).status !== 405;
      if (isWritable && name !== "Mesh") writable.push(name);
    }
    assert.deepEqual(Object.keys(SAMPLES).sort(), writable.sort());
  });

  const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/);
  const duration = fc.integer({ min: 1, max: 100_000 }).map((ms) => `${ms}ms`);
  const labels = fc.dictionary(name, name);

  const same = (resources: fc.Arbitrary<Resource>) =>
    fc.assert(
      fc.asyncProperty(asJson(resources), async (resource) => {
        await put(resource);
        await compare(resource);
      }),
      { numRuns: 40 },
    );

  it("is the same for any name, labels and content of a secret", () =>
    same(
      fc.record({
        type: fc.constant("Secret"),
        mesh: fc.constant(MESH),
        name,
        labels,
        data: fc
          .uint8Array({ minLength: 1, maxLength: 200 })
          .map((bytes) => Buffer.from(bytes).toString("base64")),
      }),
    ));

  it("is the same for any older policy", () =>
    same(
      fc.record({
        type: fc.constant("Timeout"),
        mesh: fc.constant(MESH),
        name,
        labels,
        sources: fc.array(fc.record({ match: fc.record({ "kuma.io/service": name }) }), {
          minLength: 1,
          maxLength: 3,
        }),
        destinations: fc.constant(everything),
        conf: fc.record({ connectTimeout: duration, tcp: fc.record({ idleTimeout: duration }) }),
      }),
    ));

  it("is the same for any newer policy", () =>
    same(
      fc.record({
        type: fc.constant("MeshTimeout"),
        mesh: fc.constant(MESH),
        name,
        labels,
        spec: fc.record({
          targetRef: fc.record({ kind: fc.constant("Dataplane"), labels: fc.dictionary(name, name) }),
          to: fc.array(
            fc.record({
              targetRef: fc.constant({ kind: "Mesh" }),
              default: fc.record({ idleTimeout: duration }),
            }),
            {
              minLength: 1,
              maxLength: 3,
            },
          ),
        }),
      }),
    ));
});

function withLabels(...all: (Record<string, string> | undefined)[]): Record<string, string> | undefined {
  const merged = Object.assign({}, ...all) as Record<string, string>;
  return Object.keys(merged).length > 0 ? merged : undefined;
}

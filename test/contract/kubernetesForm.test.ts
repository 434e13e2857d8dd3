import assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Resource, sanitize } from "../../kuma";
import { toKubernetes } from "../../platforms/kubernetes/resourceForm";
import { issueAuthority } from "../../platforms/kdsCertificate";
import { asJson } from "../support/arbitraries";
import { call, get } from "./support/client";
import { findRealControlPlane, start, stopAll, type ControlPlane } from "./support/process";

const SYSTEM_NAMESPACE = "kuma-system";
const MESH = "m";

type Fields = Record<string, unknown>;

const everything = [{ match: { "kuma.io/service": "*" } }];
const ofMesh = { targetRef: { kind: "Mesh" } };
const ofSidecars = { targetRef: { kind: "Mesh", proxyTypes: ["Sidecar"] } };
const toMesh = (conf: Fields) => ({ spec: { ...ofMesh, to: [{ ...ofMesh, default: conf }] } });
const between = (conf?: Fields) => ({
  sources: everything,
  destinations: everything,
  ...(conf ? { conf } : {}),
});

/** A resource of each type that can be written to a global, with at least one value of each shape that the type has. */
const SAMPLES: Record<string, Fields> = {
  CircuitBreaker: between({ interval: "5s", detectors: { totalErrors: { consecutive: 20 } } }),
  ExternalService: {
    networking: { address: "httpbin.org:443", tls: { enabled: true } },
    tags: { "kuma.io/service": "httpbin", "kuma.io/protocol": "http" },
  },
  FaultInjection: {
    sources: [{ match: { "kuma.io/service": "*", "kuma.io/protocol": "http" } }],
    destinations: [{ match: { "kuma.io/service": "a", "kuma.io/protocol": "http" } }],
    conf: { abort: { percentage: 40, httpStatus: 500 } },
  },
  GlobalSecret: { data: "c2VjcmV0" },
  HealthCheck: between({ interval: "10s", timeout: "2s", unhealthyThreshold: 3, healthyThreshold: 1 }),
  HostnameGenerator: {
    spec: { template: "{{ .DisplayName }}.mesh", selector: { meshService: { matchLabels: { team: "a" } } } },
  },
  MeshAccessLog: toMesh({ backends: [{ type: "File", file: { path: "/tmp/access.log" } }] }),
  MeshCircuitBreaker: toMesh({ connectionLimits: { maxConnections: 2 } }),
  MeshExternalService: {
    spec: {
      match: { type: "HostnameGenerator", port: 443, protocol: "tcp" },
      endpoints: [{ address: "example.com", port: 443 }],
    },
  },
  MeshFaultInjection: {
    spec: {
      ...ofSidecars,
      from: [{ ...ofMesh, default: { http: [{ abort: { httpStatus: 500, percentage: "2.5" } }] } }],
    },
  },
  MeshGateway: {
    selectors: [{ match: { "kuma.io/service": "gateway" } }],
    conf: { listeners: [{ port: 8080, protocol: "HTTP", tags: { port: "http" } }] },
  },
  MeshGatewayRoute: {
    selectors: [{ match: { "kuma.io/service": "gateway" } }],
    conf: {
      http: {
        rules: [
          {
            matches: [{ path: { match: "PREFIX", value: "/" } }],
            backends: [{ destination: { "kuma.io/service": "a" }, weight: 1 }],
          },
        ],
      },
    },
  },
  MeshHTTPRoute: {
    spec: {
      ...ofMesh,
      to: [
        {
          targetRef: { kind: "MeshService", name: "a" },
          rules: [{ matches: [{ path: { type: "PathPrefix", value: "/" } }], default: {} }],
        },
      ],
    },
  },
  MeshHealthCheck: toMesh({ interval: "10s", timeout: "2s", tcp: {} }),
  MeshIdentity: {
    spec: {
      selector: { dataplane: { matchLabels: {} } },
      spiffeID: { trustDomain: "{{ .Mesh }}.{{ .Zone }}.mesh.local" },
      provider: {
        type: "Bundled",
        bundled: { autogenerate: { enabled: true }, certificateParameters: { expiry: "24h" } },
      },
    },
  },
  MeshLoadBalancingStrategy: toMesh({ localityAwareness: { disabled: true } }),
  MeshMetric: {
    spec: {
      ...ofMesh,
      default: { backends: [{ type: "Prometheus", prometheus: { port: 5670, path: "/m" } }] },
    },
  },
  MeshMultiZoneService: {
    spec: {
      selector: { meshService: { matchLabels: { team: "a" } } },
      ports: [{ port: 80, appProtocol: "http" }],
    },
  },
  // nothing is set: all of it has defaults
  MeshOpenTelemetryBackend: { spec: {} },
  MeshPassthrough: { spec: { ...ofMesh, default: { passthroughMode: "None" } } },
  MeshProxyPatch: {
    spec: {
      ...ofMesh,
      default: { appendModifications: [{ cluster: { operation: "Remove", match: { name: "x" } } }] },
    },
  },
  MeshRateLimit: {
    spec: {
      ...ofSidecars,
      from: [{ ...ofMesh, default: { local: { http: { requestRate: { num: 5, interval: "10s" } } } } }],
    },
  },
  MeshRetry: toMesh({ tcp: { maxConnectAttempt: 5 } }),
  MeshTCPRoute: {
    spec: {
      ...ofMesh,
      to: [
        {
          targetRef: { kind: "MeshService", name: "a" },
          rules: [{ default: { backendRefs: [{ kind: "MeshService", name: "b", weight: 1 }] } }],
        },
      ],
    },
  },
  MeshTLS: { spec: { ...ofMesh, from: [{ ...ofMesh, default: { mode: "Permissive" } }] } },
  MeshTimeout: toMesh({ idleTimeout: "1h", http: { requestTimeout: "15s" } }),
  MeshTrace: {
    spec: {
      ...ofMesh,
      default: { backends: [{ type: "Zipkin", zipkin: { url: "http://zipkin:9411/api/v2/spans" } }] },
    },
  },
  MeshTrust: { spec: { trustDomain: "m.zone-1.mesh.local", caBundles: [] } },
  MeshTrafficPermission: { spec: { ...ofMesh, from: [{ ...ofMesh, default: { action: "Allow" } }] } },
  ProxyTemplate: { selectors: everything, conf: { imports: ["default-proxy"] } },
  RateLimit: between({ http: { requests: 5, interval: "10s" } }),
  Retry: between({ http: { numRetries: 3, retriableStatusCodes: [500, 504] } }),
  Secret: { data: "c2VjcmV0" },
  Timeout: between({ connectTimeout: "5s", http: { requestTimeout: "15s" } }),
  TrafficLog: between({ backend: "logging" }),
  TrafficPermission: between(),
  TrafficRoute: between({ split: [{ weight: 100, destination: { "kuma.io/service": "*" } }] }),
  TrafficTrace: { selectors: everything, conf: { backend: "tracing" } },
  VirtualOutbound: {
    selectors: everything,
    conf: {
      host: "{{.service}}.mesh",
      port: "{{.port}}",
      parameters: [{ name: "service", tagKey: "kuma.io/service" }, { name: "port" }],
    },
  },
  Zone: { enabled: true },
};

/** Meshes, with what the older policies refer to. */
const MESHES: Resource[] = [
  { type: "Mesh", name: "empty" },
  {
    type: "Mesh",
    name: MESH,
    mtls: { enabledBackend: "ca", backends: [{ name: "ca", type: "builtin" }] },
    logging: { backends: [{ name: "logging", type: "file", conf: { path: "/tmp/access.log" } }] },
    tracing: {
      backends: [
        { name: "tracing", type: "zipkin", sampling: 12.5, conf: { url: "http://zipkin:9411/api/v2/spans" } },
      ],
    },
    routing: { zoneEgress: true },
    meshServices: { mode: "Exclusive" },
  },
];

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

import type { Resource } from "../../../kuma";

/** The mesh that the samples are in. */
export const MESH = "m";

export type Fields = Record<string, unknown>;

export const everything = [{ match: { "kuma.io/service": "*" } }];
const ofMesh = { targetRef: { kind: "Mesh" } };
const ofSidecars = { targetRef: { kind: "Mesh", proxyTypes: ["Sidecar"] } };
const toMesh = (conf: Fields) => ({ spec: { ...ofMesh, to: [{ ...ofMesh, default: conf }] } });
const between = (conf?: Fields) => ({
  sources: everything,
  destinations: everything,
  ...(conf ? { conf } : {}),
});

/** A resource of each type that can be written to a global, with at least one value of each shape that the type has. */
export const SAMPLES: Record<string, Fields> = {
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
export const MESHES: Resource[] = [
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

import { type Cases, UNKNOWN, object, policy, written } from "./support";

const WHOLE = { targetRef: { kind: "Mesh" } };
const LABELLED = { targetRef: { kind: "Dataplane", labels: { app: "redis" } } };
const MESH = { type: "Mesh", name: "default" };
const mtls = (mode: string) => ({
  mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin", mode }] },
});
const to = (conf: unknown, targetRef: object = WHOLE.targetRef) => ({ to: [{ targetRef, default: conf }] });
const from = (action: string, targetRef: object = WHOLE.targetRef) => ({
  from: [{ targetRef, default: { action } }],
});
const permission = (spec: object) => written(policy("MeshTrafficPermission", spec));
const identity = (value: string) => [{ spiffeID: { type: "Prefix", value } }];
const anyService = [{ match: { "kuma.io/service": "*" } }];
/** A policy whose content a preview does not know yet, by both ways in which it is written. */
const unknownOf = (type: string) => [[written(policy(type, UNKNOWN))], [object(type, UNKNOWN)]];
const role = (name: string) => ({ "kuma.io/policy-role": name });
const NARROW_SERVICE = { kind: "MeshService", name: "redis" };

export const MESH_CASES: Cases = {
  "mesh-mtls": {
    breaks: [[written(MESH)], [object("Mesh", {})], [written({ ...MESH, mtls: { backends: [] } })]],
    keeps: [
      [written({ ...MESH, ...mtls("STRICT") })],
      [object("Mesh", mtls("STRICT"))],
      [written(MESH), written(policy("MeshIdentity", { selector: {} }))],
      [written(policy("MeshTimeout", to({})))],
    ],
    unknown: [[object("Mesh", UNKNOWN)], [written({ ...MESH, mtls: UNKNOWN })]],
  },
  "mtls-strict": {
    breaks: [
      [written({ ...MESH, ...mtls("PERMISSIVE") })],
      [object("MeshTLS", { rules: [{ default: { mode: "Permissive" } }] })],
      [written(policy("MeshTLS", { from: [{ ...WHOLE, default: { mode: "Permissive" } }] }))],
    ],
    keeps: [
      [written({ ...MESH, ...mtls("STRICT") })],
      [object("MeshTLS", { rules: [{ default: { mode: "Strict" } }] })],
    ],
    unknown: [[object("MeshTLS", { rules: [{ default: { mode: UNKNOWN } }] })]],
  },
  "passthrough-off": {
    breaks: [
      [written(MESH)],
      [written({ ...MESH, networking: { outbound: { passthrough: true } } })],
      [object("MeshPassthrough", { ...WHOLE, default: { passthroughMode: "All" } })],
    ],
    keeps: [
      [written({ ...MESH, networking: { outbound: { passthrough: false } } })],
      [object("MeshPassthrough", { ...WHOLE, default: { passthroughMode: "Matched" } })],
    ],
    unknown: [[written({ ...MESH, networking: UNKNOWN })], [object("MeshPassthrough", UNKNOWN)]],
  },
  "permission-narrow": {
    breaks: [
      [permission({ ...WHOLE, ...from("Allow") })],
      [permission(from("Allow"))],
      [permission({ targetRef: { kind: "Dataplane" }, ...from("Allow") })],
      [permission({ rules: [{ default: { allow: identity("spiffe://") } }] })],
      [permission({ rules: [{ default: { allow: [{}] } }] })],
      [
        written({
          type: "TrafficPermission",
          mesh: "default",
          name: "all",
          sources: anyService,
          destinations: anyService,
        }),
      ],
      [object("MeshTrafficPermission", { ...WHOLE, ...from("Allow") })],
    ],
    keeps: [
      [object("MeshTrafficPermission", from("Allow"), {}, "shop")],
      [permission({ ...LABELLED, ...from("Allow") })],
      [permission({ ...WHOLE, ...from("Allow", { kind: "MeshSubset", tags: { team: "a" } }) })],
      [permission({ rules: [{ default: { allow: identity("spiffe://default/ns/team-a") } }] })],
      [
        written({
          ...{ type: "TrafficPermission", mesh: "default", name: "one", sources: anyService },
          destinations: [{ match: { "kuma.io/service": "redis" } }],
        }),
      ],
    ],
    unknown: unknownOf("MeshTrafficPermission"),
  },
  "permission-not-denied-to-all": {
    breaks: [
      [permission({ ...WHOLE, ...from("Deny") })],
      [permission({ rules: [{ default: { deny: identity("spiffe://") } }] })],
    ],
    keeps: [
      [permission({ ...LABELLED, ...from("Deny") })],
      [permission({ ...WHOLE, ...from("Allow") })],
      [permission({ rules: [{ default: { deny: identity("spiffe://default/ns/team-a") } }] })],
    ],
    unknown: unknownOf("MeshTrafficPermission"),
  },
  "timeouts-kept": {
    breaks: [
      [written(policy("MeshTimeout", { ...WHOLE, ...to({ http: { requestTimeout: "0s" } }) }))],
      [object("MeshTimeout", { rules: [{ default: { connectionTimeout: "0" } }] })],
      ...["kuma-system", "mesh-system"].map((namespace) => [
        object("MeshTimeout", to({ connectionTimeout: "0s" }), {}, namespace),
      ]),
      [written(policy("MeshTimeout", to({ connectionTimeout: "0s" }), { labels: role("system") }))],
    ],
    keeps: [
      // for the proxies of an application's namespace alone, and for calls to what is there
      [object("MeshTimeout", to({ connectionTimeout: "0s" }), {}, "shop")],
      ...["consumer", "producer", "workload-owner"].map((name) => [
        written(policy("MeshTimeout", to({ connectionTimeout: "0s" }), { labels: role(name) })),
      ]),
      [written(policy("MeshTimeout", { ...WHOLE, ...to({ http: { requestTimeout: "15s" } }) }))],
      [written(policy("MeshTimeout", { ...LABELLED, ...to({ http: { requestTimeout: "0s" } }) }))],
      [written(policy("MeshTimeout", { ...WHOLE, ...to({ http: { streamIdleTimeout: "0s" } }) }))],
    ],
    unknown: [
      ...unknownOf("MeshTimeout"),
      [object("MeshTimeout", to({ connectionTimeout: "0s" }), {}, UNKNOWN)],
    ],
  },
  "retries-bounded": {
    breaks: [
      [written(policy("MeshRetry", to({ http: { numRetries: 6 } })))],
      [object("MeshRetry", to({ tcp: { maxConnectAttempt: 20 } }))],
    ],
    keeps: [
      [written(policy("MeshRetry", to({ http: { numRetries: 5 } })))],
      [written(policy("MeshRetry", { ...LABELLED, ...to({ http: { numRetries: 50 } }) }))],
      [written(policy("MeshRetry", to({ http: { perTryTimeout: "1s" } })))],
    ],
    unknown: unknownOf("MeshRetry"),
    settings: [
      { config: { most: 1 }, breaks: [written(policy("MeshRetry", to({ grpc: { numRetries: 2 } })))] },
      { config: { most: 9 }, keeps: [written(policy("MeshRetry", to({ grpc: { numRetries: 9 } })))] },
    ],
  },
  "circuit-breaker-narrow": {
    breaks: [
      [
        written(
          policy("MeshCircuitBreaker", { ...WHOLE, ...to({ connectionLimits: { maxConnections: 2 } }) }),
        ),
      ],
      [object("MeshCircuitBreaker", { rules: [{ default: { connectionLimits: { maxRequests: 1 } } }] })],
    ],
    keeps: [
      [
        written(
          policy("MeshCircuitBreaker", to({ connectionLimits: { maxConnections: 2 } }, NARROW_SERVICE)),
        ),
      ],
      [
        written(
          policy("MeshCircuitBreaker", { ...LABELLED, ...to({ connectionLimits: { maxConnections: 2 } }) }),
        ),
      ],
      [written(policy("MeshCircuitBreaker", to({ outlierDetection: { interval: "5s" } })))],
    ],
    unknown: unknownOf("MeshCircuitBreaker"),
  },
  "routes-narrow": {
    breaks: [
      [
        written(
          policy("MeshHTTPRoute", {
            ...WHOLE,
            to: [{ targetRef: NARROW_SERVICE, rules: [{ default: { backendRefs: [NARROW_SERVICE] } }] }],
          }),
        ),
      ],
    ],
    keeps: [
      [
        written(
          policy("MeshHTTPRoute", {
            ...LABELLED,
            to: [{ targetRef: NARROW_SERVICE, rules: [{ default: { backendRefs: [NARROW_SERVICE] } }] }],
          }),
        ),
      ],
      [
        written(
          policy("MeshTCPRoute", { ...WHOLE, to: [{ targetRef: NARROW_SERVICE, rules: [{ default: {} }] }] }),
        ),
      ],
    ],
    unknown: unknownOf("MeshHTTPRoute"),
  },
  "proxy-patch-narrow": {
    breaks: [[written(policy("MeshProxyPatch", { default: {} }))], [object("MeshProxyPatch", WHOLE)]],
    keeps: [[written(policy("MeshProxyPatch", LABELLED))], [object("MeshTimeout", WHOLE)]],
    unknown: unknownOf("MeshProxyPatch"),
  },
  "faults-narrow": {
    breaks: [[written(policy("MeshFaultInjection", WHOLE))]],
    keeps: [[written(policy("MeshFaultInjection", LABELLED))]],
    unknown: unknownOf("MeshFaultInjection"),
  },
  "server-labels-unset": {
    breaks: [
      [written(policy("MeshTimeout", {}, { labels: { "kuma.io/origin": "zone" } }))],
      [object("MeshTimeout", {}, { "kuma.io/zone": "zone-1" })],
    ],
    keeps: [
      [written(policy("MeshTimeout", {}, { labels: { "kuma.io/effect": "shadow" } }))],
      [object("MeshTimeout", {})],
    ],
    unknown: [[object("MeshTimeout", {}, { "kuma.io/zone": UNKNOWN })]],
  },
  "ready-for-kuma-3": {
    breaks: [
      [written({ type: "HealthCheck", mesh: "default", name: "one" })],
      [permission(from("Allow"))],
      [written(policy("MeshTimeout", { targetRef: { kind: "MeshSubset", tags: { a: "b" } } }))],
      [written(policy("MeshTimeout", to({}, { kind: "MeshServiceSubset", name: "redis" })))],
    ],
    keeps: [
      [written(policy("MeshTimeout", { ...LABELLED, ...to({}) }))],
      [permission({ rules: [{ default: { allow: identity("spiffe://") } }] })],
    ],
    unknown: unknownOf("MeshTimeout"),
  },
};

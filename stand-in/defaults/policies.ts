/**
 * The policies that a new mesh gets.
 * Source: Kuma v2.14.3 pkg/defaults/mesh, as its REST API shows them.
 */
export interface DefaultPolicy {
  type: string;
  /** The policy's name is this and the mesh's name. */
  prefix: string;
  spec: Record<string, unknown>;
}

const MESH = { kind: "Mesh" };

function forProxies(proxyType: "Gateway" | "Sidecar"): Record<string, unknown> {
  return { kind: "Mesh", proxyTypes: [proxyType] };
}

const RETRIES = {
  numRetries: 5,
  perTryTimeout: "16s",
  backOff: { baseInterval: "25ms", maxInterval: "250ms" },
};

export const DEFAULT_POLICIES: readonly DefaultPolicy[] = [
  {
    type: "MeshTimeout",
    prefix: "mesh-gateways-timeout-all",
    spec: {
      targetRef: forProxies("Gateway"),
      to: [{ targetRef: MESH, default: { idleTimeout: "1h0m0s", http: { streamIdleTimeout: "5s" } } }],
      from: [
        {
          targetRef: MESH,
          default: {
            idleTimeout: "5m0s",
            http: { streamIdleTimeout: "5s", requestHeadersTimeout: "500ms" },
          },
        },
      ],
    },
  },
  {
    type: "MeshTimeout",
    prefix: "mesh-timeout-all",
    spec: {
      targetRef: forProxies("Sidecar"),
      to: [
        {
          targetRef: MESH,
          default: {
            connectionTimeout: "5s",
            idleTimeout: "1h0m0s",
            http: { requestTimeout: "15s", streamIdleTimeout: "30m0s" },
          },
        },
      ],
      from: [
        {
          targetRef: MESH,
          default: {
            connectionTimeout: "10s",
            idleTimeout: "2h0m0s",
            http: { requestTimeout: "0s", streamIdleTimeout: "1h0m0s", maxStreamDuration: "0s" },
          },
        },
      ],
    },
  },
  {
    type: "MeshCircuitBreaker",
    prefix: "mesh-circuit-breaker-all",
    spec: {
      targetRef: MESH,
      to: [
        {
          targetRef: MESH,
          default: {
            connectionLimits: {
              maxConnections: 1024,
              maxPendingRequests: 1024,
              maxRetries: 3,
              maxRequests: 1024,
            },
          },
        },
      ],
    },
  },
  {
    type: "MeshRetry",
    prefix: "mesh-retry-all",
    spec: {
      targetRef: MESH,
      to: [{ targetRef: MESH, default: { tcp: { maxConnectAttempt: 5 }, http: RETRIES, grpc: RETRIES } }],
    },
  },
];

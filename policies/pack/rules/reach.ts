import type { ResourceRule } from "../rule";
import { type MeshResource, at, isFields, listAt, meshResourcesIn } from "../seen";
import { defaultsOf, isForWholeMesh, isWholeMesh } from "./encryption";

/** The policies of a type that are for a whole mesh. */
function* forWholeMesh(policies: Iterable<MeshResource>, ...types: string[]): Iterable<MeshResource> {
  for (const policy of policies) if (types.includes(policy.type) && isForWholeMesh(policy)) yield policy;
}

const isZero = (duration: unknown) => /^0+(\.0+)?(ns|us|µs|ms|s|m|h)?$/.test(String(duration));

export const timeoutsKept: ResourceRule = {
  name: "timeouts-kept",
  holds: "No policy turns timeouts off in a whole mesh.",
  why: "Of a service that hangs every caller then hangs, and holds its connections until it has none left (Kuma's documentation on MeshTimeout: 0s turns one off).",
  remedy: "Give a duration, or name with `targetRef` the proxies for which there is to be none.",
  *violations(resource) {
    for (const policy of forWholeMesh(meshResourcesIn(resource), "MeshTimeout")) {
      // streams that last are what the other two are turned off for
      const ends = ["connectionTimeout", "http.requestTimeout"];
      if (defaultsOf(policy).some((each) => ends.some((path) => isZero(at(each, path)))))
        yield `${policy.title} turns a timeout off in the whole mesh.`;
    }
  },
};

export const retriesBounded: ResourceRule<{ most: number }> = {
  name: "retries-bounded",
  holds: "No policy retries often in a whole mesh.",
  why: "Retries multiply with each service on the way: what is slow becomes what is down (Envoy's and Google's guidance on retry storms).",
  remedy: "Retry less, or name with `targetRef` the callers that may.",
  config: {
    schema: {
      properties: { most: { type: "integer", minimum: 0, default: 5, description: "retries of one call" } },
    },
    defaults: { most: 5 },
  },
  *violations(resource, { most }) {
    for (const policy of forWholeMesh(meshResourcesIn(resource), "MeshRetry")) {
      const counts = ["http.numRetries", "grpc.numRetries", "tcp.maxConnectAttempt"];
      if (defaultsOf(policy).some((each) => counts.some((path) => Number(at(each, path) ?? 0) > most)))
        yield `${policy.title} retries more than ${most} times in the whole mesh.`;
    }
  },
};

export const circuitBreakerNarrow: ResourceRule = {
  name: "circuit-breaker-narrow",
  holds: "Limits of connections and requests are for named services.",
  why:
    "A limit for a whole mesh fits the smallest service: the largest refuses calls with 503 as soon as it is in force " +
    "(Kuma's documentation on MeshCircuitBreaker).",
  remedy: "Name the services: by `targetRef`, or by that of `to`.",
  *violations(resource) {
    for (const policy of forWholeMesh(meshResourcesIn(resource), "MeshCircuitBreaker")) {
      const entries = ["from", "to", "rules"].flatMap((part) => listAt(policy.spec, part));
      const limits = (each: unknown) => {
        const given = at(each, "default.connectionLimits");
        return isFields(given) && Object.keys(given).length > 0;
      };
      if (entries.some((each) => isWholeMesh(at(each, "targetRef")) && limits(each)))
        yield `${policy.title} limits every service of the mesh alike.`;
    }
  },
};

export const routesNarrow: ResourceRule = {
  name: "routes-narrow",
  holds: "A route is for named proxies, or splits no traffic.",
  why:
    "A route for a whole mesh takes the calls of every team to where it says, in every zone (Istio's IST0113 family on " +
    "routes that overlap; Kuma's documentation on MeshHTTPRoute).",
  remedy: "Name with `targetRef` the proxies whose calls it is for.",
  *violations(resource) {
    for (const policy of forWholeMesh(meshResourcesIn(resource), "MeshHTTPRoute", "MeshTCPRoute")) {
      const rules = listAt(policy.spec, "to").flatMap((each) => listAt(each, "rules"));
      if (rules.some((each) => listAt(each, "default.backendRefs").length > 0))
        yield `${policy.title} sends calls of the whole mesh elsewhere.`;
    }
  },
};

export const proxyPatchNarrow: ResourceRule = {
  name: "proxy-patch-narrow",
  holds: "A MeshProxyPatch is for named proxies.",
  why: "Envoy refuses a patch that does not fit, and with it all that comes after for that proxy; an upgrade may make it not fit (Kuma's documentation on MeshProxyPatch).",
  remedy: "Name with `targetRef` the proxies that it is for.",
  *violations(resource) {
    for (const { title } of forWholeMesh(meshResourcesIn(resource), "MeshProxyPatch"))
      yield `${title} changes the configuration of every proxy.`;
  },
};

export const faultsNarrow: ResourceRule = {
  name: "faults-narrow",
  holds: "Faults are injected into named proxies.",
  why: "In a whole mesh it is an outage of all teams (Kuma's documentation on MeshFaultInjection).",
  remedy: "Name with `targetRef` the proxies of the experiment.",
  *violations(resource) {
    for (const { title } of forWholeMesh(meshResourcesIn(resource), "MeshFaultInjection"))
      yield `${title} injects faults into every proxy.`;
  },
};

/** Written by control planes, which refuse them from others or take them for their own word. */
const SERVERS = ["kuma.io/origin", "kuma.io/zone"];

export const serverLabelsUnset: ResourceRule = {
  name: "server-labels-unset",
  holds: "No file sets the labels by which control planes tell who owns a resource.",
  why: "A global takes what it then reads for a zone's, does not hand it on or deletes it (kumahq/kuma#18419, #18759).",
  remedy: "Leave `kuma.io/origin` and `kuma.io/zone` out.",
  *violations(resource) {
    for (const { title, labels } of meshResourcesIn(resource))
      for (const label of SERVERS) if (labels[label] !== undefined) yield `${title} has the label ${label}.`;
  },
};

/** Gone in Kuma 3.0 (kumahq/kuma#17203, #17484, #17900). */
const LEGACY = [
  ...["TrafficPermission", "TrafficRoute", "TrafficLog", "TrafficTrace", "FaultInjection", "RateLimit"],
  ...[
    "HealthCheck",
    "CircuitBreaker",
    "Retry",
    "Timeout",
    "ProxyTemplate",
    "VirtualOutbound",
    "ExternalService",
  ],
];

export const readyForKuma3: ResourceRule = {
  name: "ready-for-kuma-3",
  holds: "Policies are in the form that Kuma 3.0 has.",
  why:
    "3.0 drops the older types, `from` and MeshSubset, and a zone of 2.x that is given an empty list deletes what it had " +
    "(Kong's list of deprecated features; kumahq/kuma#17203, #17484, #17900).",
  remedy: "Write it as a policy with `targetRef` of kind Mesh or Dataplane, and `rules` in place of `from`.",
  *violations(resource) {
    for (const { type, title, spec } of meshResourcesIn(resource)) {
      const refs = [spec, ...listAt(spec, "from"), ...listAt(spec, "to")].map((each) =>
        at(each, "targetRef.kind"),
      );
      if (LEGACY.includes(type)) yield `${title} is of a type that Kuma 3.0 does not have.`;
      else if (listAt(spec, "from").length > 0) yield `${title} has \`from\`.`;
      else if (refs.some((kind) => kind === "MeshSubset" || kind === "MeshServiceSubset"))
        yield `${title} refers to a subset.`;
    }
  },
};

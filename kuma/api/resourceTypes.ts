import { Resource, ResourceKey, isSecret, isSyncDisabled } from "../resource/resource";

/** A resource type as a control plane describes it at `/_resources` (since Kuma 2.6). */
export interface ResourceType {
  name: string;
  scope: "Global" | "Mesh";
  /** Segment of the URL. */
  path: string;
  /** Nobody can write it through this control plane's API. */
  readOnly: boolean;
  /** Goes from a global control plane to its zones. */
  includeInFederation: boolean;
  policy?: { isTargetRef: boolean };
}

/**
 * Which resources become the global's, by the names that `kumactl export --profile` has for it:
 * - `federation`: what only a global can own: meshes, secrets, the legacy policies. The zone keeps its targetRef
 *   policies and sends copies of them up by KDS.
 * - `federation-with-policies`: the zone's targetRef policies and gateways as well, once it has joined (see `profile/`).
 */
export type Profile = "federation" | "federation-with-policies";
export const PROFILES: readonly Profile[] = ["federation", "federation-with-policies"];

/** Whether resources of this type are carried, apart from those that the zone goes on owning. */
export function isCarried(type: ResourceType): boolean {
  // MeshGateway is created on zones and sent up, like the targetRef policies; `kumactl export` leaves it out too
  return type.includeInFederation && type.policy?.isTargetRef !== true && type.name !== "MeshGateway";
}

/**
 * Types that a zone may own and send up to the global, yet are no targetRef policies (Kuma v2.14.3, KDS flag
 * ProvidedByZone). A resource of theirs carries `kuma.io/origin: zone`; the list serves those made before that label.
 */
const PROVIDED_BY_ZONE = new Set([
  "HostnameGenerator",
  "MeshExternalService",
  "MeshIdentity",
  "MeshOpenTelemetryBackend",
  "MeshTrust",
]);

export function isProvidedByZone(typeName: string): boolean {
  return PROVIDED_BY_ZONE.has(typeName);
}

/** Whether resources of this type become the global's with the profile `federation-with-policies`. */
export function isHandedOver(type: ResourceType): boolean {
  return type.includeInFederation && (type.policy?.isTargetRef === true || type.name === "MeshGateway");
}

/** Whether a zone may own resources of this type and send them up; all others are the global's as soon as there is one. */
export function mayBeOwnedByZone(type: ResourceType): boolean {
  return type.policy?.isTargetRef === true || type.name === "MeshGateway" || isProvidedByZone(type.name);
}

/** Whether KDS leaves its name to a copy, whatever its labels say (Kuma v2.14.3, SkipKDSHash). */
export function keepsName({ type }: { type: string }): boolean {
  return ["Mesh", "Secret", "GlobalSecret", "Config"].includes(type);
}

/** Global secrets that belong to one control plane and break TLS between control planes when carried. */
const OWN_SECRETS = new Set(["envoy-admin-ca", "inter-cp-ca"]);

export function isOwnSecret(key: ResourceKey): boolean {
  return key.type === "GlobalSecret" && OWN_SECRETS.has(key.name);
}

/** Belongs to one control plane, and goes to no zone (Kuma v2.14.3, pkg/kds/context/context.go, GlobalProvidedFilter). */
export function isOwnedByControlPlane(key: ResourceKey): boolean {
  return (
    isOwnSecret(key) ||
    (key.type === "GlobalSecret" &&
      (key.name === "admin-user-token" ||
        key.name === "user-token-revocations" ||
        USER_TOKEN_SIGNING_KEY.test(key.name)))
  );
}

/** By these a control plane decides which user tokens it accepts. */
export function isTokenSecret({ type, name }: ResourceKey): boolean {
  return type === "GlobalSecret" && (name === "user-token-revocations" || USER_TOKEN_SIGNING_KEY.test(name));
}

/** On a global, but kept there by its label, though its zones are to have it. */
export function isHeldBack(resource: Resource): boolean {
  return isSyncDisabled(resource) && !isOwnedByControlPlane(resource);
}

export const USER_TOKEN_SIGNING_KEY = /^user-token-signing-key-/;

/**
 * Secrets that every control plane makes for itself at its first start, so that a new global has them with other
 * content than the zone. They follow the zone's, or tokens issued by the zone would end with the federation.
 */
export function isGenerated(key: ResourceKey): boolean {
  return (
    key.type === "GlobalSecret" &&
    (key.name === "admin-user-token" ||
      USER_TOKEN_SIGNING_KEY.test(key.name) ||
      /^zone-token-signing-key-/.test(key.name))
  );
}

const DATAPLANE_TOKEN_SIGNING_KEY = /^dataplane-token-signing-key-/;

/**
 * What a control plane makes at the moment when a mesh is written to it, also when the zone's is to follow (Kuma v2.14.3,
 * pkg/core/managers/apis/mesh). A run that ends between the two leaves the global's behind.
 */
export function isGeneratedWithMesh({ type, name }: ResourceKey): boolean {
  return type === "Secret" && DATAPLANE_TOKEN_SIGNING_KEY.test(name);
}

/** Keys of a mesh: its builtin authorities, and what signs the tokens of its data plane proxies. */
export function isMeshKey({ type, name }: ResourceKey): boolean {
  return type === "Secret" && /\.ca-builtin-(cert|key)-|^dataplane-token-signing-key-/.test(name);
}

/**
 * Order of writing: meshes, secrets, the rest; last what changes who may write at all: the admin token, and then the
 * keys that user tokens are checked with (the moment they are there, the global's old admin token is refused).
 */
export function writeStage(key: ResourceKey): number {
  if (key.type === "Mesh") return 0;
  if (key.name === "admin-user-token" && key.type === "GlobalSecret") return 3;
  if (key.type === "GlobalSecret" && USER_TOKEN_SIGNING_KEY.test(key.name)) return 4;
  return isSecret(key) ? 1 : 2;
}

const legacyPolicy = (name: string, path: string): ResourceType => ({
  name,
  scope: "Mesh",
  path,
  readOnly: false,
  includeInFederation: true,
  policy: { isTargetRef: false },
});
const carried = (name: string, scope: "Global" | "Mesh", path: string): ResourceType => ({
  name,
  scope,
  path,
  readOnly: false,
  includeInFederation: true,
});
const targetRefPolicy = (name: string, path: string): ResourceType => ({
  ...legacyPolicy(name, path),
  policy: { isTargetRef: true },
});

/**
 * The types of Kuma 2.0 to 2.5, which have no `/_resources`. Used only where that answers 404; a type that such a
 * control plane does not know answers 404 in turn and counts as empty.
 */
export const FALLBACK_TYPES: readonly ResourceType[] = [
  carried("Mesh", "Global", "meshes"),
  carried("Secret", "Mesh", "secrets"),
  carried("GlobalSecret", "Global", "globalsecrets"),
  carried("ExternalService", "Mesh", "external-services"),
  carried("MeshGateway", "Mesh", "meshgateways"),
  legacyPolicy("CircuitBreaker", "circuit-breakers"),
  legacyPolicy("FaultInjection", "fault-injections"),
  legacyPolicy("HealthCheck", "health-checks"),
  legacyPolicy("MeshGatewayRoute", "meshgatewayroutes"),
  legacyPolicy("ProxyTemplate", "proxytemplates"),
  legacyPolicy("RateLimit", "rate-limits"),
  legacyPolicy("Retry", "retries"),
  legacyPolicy("Timeout", "timeouts"),
  legacyPolicy("TrafficLog", "traffic-logs"),
  legacyPolicy("TrafficPermission", "traffic-permissions"),
  legacyPolicy("TrafficRoute", "traffic-routes"),
  legacyPolicy("TrafficTrace", "traffic-traces"),
  legacyPolicy("VirtualOutbound", "virtual-outbounds"),
  targetRefPolicy("MeshAccessLog", "meshaccesslogs"),
  targetRefPolicy("MeshCircuitBreaker", "meshcircuitbreakers"),
  targetRefPolicy("MeshFaultInjection", "meshfaultinjections"),
  targetRefPolicy("MeshHTTPRoute", "meshhttproutes"),
  targetRefPolicy("MeshHealthCheck", "meshhealthchecks"),
  targetRefPolicy("MeshProxyPatch", "meshproxypatches"),
  targetRefPolicy("MeshRateLimit", "meshratelimits"),
  targetRefPolicy("MeshRetry", "meshretries"),
  targetRefPolicy("MeshTimeout", "meshtimeouts"),
  targetRefPolicy("MeshTrace", "meshtraces"),
  targetRefPolicy("MeshTrafficPermission", "meshtrafficpermissions"),
  { name: "Dataplane", scope: "Mesh", path: "dataplanes", readOnly: false, includeInFederation: false },
  { name: "Zone", scope: "Global", path: "zones", readOnly: false, includeInFederation: false },
];

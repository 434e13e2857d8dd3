/**
 * The resource types of Kuma v2.14.3, as its `/_resources` lists them, with the flags that its synchronisation
 * goes by (pkg/core/resources/apis and pkg/plugins/policies, zz_generated.resources.go).
 */
export interface ResourceType {
  readonly name: string;
  readonly path: string;
  readonly alternativePath?: string;
  readonly scope: "Mesh" | "Global";
  readonly shortName: string;
  readonly singular: string;
  readonly plural: string;
  /** Made by control planes only. */
  readonly readOnly: boolean;
  /** Only admins see and write it. */
  readonly adminOnly: boolean;
  /** In the store, but not in the REST API. */
  readonly internal: boolean;
  readonly sync: SyncFlags;
  /** Its document has a `spec`; the older types are flat. */
  readonly hasSpec: boolean;
  readonly hasStatus: boolean;
  /** Keeps its name when a global control plane sends it to a zone. */
  readonly keepsName: boolean;
  readonly policy?: PolicyTraits;
  /** The type whose documents report on this one, and the names that the overview goes by. */
  readonly insight?: InsightTraits;
}

/** Source: Kuma v2.14.3 pkg/core/resources/model/resource.go, KDSFlagType. */
export interface SyncFlags {
  readonly globalToZones: boolean;
  readonly zoneToGlobal: boolean;
  readonly providedByGlobal: boolean;
  readonly providedByZone: boolean;
  readonly acrossZones: boolean;
}

export interface PolicyTraits {
  readonly isTargetRef: boolean;
  readonly hasToTargetRef: boolean;
  readonly hasFromTargetRef: boolean;
  readonly hasRulesTargetRef: boolean;
  readonly isFromAsRules: boolean;
}

export interface InsightTraits {
  readonly type: string;
  readonly overviewType: string;
  readonly field: string;
  readonly insightField: string;
  readonly legacyPath: string;
}

function flags(...set: (keyof SyncFlags)[]): SyncFlags {
  const has = (flag: keyof SyncFlags): boolean => set.includes(flag);
  return {
    globalToZones: has("globalToZones"),
    zoneToGlobal: has("zoneToGlobal"),
    providedByGlobal: has("providedByGlobal") || has("globalToZones"),
    providedByZone: has("providedByZone") || has("zoneToGlobal"),
    acrossZones: has("acrossZones"),
  };
}

type Shape = Partial<ResourceType> & { sync: SyncFlags };

function define(name: string, path: string, singular: string, plural: string, shape: Shape): ResourceType {
  return {
    name,
    path,
    singular,
    plural,
    scope: "Mesh",
    shortName: "",
    readOnly: false,
    adminOnly: false,
    internal: false,
    hasSpec: false,
    hasStatus: false,
    keepsName: false,
    ...shape,
  };
}

const FROM_GLOBAL = flags("globalToZones");
const FROM_ZONE = flags("zoneToGlobal");
const BOTH_WAYS = flags("globalToZones", "zoneToGlobal");

/** The policies from before targetRef: only a global control plane, or a zone on its own, makes them. */
function legacyPolicy(name: string, path: string, singular: string, plural: string): ResourceType {
  return define(name, path, singular, plural, { sync: FROM_GLOBAL, policy: policyTraits("") });
}

/** `traits`: t = to, f = from, r = rules, a = from is read as rules. */
function policyTraits(traits: string, isTargetRef = false): PolicyTraits {
  return {
    isTargetRef,
    hasToTargetRef: traits.includes("t"),
    hasFromTargetRef: traits.includes("f"),
    hasRulesTargetRef: traits.includes("r"),
    isFromAsRules: traits.includes("a"),
  };
}

function targetRefPolicy(
  name: string,
  shortName: string,
  path: string,
  [singular, plural]: [string, string],
  traits: string,
  hasStatus = false,
): ResourceType {
  return define(name, path, singular, plural, {
    shortName,
    hasSpec: true,
    hasStatus,
    sync: flags("globalToZones", "zoneToGlobal", "acrossZones"),
    policy: policyTraits(traits, true),
  });
}

function insight(
  name: string,
  path: string,
  singular: string,
  plural: string,
  scope: "Mesh" | "Global",
  sync: SyncFlags,
): ResourceType {
  return define(name, path, singular, plural, { scope, readOnly: true, sync });
}

/** Mesh comes first, so that a synchronisation brings the mesh before what is in it. */
export const RESOURCE_TYPES: readonly ResourceType[] = [
  define("Mesh", "meshes", "Mesh", "Meshes", {
    scope: "Global",
    shortName: "m",
    sync: FROM_GLOBAL,
    keepsName: true,
  }),
  legacyPolicy("CircuitBreaker", "circuit-breakers", "Circuit Breaker", "Circuit Breakers"),
  define("Config", "", "Config", "Configs", {
    scope: "Global",
    internal: true,
    keepsName: true,
    sync: flags("globalToZones", "providedByZone"),
  }),
  define("Dataplane", "dataplanes", "Dataplane", "Dataplanes", {
    shortName: "dp",
    sync: FROM_ZONE,
    insight: {
      type: "DataplaneInsight",
      overviewType: "DataplaneOverview",
      field: "dataplane",
      insightField: "dataplaneInsight",
      legacyPath: "dataplanes+insights",
    },
  }),
  insight(
    "DataplaneInsight",
    "dataplane-insights",
    "Dataplane Insight",
    "Dataplane Insights",
    "Mesh",
    FROM_ZONE,
  ),
  define("ExternalService", "external-services", "External Service", "External Services", {
    sync: FROM_GLOBAL,
  }),
  legacyPolicy("FaultInjection", "fault-injections", "Fault Injection", "Fault Injections"),
  define("GlobalSecret", "globalsecrets", "Global Secret", "Global Secrets", {
    scope: "Global",
    alternativePath: "global-secrets",
    adminOnly: true,
    keepsName: true,
    sync: flags("globalToZones", "providedByZone"),
  }),
  legacyPolicy("HealthCheck", "health-checks", "Health Check", "Health Checks"),
  define("HostnameGenerator", "hostnamegenerators", "Hostname Generator", "Hostname Generators", {
    scope: "Global",
    shortName: "hg",
    hasSpec: true,
    sync: BOTH_WAYS,
  }),
  targetRefPolicy(
    "MeshAccessLog",
    "mal",
    "meshaccesslogs",
    ["Mesh Access Log", "Mesh Access Logs"],
    "tfra",
    true,
  ),
  targetRefPolicy(
    "MeshCircuitBreaker",
    "mcb",
    "meshcircuitbreakers",
    ["Mesh Circuit Breaker", "Mesh Circuit Breakers"],
    "tfra",
  ),
  define("MeshExternalService", "meshexternalservices", "Mesh External Service", "Mesh External Services", {
    shortName: "extsvc",
    hasSpec: true,
    hasStatus: true,
    sync: BOTH_WAYS,
  }),
  targetRefPolicy(
    "MeshFaultInjection",
    "mfi",
    "meshfaultinjections",
    ["Mesh Fault Injection", "Mesh Fault Injections"],
    "tfr",
  ),
  define("MeshGateway", "meshgateways", "Mesh Gateway", "Mesh Gateways", {
    shortName: "mgw",
    sync: BOTH_WAYS,
  }),
  legacyPolicy("MeshGatewayRoute", "meshgatewayroutes", "Mesh Gateway Route", "Mesh Gateway Routes"),
  targetRefPolicy("MeshHTTPRoute", "mhttpr", "meshhttproutes", ["Mesh HTTP Route", "Mesh HTTP Routes"], "t"),
  targetRefPolicy(
    "MeshHealthCheck",
    "mhc",
    "meshhealthchecks",
    ["Mesh Health Check", "Mesh Health Checks"],
    "t",
  ),
  define("MeshIdentity", "meshidentities", "Mesh Identity", "Mesh Identities", {
    shortName: "mid",
    hasSpec: true,
    hasStatus: true,
    sync: BOTH_WAYS,
  }),
  insight(
    "MeshInsight",
    "mesh-insights",
    "Mesh Insight",
    "Mesh Insights",
    "Global",
    flags("providedByGlobal"),
  ),
  targetRefPolicy(
    "MeshLoadBalancingStrategy",
    "mlbs",
    "meshloadbalancingstrategies",
    ["Mesh Load Balancing Strategy", "Mesh Load Balancing Strategies"],
    "t",
  ),
  targetRefPolicy("MeshMetric", "mm", "meshmetrics", ["Mesh Metric", "Mesh Metrics"], "", true),
  define(
    "MeshMultiZoneService",
    "meshmultizoneservices",
    "Mesh Multi Zone Service",
    "Mesh Multi Zone Services",
    { shortName: "mzsvc", hasSpec: true, hasStatus: true, sync: FROM_GLOBAL },
  ),
  define(
    "MeshOpenTelemetryBackend",
    "meshopentelemetrybackends",
    "Mesh OpenTelemetry Backend",
    "Mesh OpenTelemetry Backends",
    { shortName: "motb", hasSpec: true, hasStatus: true, sync: BOTH_WAYS },
  ),
  targetRefPolicy("MeshPassthrough", "mp", "meshpassthroughs", ["Mesh Passthrough", "Mesh Passthroughs"], ""),
  targetRefPolicy(
    "MeshProxyPatch",
    "mpp",
    "meshproxypatches",
    ["Mesh Proxy Patch", "Mesh Proxy Patches"],
    "",
  ),
  targetRefPolicy("MeshRateLimit", "mrl", "meshratelimits", ["Mesh Rate Limit", "Mesh Rate Limits"], "tfra"),
  targetRefPolicy("MeshRetry", "mr", "meshretries", ["Mesh Retry", "Mesh Retries"], "t"),
  define("MeshService", "meshservices", "Mesh Service", "Mesh Services", {
    shortName: "msvc",
    hasSpec: true,
    hasStatus: true,
    sync: flags("zoneToGlobal", "acrossZones"),
  }),
  targetRefPolicy("MeshTCPRoute", "mtcpr", "meshtcproutes", ["Mesh TCP Route", "Mesh TCP Routes"], "t"),
  targetRefPolicy("MeshTLS", "mtls", "meshtlses", ["Mesh TLS", "Mesh TLSes"], "fra"),
  targetRefPolicy("MeshTimeout", "mt", "meshtimeouts", ["Mesh Timeout", "Mesh Timeouts"], "tfra"),
  targetRefPolicy("MeshTrace", "mtr", "meshtraces", ["Mesh Trace", "Mesh Traces"], "", true),
  targetRefPolicy(
    "MeshTrafficPermission",
    "mtp",
    "meshtrafficpermissions",
    ["Mesh Traffic Permission", "Mesh Traffic Permissions"],
    "fr",
  ),
  define("MeshTrust", "meshtrusts", "Mesh Trust", "Mesh Trusts", {
    shortName: "mtrust",
    hasSpec: true,
    hasStatus: true,
    sync: BOTH_WAYS,
  }),
  define("MeshZoneAddress", "meshzoneaddresses", "Mesh Zone Address", "Mesh Zone Addresses", {
    shortName: "mza",
    hasSpec: true,
    sync: flags("zoneToGlobal", "acrossZones"),
  }),
  legacyPolicy("ProxyTemplate", "proxytemplates", "Proxy Template", "Proxy Templates"),
  legacyPolicy("RateLimit", "rate-limits", "Rate Limit", "Rate Limits"),
  legacyPolicy("Retry", "retries", "Retry", "Retries"),
  define("Secret", "secrets", "Secret", "Secrets", {
    adminOnly: true,
    keepsName: true,
    sync: flags("globalToZones", "providedByZone"),
  }),
  insight("ServiceInsight", "service-insights", "Service Insight", "Service Insights", "Mesh", FROM_GLOBAL),
  legacyPolicy("Timeout", "timeouts", "Timeout", "Timeouts"),
  legacyPolicy("TrafficLog", "traffic-logs", "Traffic Log", "Traffic Logs"),
  legacyPolicy("TrafficPermission", "traffic-permissions", "Traffic Permission", "Traffic Permissions"),
  legacyPolicy("TrafficRoute", "traffic-routes", "Traffic Route", "Traffic Routes"),
  legacyPolicy("TrafficTrace", "traffic-traces", "Traffic Trace", "Traffic Traces"),
  legacyPolicy("VirtualOutbound", "virtual-outbounds", "Virtual Outbound", "Virtual Outbounds"),
  define("Workload", "workloads", "Workload", "Workloads", {
    shortName: "wl",
    hasSpec: true,
    hasStatus: true,
    sync: FROM_ZONE,
  }),
  define("Zone", "zones", "Zone", "Zones", {
    scope: "Global",
    shortName: "z",
    sync: flags("providedByGlobal", "providedByZone"),
    insight: {
      type: "ZoneInsight",
      overviewType: "ZoneOverview",
      field: "zone",
      insightField: "zoneInsight",
      legacyPath: "zones+insights",
    },
  }),
  define("ZoneEgress", "zoneegresses", "Zone Egress", "Zone Egresses", {
    scope: "Global",
    shortName: "ze",
    sync: FROM_ZONE,
    insight: {
      type: "ZoneEgressInsight",
      overviewType: "ZoneEgressOverview",
      field: "zoneEgress",
      insightField: "zoneEgressInsight",
      legacyPath: "zoneegressoverviews",
    },
  }),
  insight(
    "ZoneEgressInsight",
    "zoneegressinsights",
    "Zone Egress Insight",
    "Zone Egress Insights",
    "Global",
    FROM_ZONE,
  ),
  define("ZoneIngress", "zoneingresses", "Zone Ingress", "Zone Ingresses", {
    scope: "Global",
    alternativePath: "zone-ingresses",
    shortName: "zi",
    sync: flags("zoneToGlobal", "acrossZones"),
    insight: {
      type: "ZoneIngressInsight",
      overviewType: "ZoneIngressOverview",
      field: "zoneIngress",
      insightField: "zoneIngressInsight",
      legacyPath: "zoneingresses+insights",
    },
  }),
  insight(
    "ZoneIngressInsight",
    "zone-ingress-insights",
    "Zone Ingress Insight",
    "Zone Ingress Insights",
    "Global",
    FROM_ZONE,
  ),
  insight(
    "ZoneInsight",
    "zone-insights",
    "Zone Insight",
    "Zone Insights",
    "Global",
    flags("providedByGlobal", "providedByZone"),
  ),
];

const BY_NAME = new Map(RESOURCE_TYPES.map((type) => [type.name, type]));

export function resourceType(name: string): ResourceType {
  const type = BY_NAME.get(name);
  if (!type) {
    throw new Error(`unknown resource type ${name}`);
  }
  return type;
}

/** Source: Kuma v2.14.3 pkg/api-server/mappers/resource_type_description.go. */
export function includedInFederation(type: ResourceType): boolean {
  return type.sync.globalToZones && !type.readOnly;
}

/**
 * Whether the REST API of this kind of control plane refuses to write the type (405).
 * Source: Kuma v2.14.3 pkg/core/resources/model/resource.go, IsReadOnly.
 */
export function refusesWrites(type: ResourceType, isGlobal: boolean, isFederatedZone: boolean): boolean {
  return (
    type.readOnly ||
    (isGlobal && !type.sync.providedByGlobal) ||
    (isFederatedZone && !type.sync.providedByZone)
  );
}

/** What a global control plane sends to its zones. */
export function sentToZones(type: ResourceType): boolean {
  return type.sync.globalToZones || type.sync.acrossZones;
}

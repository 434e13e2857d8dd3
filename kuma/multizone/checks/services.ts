import { objectsIn, valueAt } from "../../api/json";
import { hasTags } from "../../resource/mesh";
import { Resource, ZONE_LABEL, displayName } from "../../resource/resource";
import { MultiZone, ProxyInZone, ofType } from "../world";
import { MultiZoneCheck, unless } from "./check";
import { meshesOverZones, ownerOf } from "./meshes";

const PROTOCOL = "kuma.io/protocol";
/** Kuma's own, and those of Kubernetes: they differ between zones as they should. */
const OF_THEIR_PLACE =
  /^(kuma\.io\/(service|zone|display-name)|k8s\.kuma\.io\/.*|kubernetes\.io\/.*|pod-template-hash|controller-revision-hash|topology\..*)$/;

interface Service {
  mesh: string;
  name: string;
  /** Its tags by zone: of each inbound that has its name. */
  byZone: Map<string, Record<string, string>[]>;
}

/** Services that proxies in several zones stand before. */
function servicesOverZones({ proxies }: Pick<MultiZone, "proxies">): Service[] {
  const found = new Map<string, Service>();
  const add = ({ mesh, zone }: ProxyInZone, tags: Record<string, string>) => {
    const name = tags["kuma.io/service"];
    if (name === undefined) return;
    const key = `${mesh}\n${name}`;
    const service = found.get(key) ?? { mesh, name, byZone: new Map<string, Record<string, string>[]>() };
    service.byZone.set(zone, [...(service.byZone.get(zone) ?? []), tags]);
    found.set(key, service);
  };
  proxies.forEach((proxy) => proxy.tags.forEach((tags) => add(proxy, tags)));
  return [...found.values()].filter(({ byZone }) => byZone.size > 1);
}

export const serviceTags: MultiZoneCheck = {
  code: "service-tags",
  title: "A service in several zones has the same tags and ports there",
  look(at) {
    return unless(
      [...servicesOverZones(at).flatMap(differencesOf), ...portDifferences(at)],
      "Each service that is in several zones has the same tags and ports in all of them.",
      "A service differs from zone to zone: with several protocols its calls are treated as the least of them, and a policy or route by tag reaches only the zones that have it.",
      "Give its proxies the same tags, and its MeshServices the same ports, in each zone.",
    );
  },
};

function differencesOf({ mesh, name, byZone }: Service): string[] {
  const what = `service ${name} in mesh ${mesh}`;
  const protocols = [...byZone].map(
    ([zone, all]) =>
      [zone, [...new Set(all.map((tags) => tags[PROTOCOL] ?? "tcp"))].sort().join(" and ")] as const,
  );
  const keys = new Set([...byZone.values()].flat().flatMap((tags) => Object.keys(tags)));
  const missing = [...keys]
    .filter((key) => key !== PROTOCOL && !OF_THEIR_PLACE.test(key))
    .flatMap((key) => {
      const without = [...byZone].filter(([, all]) => all.every((tags) => !Object.hasOwn(tags, key)));
      return without.length === 0
        ? []
        : [
            `${what}: no proxy in zone ${without
              .map(([zone]) => zone)
              .sort()
              .join(", ")} has the tag ${key}`,
          ];
    });
  return [
    // several in one zone are treated no better (kumahq/kuma 6825)
    ...(new Set(protocols.map(([, each]) => each)).size > 1 ||
    protocols.some(([, each]) => each.includes(" and "))
      ? [
          `${what}: ${protocols
            .map(([zone, each]) => `${each} in zone ${zone}`)
            .sort()
            .join(", ")}`,
        ]
      : []),
    ...missing.sort(),
  ];
}

/** Of MeshServices of one name. */
function portDifferences(at: MultiZone): string[] {
  const byName = new Map<string, Map<string, string>>();
  for (const service of ofType(at, "MeshService")) {
    const zone = service.labels?.[ZONE_LABEL];
    if (zone === undefined) continue;
    const key = `${displayName(service)} in mesh ${service.mesh}`;
    byName.set(key, (byName.get(key) ?? new Map<string, string>()).set(zone, portsOf(service)));
  }
  return [...byName]
    .filter(([, zones]) => new Set(zones.values()).size > 1)
    .map(
      ([key, zones]) =>
        `MeshService ${key}: ${[...zones]
          .map(([zone, ports]) => `${ports} in zone ${zone}`)
          .sort()
          .join(", ")}`,
    );
}

function portsOf(service: Resource): string {
  const ports = objectsIn(valueAt(service, "spec", "ports")).map(
    ({ port, appProtocol }) => `${String(port)}/${typeof appProtocol === "string" ? appProtocol : "tcp"}`,
  );
  return ports.length === 0 ? "no port" : `port ${ports.sort().join(", ")}`;
}

/**
 * Whether a MeshLoadBalancingStrategy keeps the calls of a zone's clients to a service within it: where there is one it does, unless it
 * says that it does not (v2.14.3, the policy's plugin.go). One for the service itself goes before one for the mesh, one that a zone
 * owns holds there alone, and one for gateways holds for them alone (kumahq/kuma 9077). Which clients it selects beyond that is not
 * looked at.
 */
function isKeptIn(zone: string, { mesh, name }: Service, at: MultiZone): boolean {
  const items = ofType(at, "MeshLoadBalancingStrategy")
    .filter((each) => each.mesh === mesh && [undefined, zone].includes(ownerOf(each)))
    .filter(({ spec }) => valueAt(spec, "targetRef", "kind") !== "MeshGateway")
    .flatMap(({ spec }) => objectsIn(valueAt(spec, "to")));
  const kindOf = (item: Record<string, unknown>) => valueAt(item, "targetRef", "kind") ?? "Mesh";
  const own = items.filter(
    (item) => kindOf(item) === "MeshService" && valueAt(item, "targetRef", "name") === name,
  );
  return (own.length > 0 ? own : items.filter((item) => kindOf(item) === "Mesh")).some(
    (item) => valueAt(item, "default", "localityAwareness", "disabled") !== true,
  );
}

export const locality: MultiZoneCheck = {
  code: "locality",
  title: "Calls stay in a zone that has the service itself",
  look(at) {
    const spread = servicesOverZones(at).filter((service) => {
      const resource = ofType(at, "Mesh").find(({ name }) => name === service.mesh);
      // with MeshServices alone a name is one zone's, and nothing is spread
      if (resource && !hasTags(resource)) return false;
      if (valueAt(resource?.routing, "localityAwareLoadBalancing") === true) return false;
      return [...service.byZone.keys()].some((zone) => !isKeptIn(zone, service, at));
    });
    return unless(
      spread.map(
        ({ mesh, name, byZone }) =>
          `service ${name} in mesh ${mesh}: in zones ${[...byZone.keys()].sort().join(", ")}`,
      ),
      meshesOverZones(at).length === 0
        ? "No mesh spans zones."
        : "Calls stay in a zone that has the service itself.",
      "Calls to a service are spread evenly over all zones that have it, also where the client's own zone does.",
      "Write a MeshLoadBalancingStrategy for the mesh on the global (to: kind Mesh; it keeps calls in their zone by default), or set routing.localityAwareLoadBalancing in the mesh.",
    );
  },
};

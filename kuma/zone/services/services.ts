import { ControlPlane } from "../../api/client";
import { objectIn, objectsIn, valueAt } from "../../api/json";
import { knownTypes } from "../../api/knownTypes";
import { enumerated } from "../../lists";
import { disabledZones } from "../enabled";
import { hasTags } from "../../resource/mesh";
import { Resource, ZONE_LABEL, displayName, zoneOf } from "../../resource/resource";

const SERVICE_TAG = "kuma.io/service";

/** Names of the services that the data plane proxies of each zone stand before, as a global knows them. */
export async function servicesByZone(global: ControlPlane): Promise<Record<string, string[]>> {
  const services = taggedByZone(await listOf(global, "Dataplane"));
  return Object.fromEntries([...services].map(([zone, names]) => [zone, [...names].sort()]));
}

function taggedByZone(proxies: readonly Resource[]): Map<string, Set<string>> {
  const services = new Map<string, Set<string>>();
  for (const dataplane of proxies) {
    const zone = dataplane.labels?.[ZONE_LABEL];
    if (zone === undefined) continue;
    const known = services.get(zone) ?? new Set();
    for (const service of servicesOf(dataplane)) known.add(service);
    services.set(zone, known);
  }
  return services;
}

/** Names of the services that a data plane proxy stands before. */
export function servicesOf({ networking }: Resource): string[] {
  const listeners = [
    ...objectsIn(valueAt(networking, "inbound")),
    ...objectsIn([valueAt(networking, "gateway")]),
  ];
  return listeners
    .map((listener) => valueAt(listener, "tags", SERVICE_TAG))
    .filter((service) => typeof service === "string");
}

/** How many services one sentence names. */
const MOST_NAMED = 10;

/** Services by name, for a sentence. */
export function listedServices(services: readonly string[]): string {
  return services.length === 0 ? "none" : enumerated(services, MOST_NAMED);
}

/** Services of a zone, by what becomes of calls from other zones that no longer reach it. */
export interface CallsOfOthers {
  /** No other zone has them. */
  ending: string[];
  /** Another zone, one that is enabled, has them too: by a tag or the name of a MeshMultiZoneService any that has it answers. */
  moving: string[];
  /** Names of MeshServices, which are of their zone alone. */
  named: string[];
}

/** `asked` is the zone's own control plane: what one has that is yet to join the global does not know. */
export async function callsOfOthers(
  global: ControlPlane,
  zoneName: string,
  asked?: ControlPlane,
): Promise<CallsOfOthers> {
  const disabled = await disabledZones(global);
  const ofZones = async (type: string) => [
    ...(await listOf(global, type)),
    ...(asked ? (await listOf(asked, type)).flatMap((each) => ofZone(each, zoneName)) : []),
  ];
  const [meshes, multi, services, proxies] = await Promise.all([
    ...["Mesh", "MeshMultiZoneService"].map((type) => listOf(global, type)),
    ...["MeshService", "Dataplane"].map(ofZones),
  ]);
  const byName = new Set(meshes.filter((mesh) => !hasTags(mesh)).map(({ name }) => name));
  const tagged = taggedByZone(proxies.filter(({ mesh }) => !byName.has(mesh ?? "")));
  for (const { zone, name } of multi.flatMap((each) => zonesOf(each, services)))
    tagged.set(zone, (tagged.get(zone) ?? new Set()).add(name));
  const own = [...(tagged.get(zoneName) ?? [])].sort();
  const others = [...tagged].filter(([zone]) => zone !== zoneName && !disabled.has(zone));
  const elsewhere = new Set(others.flatMap(([, names]) => [...names]));
  const named = services.filter(({ labels }) => labels?.[ZONE_LABEL] === zoneName).map(displayName);
  return {
    ending: own.filter((each) => !elsewhere.has(each)),
    moving: own.filter((each) => elsewhere.has(each)),
    named: [...new Set(named)].sort(),
  };
}

/** What a zone has of others says so. */
function ofZone(resource: Resource, zoneName: string): Resource[] {
  const { labels } = resource;
  const isOwn = zoneOf(resource, zoneName) === zoneName;
  return isOwn ? [{ ...resource, labels: { ...labels, [ZONE_LABEL]: zoneName } }] : [];
}

/** The same in words. */
export async function callsThatEnd(global: ControlPlane, zoneName: string): Promise<string> {
  const { ending, moving, named } = await callsOfOthers(global, zoneName);
  return (
    `calls from other zones to its services end (${listedServices(ending)}), or move to zones that have them too (${listedServices(moving)})` +
    (named.length > 0
      ? `; those by names of its MeshServices, to which no other zone answers, end (${listedServices(named)})`
      : "")
  );
}

/** The zones of a MeshMultiZoneService: those of the MeshServices that it selects. */
function zonesOf(multi: Resource, services: readonly Resource[]): { zone: string; name: string }[] {
  const wanted = Object.entries(
    objectIn(valueAt(multi, "spec", "selector", "meshService", "matchLabels")) ?? {},
  );
  return services
    .filter(
      ({ mesh, labels }) =>
        mesh === multi.mesh && wanted.every(([label, value]) => labels?.[label] === value),
    )
    .flatMap(({ labels }) => labels?.[ZONE_LABEL] ?? [])
    .map((zone) => ({ zone, name: displayName(multi) }));
}

async function listOf(controlPlane: ControlPlane, typeName: string): Promise<Resource[]> {
  const type = (await knownTypes(controlPlane)).get(typeName);
  return type ? controlPlane.list(type) : [];
}

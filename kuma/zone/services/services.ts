import { ControlPlane } from "../../api/client";
import { objectsIn, valueAt } from "../../api/json";
import { knownTypes } from "../../api/knownTypes";
import { enumerated } from "../../lists";
import { Resource, ZONE_LABEL } from "../../resource/resource";

const SERVICE_TAG = "kuma.io/service";

/** Names of the services that the data plane proxies of each zone stand before, as a global knows them. */
export async function servicesByZone(global: ControlPlane): Promise<Record<string, string[]>> {
  const type = (await knownTypes(global)).get("Dataplane");
  const services = new Map<string, Set<string>>();
  for (const dataplane of type ? await global.list(type) : []) {
    const zone = dataplane.labels?.[ZONE_LABEL];
    if (zone === undefined) continue;
    const known = services.get(zone) ?? new Set();
    for (const service of servicesOf(dataplane)) known.add(service);
    services.set(zone, known);
  }
  return Object.fromEntries([...services].map(([zone, names]) => [zone, [...names].sort()]));
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

/** In words, what becomes of calls from other zones to services of one that they no longer reach. */
export function callsThatEnd(
  own: readonly string[],
  others: Readonly<Record<string, readonly string[]>>,
): string {
  const elsewhere = new Set(Object.values(others).flat());
  const moving = own.filter((each) => elsewhere.has(each));
  const ending = own.filter((each) => !elsewhere.has(each));
  return `calls from other zones to its services end (${listedServices(ending)}), or move to zones that have them too (${listedServices(moving)})`;
}

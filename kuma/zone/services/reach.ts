import { ControlPlane } from "../../api/client";
import { objectsIn, valueAt } from "../../api/json";
import { knownTypes } from "../../api/knownTypes";
import { isKumaError } from "../../errors";
import { urlPath } from "../../resource/names";
import { ResourceKey, ZONE_LABEL } from "../../resource/resource";
import { servicesOf } from "./services";

/** Whose configuration may change with a policy. */
export interface Reached {
  proxies: number;
  services: number;
  /**
   * How that is known: the control plane has told which proxies the policy selects, or, where the policy is not there yet
   * or the control plane does not tell, all proxies of its mesh are counted, which is the most that it can be.
   */
  by: "policy" | "mesh";
}

/** The proxies of a mesh by name, each with its services. */
type Proxies = ReadonlyMap<string, readonly string[]>;

/** A control plane is asked of so many policies; the others are counted by their mesh. */
const MOST_ASKED = 100;
/** The most that one page holds (Kuma v2.14.3, pkg/api-server/pagination.go). */
const PAGE_SIZE = 1000;
const MOST_PAGES = 200;

/** Finds how far policies reach in the meshes of a control plane. Reads only. */
export class Reach {
  private asked = 0;

  private constructor(
    private readonly controlPlane: ControlPlane,
    private readonly meshes: ReadonlyMap<string, Proxies>,
  ) {}

  /** @param without a zone whose proxies do not count */
  static async read(controlPlane: ControlPlane, without?: string): Promise<Reach> {
    const type = (await knownTypes(controlPlane)).get("Dataplane");
    const meshes = new Map<string, Map<string, readonly string[]>>();
    for (const dataplane of type ? await controlPlane.list(type) : []) {
      if (without !== undefined && dataplane.labels?.[ZONE_LABEL] === without) continue;
      const mesh = dataplane.mesh ?? "default";
      const proxies = meshes.get(mesh) ?? new Map<string, readonly string[]>();
      meshes.set(mesh, proxies.set(dataplane.name, servicesOf(dataplane)));
    }
    return new Reach(controlPlane, meshes);
  }

  /** How many proxies and services each mesh has. */
  perMesh(): Record<string, { proxies: number; services: number }> {
    const counts = [...this.meshes].map(([mesh, proxies]) => {
      const { proxies: all, services } = counted([...proxies.keys()], proxies);
      return [mesh, { proxies: all, services }] as const;
    });
    return Object.fromEntries(counts);
  }

  /**
   * Whom a resource reaches. A mesh, and what lies in one and is no policy, reaches all of the mesh; what belongs to no
   * mesh reaches nobody that is known here.
   *
   * @param isThere the control plane has it, so that it can be asked of it
   */
  async of(key: ResourceKey, isThere: boolean): Promise<Reached> {
    const mesh = key.type === "Mesh" ? key.name : key.mesh;
    const proxies = this.meshes.get(mesh ?? "") ?? new Map<string, readonly string[]>();
    const selected = isThere && proxies.size > 0 ? await this.selectedBy(key) : undefined;
    return selected
      ? {
          ...counted(
            selected.filter((name) => proxies.has(name)),
            proxies,
          ),
          by: "policy",
        }
      : { ...counted([...proxies.keys()], proxies), by: "mesh" };
  }

  /**
   * The proxies that a policy selects, by Kuma's inspection API (since 2.3); undefined where it does not tell. It has a
   * list for policies alone (v2.14.3, pkg/api-server/resource_endpoints.go, addFindEndpoint).
   */
  private async selectedBy({ type: typeName, mesh, name }: ResourceKey): Promise<string[] | undefined> {
    const type = (await knownTypes(this.controlPlane)).get(typeName);
    if (!type || mesh === undefined || this.asked++ >= MOST_ASKED) return undefined;
    const path = urlPath`/meshes/${mesh}/${type.path}/${name}/_resources/dataplanes`;
    const names = new Set<string>();
    try {
      for (let page = 0; page < MOST_PAGES; page++) {
        const query = `size=${PAGE_SIZE}&offset=${page * PAGE_SIZE}`;
        const body = await this.controlPlane.getJson(`${path}?${query}`, `the proxies of ${name}`);
        const items = objectsIn(valueAt(body, "items"));
        for (const item of items) if (typeof item.name === "string") names.add(item.name);
        const total = valueAt(body, "total");
        if (typeof total !== "number") return undefined;
        if (items.length < PAGE_SIZE || names.size >= total) return [...names];
      }
    } catch (error) {
      if (!isKumaError(error)) throw error;
    }
    return undefined;
  }
}

function counted(names: readonly string[], proxies: Proxies): { proxies: number; services: number } {
  const services = new Set(names.flatMap((name) => proxies.get(name) ?? []));
  return { proxies: names.length, services: services.size };
}

import { ControlPlane } from "../api/client";
import { Resource } from "../resource/resource";
import { ResourceType } from "../api/resourceTypes";
import { connectionIn } from "./subscription";
import { until } from "../until";

/** The data plane proxies of a zone, as its control plane knows them: `mesh/name`. */
export interface Proxies {
  registered: string[];
  /** Those that have a connection with the control plane now. */
  connected: string[];
}

/** A Dataplane together with its insight, over all meshes, at the path that every 2.x has. */
const OVERVIEWS: ResourceType = {
  name: "DataplaneOverview",
  scope: "Mesh",
  path: "dataplanes+insights",
  readOnly: true,
  includeInFederation: false,
};

/** How `Proxies` names one. */
export function nameOfProxy({ mesh, name }: { mesh?: string; name: string }): string {
  return `${mesh}/${name}`;
}

export async function proxiesOf(zone: ControlPlane): Promise<Proxies> {
  const overviews = await zone.list(OVERVIEWS);
  const isConnected = ({ dataplaneInsight }: Resource) => connectionIn(dataplaneInsight).isOpen;
  return {
    registered: overviews.map(nameOfProxy).sort(),
    connected: overviews.filter(isConnected).map(nameOfProxy).sort(),
  };
}

const LOOK_EVERY_MS = 500;

/** Waits until these proxies are connected again, and gives those that are not when that takes too long. */
export async function notConnectedAgain(
  zone: ControlPlane,
  before: readonly string[],
  deadlineMs: number,
): Promise<string[]> {
  const notConnected = async () => {
    const connected = before.length === 0 ? [] : (await proxiesOf(zone)).connected;
    return before.filter((proxy) => !connected.includes(proxy));
  };
  return until(notConnected, {
    deadlineMs,
    everyMs: LOOK_EVERY_MS,
    signal: zone.address.signal,
    isThere: (missing) => missing.length === 0,
  });
}

import { ControlPlane, isHostedApi } from "../kuma";
import { isKnown } from "./handler";

/** How a resource's inputs name the global. */
export interface GlobalConnection {
  globalUrl: string;
  /** Secret. */
  globalTokens?: string[];
}

/** How a resource's inputs name the two sides. */
export interface Connections extends GlobalConnection {
  zoneName: string;
  zoneUrl: string;
  /** Secret. */
  zoneTokens?: string[];
}

/** Opens the global for the time of one call. */
export async function withGlobal<T>(
  { globalUrl, globalTokens }: GlobalConnection,
  work: (global: ControlPlane) => Promise<T>,
): Promise<T> {
  const global = new ControlPlane({
    title: "the global control plane",
    // one in Konnect that is yet to be made has no address in a preview; who cares looks at the version first
    url: isKnown(globalUrl) ? globalUrl : "http://unknown.invalid",
    tokens: known(globalTokens),
  });
  try {
    return await work(global);
  } finally {
    global.close();
  }
}

/** Opens both sides for the time of one call. */
export async function withConnections<T>(
  connections: Connections,
  work: (zone: ControlPlane, global: ControlPlane) => Promise<T>,
): Promise<T> {
  const { zoneName, zoneUrl, globalUrl } = connections;
  const tokens = known(connections.zoneTokens);
  const zone = new ControlPlane({ title: `the control plane of zone ${zoneName}`, url: zoneUrl, tokens });
  // the zone's tokens serve on the global from the moment that the zone's signing keys are there
  const globalTokens = isHostedApi(globalUrl)
    ? known(connections.globalTokens)
    : [...known(connections.globalTokens), ...tokens];
  try {
    return await withGlobal({ globalUrl, globalTokens }, (global) => work(zone, global));
  } finally {
    zone.close();
  }
}

/** Tokens may be unknown in a preview. */
function known(tokens: string[] | undefined): string[] {
  return Array.isArray(tokens) ? tokens.filter(isKnown) : [];
}

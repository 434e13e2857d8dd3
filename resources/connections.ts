import * as net from "node:net";
import { ControlPlane, KumaError, isHostedApi, Sides } from "../kuma";
import { ClusterReference, KubernetesCluster } from "../platforms/kubernetes/cluster";
import { ControlPlaneAccess, openControlPlane } from "../platforms/openControlPlane";
import type { SshKeys } from "../platforms/universal/unit/location";
import { isKnown } from "./provider/handler";

/**
 * Secret: tokens by where they come from. A source that a preview does not know yet leaves the others known, so that a
 * control plane is still read with those.
 */
export type TokenSources = (string | string[])[];

/** How a resource's inputs name the global. */
export interface GlobalConnection {
  globalUrl: string;
  globalTokens?: TokenSources;
  /** Of a global in a cluster, see `ControlPlaneAccess`. */
  globalKubeconfig?: string;
  /** PEM of the authority that signed its certificate; the system's when left out. */
  globalCa?: string;
}

/** How a resource's inputs name the two sides. */
export interface Connections extends GlobalConnection {
  zoneName: string;
  zoneUrl: string;
  zoneTokens?: TokenSources;
  /** Of a zone in a cluster, see `ControlPlaneAccess`. */
  zoneKubeconfig?: string;
  /** Secret: of a zone on a host, see `ControlPlaneAccess`. */
  zoneSsh?: SshKeys;
}

/** Opens the global for the time of one call. */
export async function withGlobal<T>(
  { globalUrl, globalTokens, globalKubeconfig, globalCa }: GlobalConnection,
  work: (global: ControlPlane) => Promise<T>,
): Promise<T> {
  const access = {
    url: globalUrl,
    tokens: knownTokens(globalTokens),
    kubeconfig: globalKubeconfig,
    ca: globalCa,
  };
  return withControlPlane(access, "the global control plane", work);
}

/** Opens the zone for the time of one call. */
export async function withZone<T>(
  { zoneName, zoneUrl, zoneTokens, zoneKubeconfig, zoneSsh }: Omit<Connections, keyof GlobalConnection>,
  work: (zone: ControlPlane) => Promise<T>,
): Promise<T> {
  const access = { url: zoneUrl, tokens: knownTokens(zoneTokens), kubeconfig: zoneKubeconfig, ssh: zoneSsh };
  return withControlPlane(access, `the control plane of zone ${zoneName}`, work);
}

/** A preview does not know the cluster yet that the same run is to make. */
export function isClusterKnown({ context, kubeconfig }: Partial<ClusterReference>): boolean {
  return isKnown(context) && isKnown(kubeconfig);
}

/** Opens a cluster for the time of one call. */
export async function withCluster<T>(
  { context, kubeconfig }: ClusterReference,
  work: (cluster: KubernetesCluster) => Promise<T>,
): Promise<T> {
  const cluster = await KubernetesCluster.load({ context, kubeconfig });
  try {
    return await work(cluster);
  } finally {
    cluster.close();
  }
}

/**
 * Where to read the two sides before a run. A process whose ports are to change still listens at the former ones in a
 * preview, and at the new ones once it was started there.
 */
export async function asTheyRun<C extends Connections>(news: C, olds: Partial<C>): Promise<C> {
  const [zoneUrl, globalUrl] = await Promise.all([
    whereItListens(news.zoneUrl, olds.zoneUrl),
    whereItListens(news.globalUrl, olds.globalUrl),
  ]);
  return { ...news, zoneUrl, globalUrl };
}

async function whereItListens(url: string, former = url): Promise<string> {
  const isProcess = (each: string) => each.startsWith("http://127.0.0.1:");
  if (url === former || !isProcess(url) || !isProcess(former)) return url;
  return !(await listens(url)) && (await listens(former)) ? former : url;
}

function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = net.connect({ host: hostname, port: Number(port) });
    const end = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}

/** Opens both sides for the time of one call. */
export async function withConnections<T>(
  connections: Connections,
  work: (sides: Sides) => Promise<T>,
): Promise<T> {
  const { zoneName } = connections;
  const globalTokens = tokensForGlobal(connections);
  return withZone(connections, (zone) =>
    withGlobal({ ...connections, globalTokens }, (global) => work({ zoneName, zone, global })),
  );
}

/**
 * The zone's tokens serve on the global from the moment that the zone's signing keys are there, but never go to Konnect,
 * where they mean nothing.
 */
export function tokensForGlobal({ globalUrl, globalTokens, zoneTokens }: Connections): string[] {
  return [...knownTokens(globalTokens), ...(isHostedApi(globalUrl) ? [] : knownTokens(zoneTokens))];
}

async function withControlPlane<T>(
  access: ControlPlaneAccess,
  title: string,
  work: (controlPlane: ControlPlane) => Promise<T>,
): Promise<T> {
  if (!isKnown(access.url) || !isKnown(access.kubeconfig))
    throw new KumaError("unreachable", `How ${title} is reached is not known yet. Nothing was changed.`);
  const controlPlane = await openControlPlane(access, title);
  try {
    return await work(controlPlane);
  } finally {
    controlPlane.close();
  }
}

/** Those that are there already: a preview may not know them all. */
export function knownTokens(tokens: TokenSources | undefined): string[] {
  return Array.isArray(tokens) ? tokens.flat().filter(isKnown) : [];
}

import * as net from "node:net";
import { ControlPlane, KumaError, isHostedApi, Sides } from "../kuma";
import type { ClusterReference } from "../platforms/kubernetes/cluster";
import type { ControlPlaneAccess } from "../platforms/openControlPlane";
import { withOpened } from "./opened";
import { isKnown } from "./provider/handler";
import { ofOneRun } from "./provider/oneRun";

/**
 * Secret: tokens by where they come from. A source that a preview does not know yet leaves the others known, so that a
 * control plane is still read with those.
 */
export type TokenSources = (string | string[])[];

/** How a resource's inputs name a control plane. */
export interface Connection extends Omit<ControlPlaneAccess, "tokens"> {
  tokens?: TokenSources;
}

/** How a resource's inputs name the global. */
export interface GlobalConnection {
  global: Connection;
}

/** How a resource's inputs name a zone. */
export interface ZoneConnection {
  zoneName: string;
  zone: Connection;
}

/** How a resource's inputs name the two sides. */
export interface Connections extends ZoneConnection, GlobalConnection {}

/**
 * What opened each global last in this process. A preview does not know yet what a zone that is to be carried hands on to those
 * after it, and what opens the global for the one serves the others.
 */
const openers = ofOneRun(new Map<string, string>());

/** Opens the global for the time of one call. */
export async function withGlobal<T>(
  { global }: GlobalConnection,
  work: (global: ControlPlane) => Promise<T>,
): Promise<T> {
  const { url, kubeconfig } = global;
  const place = JSON.stringify([url, kubeconfig]);
  const tokens = [...new Set([...knownTokens(global.tokens), openers.get(place) ?? []].flat())];
  return withControlPlane({ ...global, tokens }, "the global control plane", async (controlPlane) => {
    const found = await work(controlPlane);
    const { acceptedToken } = controlPlane;
    if (acceptedToken !== undefined) openers.set(place, acceptedToken);
    return found;
  });
}

/** Opens the zone for the time of one call. */
export async function withZone<T>(
  { zoneName, zone }: ZoneConnection,
  work: (zone: ControlPlane) => Promise<T>,
): Promise<T> {
  return withControlPlane(zone, `the control plane of zone ${zoneName}`, work);
}

/** A preview does not know the cluster yet that the same run is to make. */
export function isClusterKnown({ context, kubeconfig }: Partial<ClusterReference>): boolean {
  return isKnown(context) && isKnown(kubeconfig);
}

/**
 * Where to read the two sides before a run. A process whose ports are to change still listens at the former ones in a
 * preview, and at the new ones once it was started there.
 */
export async function asTheyRun<C extends Connections>(news: C, olds: Partial<C>): Promise<C> {
  const [zone, global] = await Promise.all([
    whereItListens(news.zone.url, olds.zone?.url),
    whereItListens(news.global.url, olds.global?.url),
  ]);
  return { ...news, zone: { ...news.zone, url: zone }, global: { ...news.global, url: global } };
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
  const toGlobal = { ...connections.global, tokens: tokensForGlobal(connections) };
  return withZone(connections, (zone) =>
    withGlobal({ global: toGlobal }, (global) => work({ zoneName, zone, global })),
  );
}

/**
 * The zone's tokens serve on the global from the moment that the zone's signing keys are there, but never go to Konnect,
 * where they mean nothing.
 */
export function tokensForGlobal({ global, zone }: Connections): string[] {
  return [...knownTokens(global.tokens), ...(isHostedApi(global.url) ? [] : knownTokens(zone.tokens))];
}

async function withControlPlane<T>(
  { tokens, ...access }: Connection,
  title: string,
  work: (controlPlane: ControlPlane) => Promise<T>,
): Promise<T> {
  if (!isKnown(access.url) || !isKnown(access.kubeconfig))
    throw new KumaError("unreachable", `How ${title} is reached is not known yet. Nothing was changed.`);
  return withOpened({ ...access, tokens: knownTokens(tokens) }, title, work);
}

/** Those that are there already: a preview may not know them all. */
export function knownTokens(tokens: TokenSources | undefined): string[] {
  return Array.isArray(tokens) ? tokens.flat().filter(isKnown) : [];
}

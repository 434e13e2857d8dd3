import { createPublicKey } from "node:crypto";
import type { ControlPlane } from "../../api/client";
import { objectsIn, valueAt } from "../../api/json";
import { Token, isSignedBy, parseToken } from "../../api/jwt";
import type { Plan } from "../../federation/plan";
import type { KnownTypes } from "../../api/knownTypes";
import { Resource, keyOf, secretText, zoneOf } from "../../resource/resource";

/** By what a control plane decides which tokens of proxies it accepts (Kuma v2.14.3, pkg/tokens/builtin). */
export interface ProxyTokenKeys {
  /** PEM of signing keys, by mesh and id; the mesh is empty for tokens of zone proxies. */
  keys: ReadonlyMap<string, string>;
  /** The same of keys in its configuration, with which tokens are signed elsewhere; null where that names a file. */
  configured: ReadonlyMap<string, string | null>;
}

/** Secrets that tokens of proxies are signed with, or verified by in a zone that is a member. */
const DATAPLANE_KEY = "dataplane-token-signing-key";
const ZONE_KEY = /^zone-token-signing(?:-public)?-key(?:-(.+))?$/;
/** Of a key whose name has no number (pkg/core/tokens/keys.go, KeyIDFallbackValue). */
const UNNUMBERED = "0";

const place = (mesh: string, id: string) => `${mesh}/${id}`;

/** The mesh and the id of the key that a secret holds; the mesh is empty for tokens of zone proxies. */
function keyIn({ type, name, mesh = "" }: Resource): string | undefined {
  if (type === "GlobalSecret") {
    const match = ZONE_KEY.exec(name);
    return match ? place("", match[1] ?? UNNUMBERED) : undefined;
  }
  const prefix = `${DATAPLANE_KEY}-${mesh}`;
  if (type !== "Secret" || (name !== prefix && !name.startsWith(`${prefix}-`))) return undefined;
  return place(mesh, name.slice(prefix.length + 1) || UNNUMBERED);
}

export function isProxyTokenKey(resource: Resource): boolean {
  return keyIn(resource) !== undefined;
}

/** With the secrets of one control plane, and the configuration of the zone whose proxies they are. */
export function proxyTokenKeys(secrets: readonly Resource[], config: unknown): ProxyTokenKeys {
  const keys = secrets.flatMap((secret): [string, string][] => {
    const key = keyIn(secret);
    return key === undefined ? [] : [[key, secretText(secret)]];
  });
  const authn = (...fields: string[]) =>
    objectsIn(valueAt(config, "dpServer", "authn", ...fields, "validator", "publicKeys"));
  const configured = [...authn("dpProxy", "dpToken"), ...authn("zoneProxy", "zoneToken")].map(
    ({ kid, mesh, key }): [string, string | null] => [
      place(typeof mesh === "string" ? mesh : "", String(kid)),
      typeof key === "string" && key !== "" ? key : null,
    ],
  );
  return { keys: new Map(keys), configured: new Map(configured) };
}

/** Reads the keys that a control plane has; the configuration is that of the zone. */
export async function readProxyTokenKeys(
  controlPlane: ControlPlane,
  types: KnownTypes,
  config: unknown,
): Promise<ProxyTokenKeys> {
  const wanted = ["Secret", "GlobalSecret"].flatMap((name) => types.get(name) ?? []);
  const lists = await Promise.all(wanted.map((type) => controlPlane.list(type)));
  return proxyTokenKeys(lists.flat(), config);
}

/** What a token of a proxy says. */
export interface ProxyToken extends Token {
  /** Of a data plane proxy; undefined for the token of a zone proxy. */
  mesh?: string;
  name?: string;
  /** Of a zone proxy. */
  zone?: string;
  /** Milliseconds; undefined for one that does not end. */
  ends?: number;
}

/** Undefined for what is no token of a proxy, such as one of a service account. */
export function parseProxyToken(text: string): ProxyToken | undefined {
  const token = parseToken(text);
  if (!token) return undefined;
  const claim = (name: string) => {
    const value = token.claims[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const [mesh, name, zone] = ["Mesh", "Name", "Zone"].map(claim);
  if (mesh === undefined && zone === undefined) return undefined;
  const { exp } = token.claims;
  return {
    ...token,
    ...(mesh !== undefined ? { mesh, ...(name !== undefined && { name }) } : { zone }),
    ...(typeof exp === "number" && { ends: exp * 1000 }),
  };
}

/** How it stands with a token where these keys count. */
export type TokenState =
  | "valid"
  /** It is accepted, and ends soon. */
  | "due"
  /** It is not accepted: another key has signed it, or it has ended. */
  | "void"
  /** It was signed elsewhere, and is not this program's to replace. */
  | "foreign";

const DAY_MS = 24 * 60 * 60 * 1000;
const RENEW_BEFORE_MS = 30 * DAY_MS;

export function tokenState(
  token: ProxyToken,
  { keys, configured }: ProxyTokenKeys,
  now = Date.now(),
): TokenState {
  const { mesh = "", ends = Infinity, header, claims } = token;
  const id = String(header.kid ?? UNNUMBERED);
  // of keys in the configuration those without a mesh are for all
  const elsewhere = [place(mesh, id), place("", id)]
    .filter((at) => configured.has(at))
    .map((at) => configured.get(at));
  if (elsewhere.some((key) => typeof key !== "string" || isSignedBy(token, key))) return "foreign";
  const key = keys.get(place(mesh, id));
  if (key === undefined || !isSignedBy(token, key) || ends <= now) return "void";
  const begins = typeof claims.nbf === "number" ? claims.nbf * 1000 : now;
  // one that is valid for a day is not due all the time
  return ends - now < Math.min(RENEW_BEFORE_MS, (ends - begins) / 3) ? "due" : "valid";
}

/** A token without an end would be one of ten years (pkg/tokens/builtin/server/webservice.go). */
const LONGEST_MS = 3650 * DAY_MS;

/** Hours that a token was valid for in all, so that the next one is as well. */
function hoursOf({ claims: { nbf, exp } }: Token): number {
  const ms = typeof nbf === "number" && typeof exp === "number" ? (exp - nbf) * 1000 : LONGEST_MS;
  return Math.max(1, Math.round(ms / 3_600_000));
}

/** Has a control plane issue a token that says the same. */
export async function issueLike(token: ProxyToken, issuer: ControlPlane): Promise<string> {
  const validFor = `${hoursOf(token)}h`;
  const { Mesh: mesh, Name: name, Tags: tags, Type: type, Workload: workload, Zone, Scope } = token.claims;
  const issued =
    token.mesh === undefined
      ? await issuer.post(
          "/tokens/zone",
          { zone: Zone, scope: Scope, validFor },
          `a token for the zone proxies of zone ${token.zone}`,
        )
      : await issuer.post(
          "/tokens/dataplane",
          { name, mesh, tags, type, workload, validFor },
          `a token for data plane proxies of mesh ${token.mesh}`,
        );
  return issued.trim();
}

/** What a person types to have a proxy's token issued, by its resource in the zone. */
export function commandFor(
  { type, mesh, name }: Pick<Resource, "type" | "mesh" | "name">,
  zoneName: string,
): string {
  const scope = ({ ZoneIngress: "ingress", ZoneEgress: "egress" } as Record<string, string>)[type];
  return scope === undefined
    ? `kumactl generate dataplane-token --mesh ${mesh} --name ${name} --valid-for 8760h`
    : `kumactl generate zone-token --zone ${zoneName} --scope ${scope} --valid-for 8760h`;
}

/**
 * Meshes whose tokens end where the first keys give way to the others; empty for those of zone proxies. `former` keys that
 * are there with the same number and other content, or are not there, have ended.
 */
export function endedMeshes(former: ProxyTokenKeys, next: ProxyTokenKeys): string[] {
  const ended = [...former.keys].filter(([at, pem]) => !isSameKey(pem, next.keys.get(at)));
  return [...new Set(ended.map(([at]) => at.slice(0, at.lastIndexOf("/"))))];
}

/** The private and the public half of a key are the same one. */
function isSameKey(one: string, other: string | undefined): boolean {
  if (other === undefined) return false;
  const [a, b] = [one, other].map(publicHalf);
  return a === b;
}

function publicHalf(pem: string): string {
  try {
    return createPublicKey(pem).export({ type: "spki", format: "pem" }) as string;
  } catch {
    return pem;
  }
}

/** Whether a resource is a proxy with a token of these meshes; the mesh is empty for tokens of zone proxies. */
export function hasTokenOf(meshes: readonly string[], { type, mesh = "" }: Resource): boolean {
  return ZONE_PROXIES.includes(type) ? meshes.includes("") : type === "Dataplane" && meshes.includes(mesh);
}

/** Of a zone's resources the proxies whose tokens end with the keys of these meshes. */
export function proxiesOfMeshes(
  resources: readonly Resource[],
  meshes: readonly string[],
  zoneName: string,
): Resource[] {
  return resources
    .filter((each) => hasTokenOf(meshes, each) && zoneOf(each, zoneName) === zoneName)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Proxies of a zone whose key gives way to the one that its global has. */
export function proxiesWhoseTokensEnd(
  { resources }: Plan,
  kept: readonly Resource[],
  zoneName: string,
): Resource[] {
  const given = resources.filter(
    ({ action, resource }) => action === "keepGlobal" && isProxyTokenKey(resource),
  );
  return proxiesOfMeshes(
    kept,
    given.map(({ resource: { mesh = "" } }) => mesh),
    zoneName,
  );
}

const ZONE_PROXIES = ["ZoneIngress", "ZoneEgress"];

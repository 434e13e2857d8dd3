import { Database } from "../zone/database";
import { objectIn, objectsIn, parseJson, valueAt } from "./json";
import { isName, isZoneName, isTypeName, isTypePath } from "../resource/names";
import { isWord, oneLine } from "../printable";
import { DISPLAY_NAME_LABEL, NAMESPACE_LABEL, Resource, ResourceKey, ZONE_LABEL } from "../resource/resource";
import { ResourceType } from "./resourceTypes";

/**
 * What a control plane answers, looked at where it comes in: whoever reads it further on may rely on its shape. A
 * function here throws `WrongAnswer` where it is not what Kuma gives.
 */
export class WrongAnswer extends Error {}

export interface ControlPlaneInfo {
  product: string;
  version: string;
  instanceId?: string;
  clusterId?: string;
  /** Path of the GUI below the API's address. */
  gui?: string;
}

export interface ControlPlaneConfig {
  mode: "zone" | "global";
  environment: string;
  zoneName?: string;
  /** Address of the global that this zone dials; absent when it runs alone. */
  globalAddress?: string;
  storeType?: string;
  /** For store type postgres. */
  database?: Database;
  /** What a zone trusts in place of the system's authorities when it dials its global, and whether it checks at all. */
  kdsRootCaFile?: string;
  kdsSkipsVerify?: boolean;
  /** Kong Mesh: the control plane in Konnect that this zone belongs to. */
  konnectControlPlaneId?: string;
  /** The API takes no writes; on Kubernetes they go to Kubernetes' own API. */
  readOnly?: boolean;
  /** Of a global: what it asks zones for, see `admitsAnyZone`. */
  kdsAuth?: string;
  /** Whoever asks from its own machine is its admin. */
  localhostIsAdmin?: boolean;
  /** The most bytes of a message of KDS, as either kind of control plane takes and sends it. */
  kdsMaxMsgSize?: { global?: number; zone?: number };
  /** Accepts user tokens that were signed elsewhere, with keys of its configuration. */
  hasPublicKeys?: boolean;
}

/** A page of a list. */
export interface Page {
  items: Resource[];
  total?: number;
  /** Offset of the next page. */
  offset?: string;
}

const LONGEST_WORD = 200;

/** The text below these fields, for messages as well; undefined where there is none. */
function textAt(document: unknown, ...fields: string[]): string | undefined {
  const value = valueAt(document, ...fields);
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string" && value.length <= 4096 && oneLine(value) === value) return value;
  throw new WrongAnswer(`${fields.join(".")} is no line of text`);
}

/** Undefined when what answers is no control plane. */
export function readInfo(text: string): ControlPlaneInfo | undefined {
  const body = parseJson(text);
  try {
    const product = textAt(body, "product") ?? textAt(body, "tagline");
    const version = textAt(body, "version");
    if (product === undefined || version === undefined) return undefined;
    if (product.length + version.length > LONGEST_WORD) return undefined;
    const more = (["instanceId", "clusterId", "gui"] as const).flatMap((field) => {
      const value = textAt(body, field);
      return value === undefined ? [] : [[field, value]];
    });
    return { product, version, ...(Object.fromEntries(more) as Partial<ControlPlaneInfo>) };
  } catch (error) {
    if (error instanceof WrongAnswer) return undefined;
    throw error;
  }
}

export function readConfig(body: unknown): ControlPlaneConfig {
  if (objectIn(body) === undefined) throw new WrongAnswer("it is no object");
  const inZone = (...fields: string[]) => textAt(body, "multizone", "zone", ...fields);
  const kdsRootCaFile = inZone("kds", "rootCaFile");
  const konnectControlPlaneId = textAt(body, "kmesh", "multizone", "zone", "konnect", "cpId");
  const kdsAuthIn = (...above: string[]) =>
    textAt(body, ...above, "multizone", "global", "kds", "auth", "type");
  const kdsAuth = kdsAuthIn() ?? kdsAuthIn("kmesh");
  const localhostIsAdmin = valueAt(body, "apiServer", "authn", "localhostIsAdmin");
  const sizeIn = (side: string) => countOf(valueAt(body, "multizone", side, "kds", "maxMsgSize"));
  const kdsMaxMsgSize = { global: sizeIn("global"), zone: sizeIn("zone") };
  const publicKeys = valueAt(body, "apiServer", "authn", "tokens", "validator", "publicKeys");
  return {
    // "standalone" is what 2.0 to 2.5 call a zone that runs alone
    mode: valueAt(body, "mode") === "global" ? "global" : "zone",
    environment: textAt(body, "environment") ?? "universal",
    zoneName: inZone("name"),
    globalAddress: inZone("globalAddress"),
    storeType: textAt(body, "store", "type"),
    database: databaseIn(body),
    ...(kdsRootCaFile && { kdsRootCaFile }),
    ...(valueAt(body, "multizone", "zone", "kds", "tlsSkipVerify") === true && { kdsSkipsVerify: true }),
    ...(konnectControlPlaneId && { konnectControlPlaneId }),
    readOnly: valueAt(body, "apiServer", "readOnly") === true,
    ...(kdsAuth !== undefined && { kdsAuth }),
    ...(typeof localhostIsAdmin === "boolean" && { localhostIsAdmin }),
    ...((kdsMaxMsgSize.global ?? kdsMaxMsgSize.zone) && { kdsMaxMsgSize }),
    ...(Array.isArray(publicKeys) && publicKeys.length > 0 && { hasPublicKeys: true }),
  };
}

/** A whole number above 0, where it is one. */
function countOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : undefined;
}

/** The database that a control plane is on; undefined where its store is another one, or it does not tell. */
export function databaseIn(body: unknown): Database | undefined {
  if (valueAt(body, "store", "type") !== "postgres") return undefined;
  const host = textAt(body, "store", "postgres", "host");
  const name = textAt(body, "store", "postgres", "dbName");
  const port = valueAt(body, "store", "postgres", "port");
  return host === undefined || name === undefined || typeof port !== "number"
    ? undefined
    : { host, port, name };
}

/** Kuma 2.14 has 53 types, Kong Mesh some more. */
const MOST_TYPES = 1_000;

/** As they are everywhere: what is in a mesh, and what a mesh is, must not depend on what one side says. */
const KNOWN_PLACES = new Map<string, Pick<ResourceType, "scope" | "path">>([
  ["Mesh", { scope: "Global", path: "meshes" }],
  ["Zone", { scope: "Global", path: "zones" }],
  ["Secret", { scope: "Mesh", path: "secrets" }],
  ["GlobalSecret", { scope: "Global", path: "globalsecrets" }],
]);

export function readTypes(body: unknown): ResourceType[] {
  const { resources } = objectIn(body) ?? {};
  if (!Array.isArray(resources)) throw new WrongAnswer("it has no list of types");
  if (resources.length > MOST_TYPES) throw new WrongAnswer(`it has more than ${MOST_TYPES} types`);
  const seen = new Set<string>();
  for (const each of resources) {
    const { name, scope, path, policy } = objectIn(each) ?? {};
    if (!isTypeName(name)) throw new WrongAnswer(`no type is called ${quoted(name)}`);
    if (!isTypePath(path)) throw new WrongAnswer(`the path of ${name} is ${quoted(path)}`);
    if (scope !== "Global" && scope !== "Mesh")
      throw new WrongAnswer(`the scope of ${name} is ${quoted(scope)}`);
    const known = KNOWN_PLACES.get(name);
    const isElsewhere = known && (known.scope !== scope || known.path !== path || objectIn(policy));
    const isTaken = [...KNOWN_PLACES].some(([other, place]) => other !== name && place.path === path);
    if (isElsewhere || isTaken) throw new WrongAnswer(`${name} is not what it is in Kuma`);
    if (seen.has(name) || seen.has(path))
      throw new WrongAnswer(`it has two types ${name}, or two of its path`);
    seen.add(name).add(path);
  }
  return resources as ResourceType[];
}

/** A page of a list of this type, over all meshes. An empty list is `items: []`, in some versions `items: null`. */
export function readPage(body: unknown, type: ResourceType): Page {
  const { items, total, next } = objectIn(body) ?? {};
  if (items !== null && !Array.isArray(items)) throw new WrongAnswer("it has no list of items");
  const isCount = typeof total === "number" && Number.isSafeInteger(total) && total >= 0;
  if (total !== undefined && !isCount) throw new WrongAnswer("its total is no number");
  for (const item of items ?? []) assertItem(item, type);
  return {
    items: (items ?? []) as Resource[],
    ...(isCount && { total }),
    offset: typeof next === "string" ? offsetIn(next) : undefined,
  };
}

/** The answer to a request for one resource. */
export function readItem(body: unknown, type: ResourceType, { name, mesh }: ResourceKey): Resource {
  const found = objectIn(body);
  const expected = type.scope === "Mesh" ? (mesh ?? "default") : undefined;
  if (!found || found.type !== type.name || found.name !== name || (found.mesh ?? undefined) !== expected)
    throw new WrongAnswer("it is another resource");
  assertContent(found, type);
  return found as Resource;
}

function assertItem(item: unknown, type: ResourceType): void {
  const found = objectIn(item);
  if (!found) throw new WrongAnswer("an item of it is no object");
  if (found.type !== type.name) throw new WrongAnswer(`an item of it is of the type ${quoted(found.type)}`);
  const isCalled = ZONE_TYPES.includes(type.name) ? isZoneName : isName;
  if (!isCalled(found.name)) throw new WrongAnswer(`no ${type.name} is called ${quoted(found.name)}`);
  const isInMesh = type.scope === "Mesh" ? isName(found.mesh) : (found.mesh ?? "") === "";
  if (!isInMesh) throw new WrongAnswer(`${type.name} ${found.name} is in the mesh ${quoted(found.mesh)}`);
  assertContent(found, type);
}

const ZONE_TYPES = ["Zone", "ZoneOverview"];
/** Labels whose values become names: of resources, zones and namespaces. */
const NAMING_LABELS: Record<string, (value: unknown) => boolean> = {
  [DISPLAY_NAME_LABEL]: isName,
  [ZONE_LABEL]: isZoneName,
  [NAMESPACE_LABEL]: isName,
};

function assertContent({ name, labels, mtls }: Record<string, unknown>, type: ResourceType): void {
  const wrong = (what: string) => new WrongAnswer(`${type.name} ${String(name)} has ${what}`);
  const found = objectIn(labels ?? {});
  if (!found) throw wrong("labels that are no object");
  for (const [label, value] of Object.entries(found)) {
    const isRight = Object.hasOwn(NAMING_LABELS, label)
      ? NAMING_LABELS[label](value) || (value === "" && label !== DISPLAY_NAME_LABEL)
      : typeof value === "string";
    if (!isRight) throw wrong(`a label ${oneLine(label)} that is ${quoted(value)}`);
  }
  // what becomes of its authorities decides whether workloads go on trusting each other
  const { backends } = objectIn(mtls) ?? {};
  const named = objectsIn(backends).filter((each) => isWord(each.name) && isWord(each.type));
  const isList = Array.isArray(backends) && named.length === backends.length;
  if (type.name === "Mesh" && backends !== undefined && !isList) throw wrong("mTLS backends that are none");
}

/**
 * Only the offset of `next` is used: the control plane builds that address from what it believes its own host to be,
 * and a token must not go to another one.
 */
function offsetIn(next: string): string | undefined {
  const offset = /[?&]offset=([^&#]+)/.exec(next)?.[1];
  if (offset !== undefined && offset.length > LONGEST_WORD)
    throw new WrongAnswer("its next offset is too long");
  return offset;
}

/** A value of others in a message, short. */
export function quoted(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "string") return oneLine(JSON.stringify(value.slice(0, 80)));
  return value === null ? "null" : `a ${Array.isArray(value) ? "list" : typeof value}`;
}

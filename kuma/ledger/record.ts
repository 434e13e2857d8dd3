import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { ControlPlane } from "../api/client";
import { Resource, keyOf } from "../resource/resource";

/**
 * Everything that a zone's API shows at one moment, as it shows it. It holds the zone's private keys: it is kept as a
 * Pulumi secret and nowhere else.
 */
export interface ZoneRecord {
  zone: string;
  /** `universal` or `kubernetes`: what a control plane computes depends on it. */
  environment: string;
  /** Type of the store: one in memory is empty after a restart. */
  store?: string;
  resources: Resource[];
  /** Names of proxies of an earlier record whose pods have ended since. */
  ended?: string[];
}

/** What a control plane counts and computes about others all the time. */
function isComputed(typeName: string): boolean {
  return typeName.endsWith("Insight");
}

/** Say when, or how things stand at the moment, and not what a resource is. */
const PASSING_FIELDS = new Set(["creationTime", "modificationTime", "status"]);

/** Reads every type of which the control plane tells, each list to its end. */
export async function recordZone(zone: ControlPlane, name: string): Promise<ZoneRecord> {
  const types = await zone.resourceTypes();
  const { environment, storeType } = await zone.config();
  const read = types.filter((type) => !isComputed(type.name));
  const lists = await Promise.all(read.map((type) => zone.list(type)));
  return {
    zone: name,
    environment,
    ...(storeType !== undefined && { store: storeType }),
    resources: lists.flat().map(withoutPassing),
  };
}

/**
 * The same without secrets, so that it may lie in a file. Those of a member are its global's, and come back as they were
 * before.
 */
export async function recordWithoutSecrets(zone: ControlPlane, name: string): Promise<ZoneRecord> {
  const record = await recordZone(zone, name);
  return { ...record, resources: record.resources.filter(({ type }) => !type.endsWith("Secret")) };
}

function withoutPassing(resource: Resource): Resource {
  return Object.fromEntries(
    Object.entries(resource).filter(([field]) => !PASSING_FIELDS.has(field)),
  ) as Resource;
}

export function byKey({ resources }: ZoneRecord): Map<string, Resource> {
  return new Map(resources.map((resource) => [keyOf(resource), resource]));
}

/** One line of text for the state. Brotli's window holds all of it, so that what resources have in common is there once. */
export function packRecord(record: ZoneRecord): string {
  const json = Buffer.from(JSON.stringify(record));
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 5,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: json.length,
  };
  return brotliCompressSync(json, { params }).toString("base64");
}

export function unpackRecord(packed: string): ZoneRecord {
  return JSON.parse(brotliDecompressSync(Buffer.from(packed, "base64")).toString("utf8")) as ZoneRecord;
}

import { Resource } from "./resource";

/** Between which sizes the message lies in which KDS sends all resources of one type when two control planes meet. */
export interface MessageSize {
  type: string;
  count: number;
  atLeast: number;
  atMost: number;
}

/** Names, versions and types that KDS puts around a resource; what it does not put there in any case. */
const ENVELOPE = 400;
/** The hash at the end of a name. */
const HASH = 17;

/** By type, the largest first (Kuma v2.14.3, pkg/kds/util/resource.go and pkg/core/resources/model/utils.go, ToAny). */
export function messageSizes(resources: readonly Resource[]): MessageSize[] {
  const sizes = new Map<string, MessageSize>();
  for (const resource of resources) {
    const { type } = resource;
    const sum = sizes.get(type) ?? { type, count: 0, atLeast: 0, atMost: 0 };
    const { atLeast, atMost } = sizeOf(resource);
    sum.count++;
    sum.atLeast += atLeast;
    sum.atMost += atMost;
    sizes.set(type, sum);
  }
  return [...sizes.values()].sort((a, b) => b.atMost - a.atMost);
}

function sizeOf(resource: Resource): { atLeast: number; atMost: number } {
  const {
    type: _,
    name,
    mesh = "",
    labels = {},
    creationTime: __,
    modificationTime: ___,
    ...body
  } = resource;
  const meta = [name, mesh, ...Object.entries(labels).flat()].reduce((sum, text) => sum + bytes(text), HASH);
  const spec = sizeOfBody(body);
  return { atLeast: meta + spec.atLeast, atMost: meta + spec.atMost + ENVELOPE };
}

function sizeOfBody({ spec, status, data, ...fields }: Record<string, unknown>) {
  // of a secret the bytes, not their base64
  if (typeof data === "string") return exactly(Buffer.byteLength(data, "base64"));
  // the newer types travel as JSON
  if (spec !== undefined) {
    const size = json(spec);
    return { atLeast: size, atMost: size + json(status ?? {}) };
  }
  // the older ones in a form that holds the texts, but not the names of most fields
  return { atLeast: texts(fields), atMost: json(fields) };
}

function exactly(size: number) {
  return { atLeast: size, atMost: size };
}

/** Go writes three characters as six each. */
function json(value: unknown): number {
  const text = JSON.stringify(value);
  return bytes(text) + 5 * (text.match(/[<>&]/g)?.length ?? 0);
}

function texts(value: unknown): number {
  if (typeof value === "string") return bytes(value);
  if (value === null || typeof value !== "object") return 0;
  return Object.values(value).reduce((sum: number, inner) => sum + texts(inner), 0);
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}

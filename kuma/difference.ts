import { enumerated } from "./lists";
import { Resource, canonicalJson, digest, isSecret, sanitize } from "./resource";
import { mayBeShown, shown } from "./shown";

/** Fields shown of one resource. */
const MOST_FIELDS = 8;

/** Where two resources of one key differ, for people: fields with both values where these are short; secrets as digests. */
export function describeDifference({
  resource,
  existing,
}: {
  resource: Resource;
  existing?: Resource;
}): string {
  if (!existing) return digest(resource);
  if (isSecret(resource)) return `zone ${digest(resource)}, global ${digest(existing)}`;
  const fields = differences(sanitize(resource), sanitize(existing)).map(({ path, a, b }) =>
    mayBeShown(path, a) && mayBeShown(path, b) ? `${path} (zone ${shown(a)}, global ${shown(b)})` : path,
  );
  return `differs in ${enumerated(fields, MOST_FIELDS)}`;
}

interface Difference {
  path: string;
  a: unknown;
  b: unknown;
}

/** The fields in which two documents differ, down to the innermost ones. */
export function differences(a: unknown, b: unknown, path = ""): Difference[] {
  if (canonicalJson(a) === canonicalJson(b)) return [];
  const isObject = (value: unknown): value is Record<string, unknown> =>
    value !== null && typeof value === "object";
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b))
    return [{ path: path || ".", a, b }];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .sort()
    .flatMap((field) => differences(a[field], b[field], path === "" ? field : `${path}.${field}`));
}

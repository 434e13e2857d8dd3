import { enumerated } from "./lists";
import { oneLine } from "./printable";
import { Resource, canonicalJson, contentOf, digest, isSecret } from "./resource";
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
  const fields = differences(contentOf(resource), contentOf(existing)).map(({ path, a, b }) =>
    mayBeShown(path, a) && mayBeShown(path, b)
      ? `${oneLine(path)} (zone ${shown(a)}, global ${shown(b)})`
      : oneLine(path),
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

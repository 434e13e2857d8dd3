import { enumerated } from "../lists";
import { oneLine } from "../printable";
import { Resource, canonicalJson, contentOf, digest, isSecret, sameContent } from "./resource";
import { mayBeShown, shown } from "../shown";

/** Fields shown of one resource. */
const MOST_FIELDS = 8;

/** Where two resources of one key differ, for people: fields with both values where these are short; secrets as digests. */
export function describeDifference(
  { resource, existing }: { resource: Resource; existing?: Resource },
  [mine, theirs] = ["zone", "global"],
): string {
  if (!existing) return digest(resource);
  if (isSecret(resource)) return `${mine} ${digest(resource)}, ${theirs} ${digest(existing)}`;
  const fields = differences(contentOf(resource), contentOf(existing)).map(({ path, a, b }) =>
    mayBeShown(path, a) && mayBeShown(path, b)
      ? `${oneLine(path)} (${mine} ${shown(a)}, ${theirs} ${shown(b)})`
      : oneLine(path),
  );
  return `differs in ${enumerated(fields, MOST_FIELDS)}`;
}

/** A resource, and what others have of its key. */
interface Compared {
  resource: Resource;
  existing?: Resource;
  /** The zone that brings it. */
  zone?: string;
  /** Other contents of it, with the zones of the stack that bring them before. */
  rivals?: readonly { resource: Resource; zones: readonly string[] }[];
}

/** As above, once for what is on the global and once for each content that zones of the stack bring before. */
export function describeDifferences({ resource, existing, zone, rivals = [] }: Compared): string[] {
  const isBrought = rivals.some((rival) => existing && sameContent(rival.resource, existing));
  const withGlobal = isBrought ? [] : [describeDifference({ resource, existing })];
  const withZones = rivals.map((rival) => {
    const others = `zone ${rival.zones.join(", ")}`;
    const differing = describeDifference({ resource, existing: rival.resource }, [`zone ${zone}`, others]);
    // a path alone names nobody
    return differing.includes(others) ? differing : `${differing} (zone ${zone}, and ${others})`;
  });
  return [...withGlobal, ...withZones];
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

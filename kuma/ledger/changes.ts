import { isDeepStrictEqual } from "node:util";
import { Resource, keyOf } from "../resource/resource";
import { ZoneRecord, byKey } from "./record";

/** One thing in which two records of a zone differ. */
export type Difference =
  | { kind: "gone"; key: string; before: Resource; after?: undefined }
  | { kind: "new"; key: string; before?: undefined; after: Resource }
  | { kind: "renamed"; key: string; before: Resource; after: Resource }
  | {
      kind: "changed";
      /** The name that it had before. */
      key: string;
      before: Resource;
      after: Resource;
      /** From the outside to the inside; a label is one part, as in `["labels", "kuma.io/origin"]`. */
      path: readonly string[];
      was: unknown;
      is: unknown;
    };

/** Labels that say what a resource was called, and where, when it was written. */
const DISPLAY_NAME = "kuma.io/display-name";
export const NAMESPACE = "k8s.kuma.io/namespace";

/** What `kuma-dp` runs, on Kubernetes one for a pod. */
export const PROXIES: ReadonlySet<string> = new Set(["Dataplane", "ZoneIngress", "ZoneEgress"]);

/** The name under which it was written, whatever a copy of it is called. */
export function writtenName({ name, labels = {} }: Resource): string {
  const namespace = labels[NAMESPACE];
  const suffix = namespace === undefined ? "" : `.${namespace}`;
  return labels[DISPLAY_NAME] ?? (suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name);
}

/**
 * Everything in which two records differ. What is missing under its name, and is there under another one that says what
 * it was called, counts as renamed; the fields of the two are compared as well.
 */
export function differences(before: ZoneRecord, after: ZoneRecord): Difference[] {
  const [old, now] = [byKey(before), byKey(after)];
  const arrived = groupedByWrittenName([...now].flatMap(([key, each]) => (old.has(key) ? [] : [each])));
  const found: Difference[] = [];
  const paired = new Set<Resource>();
  for (const [key, resource] of old) {
    const same = now.get(key);
    const twin = same ? undefined : takeTwin(resource, arrived);
    const there = same ?? twin;
    if (!there) found.push({ kind: "gone", key, before: resource });
    if (twin) found.push({ kind: "renamed", key, before: resource, after: twin });
    if (!there) continue;
    paired.add(there);
    for (const field of fieldsThatDiffer(resource, there, Boolean(twin))) {
      found.push({ kind: "changed", key, before: resource, after: there, ...field });
    }
  }
  for (const [key, resource] of now) {
    if (!paired.has(resource)) found.push({ kind: "new", key, after: resource });
  }
  return found;
}

function groupedByWrittenName(resources: readonly Resource[]): Map<string, Resource[]> {
  const groups = new Map<string, Resource[]>();
  for (const resource of resources) {
    const key = keyOf({ ...resource, name: writtenName(resource) });
    groups.set(key, [...(groups.get(key) ?? []), resource]);
  }
  return groups;
}

/** Of those that say that they were called like this one, the one that is most like it. */
function takeTwin(resource: Resource, arrived: Map<string, Resource[]>): Resource | undefined {
  const candidates = arrived.get(keyOf({ ...resource, name: writtenName(resource) })) ?? [];
  const twin = candidates.find((each) => hasSameBody(resource, each)) ?? candidates[0];
  if (twin) candidates.splice(candidates.indexOf(twin), 1);
  return twin;
}

/** The same in every field, but for what is put together from others. */
export function isSameResource({ kri: _a, ...a }: Resource, { kri: _b, ...b }: Resource): boolean {
  return isDeepStrictEqual(a, b);
}

export function hasSameBody(a: Resource, b: Resource): boolean {
  const bodyOf = ({ name: _name, labels: _labels, kri: _kri, ...body }: Resource) => body;
  return isDeepStrictEqual(bodyOf(a), bodyOf(b));
}

interface FieldDifference {
  path: readonly string[];
  was: unknown;
  is: unknown;
}

function fieldsThatDiffer(before: Resource, after: Resource, isRenamed: boolean): FieldDifference[] {
  const all = innermost({ labels: {}, ...before }, { labels: {}, ...after }, []);
  return isRenamed ? all.filter(({ path }) => path[0] !== "name" || path.length > 1) : all;
}

function innermost(was: unknown, is: unknown, path: readonly string[]): FieldDifference[] {
  if (isDeepStrictEqual(was, is)) return [];
  const isObject = (value: unknown): value is Record<string, unknown> =>
    value !== null && typeof value === "object";
  if (!isObject(was) || !isObject(is) || Array.isArray(was) !== Array.isArray(is)) return [{ path, was, is }];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .sort()
    .flatMap((field) => innermost(was[field], is[field], [...path, field]));
}

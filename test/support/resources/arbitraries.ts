import * as fc from "fast-check";
import { Resource, ResourceKey } from "../../../kuma";

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,14}$/);

/** Names as Kuma takes them, those of before among them. */
export const names = fc.oneof(word, fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,60}$/), fc.constant("a_b-.c"));

export const keys: fc.Arbitrary<ResourceKey> = fc.oneof(
  fc.record({ type: fc.constantFrom("Secret", "TrafficRoute", "MeshTimeout"), mesh: word, name: names }),
  fc.record({
    type: fc.constantFrom("Mesh", "GlobalSecret", "HostnameGenerator"),
    name: fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,60}$/),
  }),
);

/** As it comes out of `JSON.parse`; without `__proto__`, which is a name like any other only there. */
export function asJson<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return arbitrary
    .map((value) => JSON.stringify(value))
    .filter((text) => !text.includes("__proto__"))
    .map((text) => JSON.parse(text) as T);
}

const values = fc.jsonValue({ maxDepth: 3 });

/** Fields that only a user writes. */
export const userFields = fc.dictionary(
  fc.constantFrom("spec", "conf", "mtls", "sources", "data", "selectors", "größe"),
  values,
);

/** Labels that only a user writes; some look much like those of a control plane. */
export const userLabels = fc.dictionary(
  fc.oneof(
    fc.constantFrom("team", "kuma.io/service", "kuma.io/zones", "kuma.io/effect", "example.com/kuma.io/zone"),
    word,
  ),
  fc.string(),
);

/** As on Kubernetes, where more is computed than elsewhere; no two resources of one zone have one display name there. */
const serverLabels = fc
  .dictionary(
    fc.constantFrom("kuma.io/zone", "kuma.io/mesh", "kuma.io/policy-role", "k8s.kuma.io/namespace"),
    word,
  )
  .map((labels) => ({ ...labels, "kuma.io/origin": "zone", "kuma.io/env": "kubernetes" }));
const serverFields = fc.dictionary(
  fc.constantFrom("creationTime", "modificationTime", "kri", "status"),
  values,
);

/** As a user would write it. */
export const written: fc.Arbitrary<Resource> = asJson(
  fc.tuple(keys, userFields, userLabels).map(([key, fields, labels]) => ({
    ...fields,
    ...key,
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
  })),
);

/** What a control plane adds to a resource. */
export const additions = asJson(fc.record({ labels: serverLabels, fields: serverFields }));

export function withAdditions(
  resource: Resource,
  { labels, fields }: { labels: Record<string, string>; fields: Record<string, unknown> },
): Resource {
  const computed = { ...labels, "kuma.io/display-name": resource.name };
  return { ...resource, ...fields, labels: { ...computed, ...resource.labels } };
}

/** The same value with the keys of every object in the opposite order. */
export function reversedKeys<T>(value: T): T {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(reversedKeys) as T;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, inner]) => [key, reversedKeys(inner)])) as T;
}

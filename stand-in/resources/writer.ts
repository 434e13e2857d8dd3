import type { Labels, Resource, ResourceRef } from "./model";

export interface NewResource extends ResourceRef {
  labels?: Labels;
  owner?: ResourceRef;
  body: Record<string, unknown>;
}

export function newResource(fields: NewResource): Resource {
  const now = new Date().toISOString();
  return { ...fields, labels: fields.labels ?? {}, creationTime: now, modificationTime: now };
}

export function changedResource(
  current: Resource,
  changes: Partial<Pick<Resource, "labels" | "body">>,
): Resource {
  return { ...current, ...changes, modificationTime: new Date().toISOString() };
}

/** Secrets that a control plane makes itself carry no labels. */
export function newSecret(
  ref: { mesh: string; name: string },
  content: string,
  owner?: ResourceRef,
): Resource {
  return newResource({
    type: ref.mesh === "" ? "GlobalSecret" : "Secret",
    ...ref,
    ...(owner ? { owner } : {}),
    body: { data: Buffer.from(content, "utf8").toString("base64") },
  });
}

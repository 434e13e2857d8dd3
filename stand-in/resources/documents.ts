import { ApiError, ValidationError, type Violation } from "../errors";
import { withCanonicalDurations } from "./durations";
import { kriOf } from "./kri";
import { LABEL, type Labels, type Resource } from "./model";
import { snisOf } from "./snis";
import type { ResourceType } from "./types";
import type { DocumentMeta } from "./validation";

/** What a client sends: the metadata that counts, and the rest. */
export interface Document {
  meta: DocumentMeta;
  body: Record<string, unknown>;
}

/** Fields that the control plane sets; sent back by a client they are ignored. */
const METADATA_FIELDS = new Set([
  "type",
  "mesh",
  "name",
  "labels",
  "creationTime",
  "modificationTime",
  "kri",
  "snis",
  "version",
]);

/** Source: Kuma v2.14.3 pkg/core/resources/model/rest/unmarshaller.go; the words of syntax errors are Node's. */
export function parseDocument(type: ResourceType, text: string): Document {
  const invalid = (reason: string): ApiError =>
    new ApiError(400, "Bad Request", `invalid ${type.name} object: "${reason}"`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(text.trim() === "" ? "unexpected end of JSON input" : (error as Error).message);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("json: cannot unmarshal it into Go value of type v1alpha1.ResourceMeta");
  }
  const fields = value as Record<string, unknown>;
  const labels = labelsOf(fields.labels, invalid);
  if (type.hasSpec) {
    requireSchema(type, fields);
  }
  const body = bodyOf(type, fields);
  requireBase64(type, body, invalid);
  return {
    meta: { type: asText(fields.type), mesh: asText(fields.mesh), name: asText(fields.name), labels },
    body,
  };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function labelsOf(value: unknown, invalid: (reason: string) => ApiError): Labels {
  if (value === undefined || value === null) {
    return {};
  }
  if (typeof value !== "object" || Object.values(value).some((label) => typeof label !== "string")) {
    throw invalid("json: cannot unmarshal labels into Go value of type map[string]string");
  }
  return { ...(value as Labels) };
}

/** The newer types are checked against a schema first; of it only the outermost level is known here. */
function requireSchema(type: ResourceType, fields: Record<string, unknown>): void {
  const violations: Violation[] = [];
  if (fields.type === undefined) {
    violations.push({ field: "", reason: ".type in body is required" });
  } else if (fields.type !== type.name) {
    violations.push({ field: "", reason: `type in body should be one of [${type.name}]` });
  }
  if (fields.name === undefined) {
    violations.push({ field: "", reason: ".name in body is required" });
  }
  if (typeof fields.spec !== "object" || fields.spec === null) {
    violations.push({ field: "", reason: ".spec in body is required" });
  }
  if (violations.length > 0) {
    throw new ValidationError(violations);
  }
}

function bodyOf(type: ResourceType, fields: Record<string, unknown>): Record<string, unknown> {
  if (type.hasSpec) {
    // A status is never taken from a client: every type that has one starts with an empty one.
    const spec = withCanonicalDurations(fields.spec);
    return type.hasStatus ? { spec, status: {} } : { spec };
  }
  return Object.fromEntries(Object.entries(fields).filter(([field]) => !METADATA_FIELDS.has(field)));
}

function requireBase64(
  type: ResourceType,
  body: Record<string, unknown>,
  invalid: (reason: string) => ApiError,
): void {
  if (type.name !== "Secret" && type.name !== "GlobalSecret") {
    return;
  }
  const data = asText(body.data);
  const wrong = data.search(/[^A-Za-z0-9+/=\r\n]/);
  if (wrong !== -1 || data.replace(/[\r\n]/g, "").length % 4 !== 0) {
    throw invalid(`illegal base64 data at input byte ${wrong === -1 ? data.length : wrong}`);
  }
}

/** A resource as `GET` shows it. */
export function toDocument(type: ResourceType, resource: Resource): Record<string, unknown> {
  return { ...metadata(type, resource, type.name), ...resource.body };
}

/**
 * A resource together with what is reported on it. An item without a report shows an empty one, a list shows none.
 */
export function toOverview(
  type: ResourceType,
  resource: Resource,
  insight: Readonly<Record<string, unknown>> | undefined,
): Record<string, unknown> {
  const traits = type.insight!;
  return {
    ...metadata(type, resource, traits.overviewType),
    [traits.field]: resource.body,
    ...(insight ? { [traits.insightField]: insight } : {}),
  };
}

function metadata(type: ResourceType, resource: Resource, typeName: string): Record<string, unknown> {
  const kri = kriOf(type, resource);
  const snis = snisOf(type, resource);
  return {
    type: typeName,
    ...(resource.mesh === "" ? {} : { mesh: resource.mesh }),
    name: resource.name,
    creationTime: resource.creationTime,
    modificationTime: resource.modificationTime,
    ...(Object.keys(resource.labels).length > 0 ? { labels: resource.labels } : {}),
    ...(kri === undefined ? {} : { kri }),
    ...(snis === undefined ? {} : { snis }),
  };
}

/** Kinds that are objects of a namespace on Kubernetes, besides all that have a spec. */
const NAMESPACED = new Set(["Dataplane", "ZoneIngress", "ZoneEgress", "Secret", "GlobalSecret"]);

/**
 * The object that the resource would be on Kubernetes. As on a real Universal control plane, no label but the
 * mesh's comes along.
 */
export function toKubernetes(
  type: ResourceType,
  resource: Resource,
  namespace: string,
): Record<string, unknown> {
  const meshLabel = resource.mesh !== "" && (type.hasSpec || type.name === "Secret");
  const objectMeta = {
    name: resource.name,
    ...(type.hasSpec || NAMESPACED.has(type.name) ? { namespace: namespace || "kuma-system" } : {}),
    creationTimestamp: resource.creationTime.replace(/\.\d+Z$/, "Z"),
    ...(meshLabel ? { labels: { [LABEL.mesh]: resource.mesh } } : {}),
  };
  if (type.name === "Secret" || type.name === "GlobalSecret") {
    return {
      kind: "Secret",
      apiVersion: "v1",
      metadata: objectMeta,
      data: { value: resource.body.data },
      type: type.name === "Secret" ? "system.kuma.io/secret" : "system.kuma.io/global-secret",
    };
  }
  return {
    kind: type.name,
    apiVersion: "kuma.io/v1alpha1",
    metadata: objectMeta,
    ...(type.hasSpec
      ? resource.body
      : { ...(resource.mesh ? { mesh: resource.mesh } : {}), spec: resource.body }),
  };
}

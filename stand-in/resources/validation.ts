import type { Mode } from "../config";
import type { Violation } from "../errors";
import { LABEL, type Labels } from "./model";
import type { ResourceType } from "./types";

export interface ValidationContext {
  mode: Mode;
  federatedZone: boolean;
  zoneName: string;
}

export interface DocumentMeta {
  type: string;
  mesh: string;
  name: string;
  labels: Labels;
}

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const NAME_MESSAGE =
  "invalid characters. A lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, " +
  "'-' or '.', and must start and end with an alphanumeric character";
const MESH_NAME = /^[0-9a-z.\-_]*$/;
const MESH_NAME_MESSAGE =
  "invalid characters. Valid characters are numbers, lowercase latin letters and '-', '_' symbols.";

/**
 * What the REST API checks of a written document besides its spec.
 * Source: Kuma v2.14.3 pkg/api-server/resource_endpoints.go, validateResourceRequest.
 */
export function validateRequest(
  type: ResourceType,
  url: { mesh: string; name: string },
  document: DocumentMeta,
  context: ValidationContext,
): Violation[] {
  const violations: Violation[] = [];
  const add = (field: string, reason: string): void => void violations.push({ field, reason });
  if (document.name !== url.name) {
    add("name", "name from the URL has to be the same as in body");
  }
  // A federated zone's resource must fit a global one that puts the zone's name before it.
  if (context.federatedZone && `${context.zoneName}.${url.name}`.length >= 253) {
    add("name", "the length of the name must be shorter");
  }
  if (document.type !== type.name) {
    add("type", "type from the URL has to be the same as in body");
  }
  if (type.scope === "Mesh" && document.mesh !== url.mesh) {
    add("mesh", "mesh from the URL has to be the same as in body");
  }
  violations.push(...validateLabels(type, document, context));
  violations.push(...validateIdentifier("name", document.name, NAME, NAME_MESSAGE));
  if (type.scope === "Mesh") {
    violations.push(...validateIdentifier("mesh", document.mesh, MESH_NAME, MESH_NAME_MESSAGE));
  }
  return violations;
}

function validateIdentifier(field: string, value: string, pattern: RegExp, message: string): Violation[] {
  if (value === "") {
    return [{ field, reason: "cannot be empty" }];
  }
  if (value.length > 253) {
    return [{ field, reason: "value length must less or equal 253" }];
  }
  return pattern.test(value) ? [] : [{ field, reason: message }];
}

/**
 * Who may write what: a global control plane only what is its own, a federated zone only what is the zone's.
 * Source: Kuma v2.14.3 pkg/api-server/resource_endpoints.go, validateOriginForWrite.
 */
export function originReason(
  type: ResourceType,
  labels: Readonly<Record<string, string>>,
  context: ValidationContext,
): string | undefined {
  const origin = labels[LABEL.origin] ?? "";
  if (context.mode === "global" && origin !== "" && origin !== "global") {
    return "the origin label must be set to 'global'";
  }
  if (context.federatedZone && type.hasSpec && origin !== "zone") {
    return "the origin label must be set to 'zone'";
  }
  return undefined;
}

function labelField(label: string): string {
  return `labels["${label}"]`;
}

function validateLabels(type: ResourceType, document: DocumentMeta, context: ValidationContext): Violation[] {
  const violations: Violation[] = [];
  const add = (label: string, reason: string): void =>
    void violations.push({ field: labelField(label), reason });
  const { labels } = document;
  const origin = labels[LABEL.origin] ?? "";
  if (origin !== "" && origin !== "zone" && origin !== "global") {
    add(LABEL.origin, `unknown resource origin "${origin}"`);
  }
  const reason = originReason(type, labels, context);
  if (reason) {
    add(LABEL.origin, reason);
  }
  if (context.mode === "zone" && origin !== "global") {
    if (LABEL.zone in labels && labels[LABEL.zone] !== context.zoneName) {
      add(LABEL.zone, `${LABEL.zone} label should have ${context.zoneName} value`);
    }
    if (LABEL.mesh in labels && labels[LABEL.mesh] !== document.mesh) {
      add(LABEL.mesh, `${LABEL.mesh} label must not differ from mesh set on resource`);
    }
  }
  for (const label of Object.keys(labels).sort()) {
    labelKeyProblems(label).forEach((problem) => add(label, problem));
    labelValueProblems(labels[label]).forEach((problem) => add(label, problem));
  }
  return violations;
}

/** Source: k8s.io/apimachinery v0.36 pkg/util/validation, IsQualifiedName. */
function labelKeyProblems(label: string): string[] {
  const parts = label.split("/");
  const name = parts.at(-1)!;
  if (parts.length > 2) {
    return ["a valid label key must consist of an optional DNS subdomain prefix, '/' and a name"];
  }
  const problems: string[] = [];
  if (parts.length === 2 && !(NAME.test(parts[0]) && parts[0].length <= 253)) {
    problems.push(
      "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'",
    );
  }
  if (name === "") {
    problems.push("name part must be non-empty");
  } else if (name.length > 63) {
    problems.push("name part must be no more than 63 bytes");
  }
  if (!/^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(name)) {
    problems.push(
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
        "alphanumeric character (e.g. 'MyName', or 'my.name', or '123-abc', regex used for validation is " +
        "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    );
  }
  return problems;
}

/** Source: k8s.io/apimachinery v0.36 pkg/util/validation, IsValidLabelValue. */
function labelValueProblems(value: string): string[] {
  const problems: string[] = [];
  if (value.length > 63) {
    problems.push("must be no more than 63 bytes");
  }
  if (!/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value)) {
    problems.push(
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start " +
        "and end with an alphanumeric character (e.g. 'MyValue', or 'my_value', or '12345', regex used for validation " +
        "is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    );
  }
  return problems;
}

/**
 * Labels that a resource keeps for life.
 * Source: Kuma v2.14.3 pkg/api-server/resource_endpoints.go, validateImmutableLabels.
 */
export function immutableLabelViolations(
  current: Readonly<Record<string, string>>,
  next: Readonly<Record<string, string>>,
): Violation[] {
  const violations: Violation[] = [];
  for (const label of [LABEL.origin, LABEL.zone, LABEL.displayName]) {
    if (!(label in current) || current[label] === next[label]) {
      continue;
    }
    violations.push({
      field: labelField(label),
      reason:
        label in next
          ? `is immutable, cannot be changed from "${current[label]}" to "${next[label]}"`
          : `is immutable, cannot be removed (was "${current[label]}")`,
    });
  }
  return violations;
}

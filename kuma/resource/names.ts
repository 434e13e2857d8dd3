import { KumaError } from "../errors";

/**
 * Names of resources and meshes by Kuma's rules (v2.14.3, pkg/core/resources/apis/mesh/meta_validator.go): those of
 * today, and the older one, which resources of before may have. A zone on Kubernetes shows `<name>.<namespace>`.
 */
const NAME = /^[0-9a-z._-]+$/;
const LONGEST_NAME = 253 + ".".length + 63;

export function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= LONGEST_NAME && NAME.test(value) && !isDots(value);
}

/** As all types of Kuma and Kong Mesh are called. */
export function isTypeName(value: unknown): value is string {
  return typeof value === "string" && /^[A-Z][A-Za-z0-9]{0,99}$/.test(value);
}

/** The one segment of the address under which a type is served. */
export function isTypePath(value: unknown): value is string {
  return typeof value === "string" && value.length <= 100 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(value);
}

/**
 * The path of an address. Each value stays one segment of it: a name such as `..` would lead to what lies above, and with
 * DELETE that is a whole mesh, or a whole namespace.
 */
export function urlPath(parts: TemplateStringsArray, ...segments: string[]): string {
  return parts.reduce((path, part, index) => `${path}${segment(segments[index - 1])}${part}`);
}

function segment(value: string): string {
  // half a character cannot be encoded
  const isSegment = value !== "" && !isDots(value) && !/\p{Cs}/u.test(value);
  // a plus stands for itself in a path (RFC 3986, section 3.3), and Kuma has some such as dataplanes+insights
  if (isSegment) return encodeURIComponent(value).replaceAll("%2B", "+");
  throw new KumaError("invalid", `${JSON.stringify(value)} is no name, so nothing was sent.`);
}

function isDots(value: string): boolean {
  return value === "." || value === "..";
}

/** Whether a server, or something before it, would take another path for this one. */
export function isFolded(path: string): boolean {
  const [segments] = path.split(/[?#]/, 1);
  return /\/(\/|\.{1,2}(\/|$)|%2e)/i.test(segments) || /\\/.test(segments);
}

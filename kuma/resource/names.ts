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

/** What a zone may be called: any DNS name, capitals too (Kuma v2.14.3, pkg/config/multizone/multicluster.go). */
export function isZoneName(value: unknown): value is string {
  return typeof value === "string" && isName(value.toLowerCase()) && /^[\x21-\x7e]+$/.test(value);
}

/**
 * What a zone that is to be federated may be called, a DNS label: a global cannot keep capitals in a cluster, and Kuma 3 runs under no
 * other name (kumahq/kuma 12988).
 */
export const FEDERATED_ZONE_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
export const FEDERATED_ZONE_NAME_IN_WORDS = "1 to 63 lower-case letters, digits and dashes (a DNS label)";

/** What to do with a zone that is called otherwise than its stack says. */
export function zoneNameAdvice(current: string): string {
  return FEDERATED_ZONE_NAME.test(current)
    ? `set the zone's name to ${JSON.stringify(current)}`
    : `give its control plane a name of ${FEDERATED_ZONE_NAME_IN_WORDS} first, as a zone can be federated under no other (KUMA_MULTIZONE_ZONE_NAME, with Helm controlPlane.zone), ` +
        `write again what carries the old one, and name it so`;
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

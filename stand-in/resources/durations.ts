/**
 * Fields of policies that hold a duration. A real control plane shows them in one form, whatever was written: `1h`
 * comes back as `1h0m0s`. Clients that compare what they wrote with what is there meet that, and so should they here.
 * Source: Kuma v2.14.3 pkg/plugins/policies, fields of type k8s.Duration.
 */
const DURATION_FIELDS = new Set([
  "baseEjectionTime",
  "baseInterval",
  "connectionTimeout",
  "expiry",
  "idleTimeout",
  "initialJitter",
  "interval",
  "intervalJitter",
  "maxConnectionDuration",
  "maxInterval",
  "maxStreamDuration",
  "noTrafficInterval",
  "perTryTimeout",
  "refreshInterval",
  "requestHeadersTimeout",
  "requestTimeout",
  "streamIdleTimeout",
  "timeout",
  "ttl",
]);

const UNIT_SECONDS: Record<string, number> = { ms: 1e-3, s: 1, m: 60, h: 3600 };

export function withCanonicalDurations<T>(value: T): T {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => withCanonicalDurations(item)) as T;
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).map(([field, inner]: [string, unknown]) => [
    field,
    DURATION_FIELDS.has(field) && typeof inner === "string"
      ? canonicalDuration(inner)
      : withCanonicalDurations(inner),
  ]);
  return Object.fromEntries(entries) as T;
}

/** As Go prints a duration: `1h0m0s`, `1m30s`, `1.5s`, `250ms`. What is no duration stays as it is. */
export function canonicalDuration(text: string): string {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) {
    return text;
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const seconds = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNIT_SECONDS[unit], 0);
  if (seconds > 0 && seconds < 1) {
    return `${rounded(seconds * 1000)}ms`;
  }
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = rounded(seconds - hours * 3600 - minutes * 60);
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${rest}s`;
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

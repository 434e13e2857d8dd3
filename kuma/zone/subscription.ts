import { objectsIn, valueAt } from "../api/json";

/** How things stand between a control plane and what connects with it, by the insight that it keeps of that. */
export interface Connection {
  /** The last subscription has begun and not ended (Kuma v2.14.3, IsOnline of ZoneInsight and DataplaneInsight). */
  isOpen: boolean;
  /** The last subscription, where there is one. */
  last?: Record<string, unknown>;
}

export function connectionIn(insight: unknown): Connection {
  const last = objectsIn(valueAt(insight, "subscriptions")).at(-1);
  return {
    isOpen: typeof last?.connectTime === "string" && (last.disconnectTime ?? undefined) === undefined,
    last,
  };
}

/** A moment as a control plane tells it (RFC 3339); undefined where it is none. */
export function momentIn(value: unknown): string | undefined {
  return typeof value === "string" && value.length < 64 && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;
}

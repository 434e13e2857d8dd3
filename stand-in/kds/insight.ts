import { randomUUID } from "node:crypto";

import type { Resource } from "../resources/model";
import type { Store } from "../resources/store";
import { changedResource, newResource } from "../resources/writer";
import { KUMA_VERSION } from "../version";

/** Kuma keeps ten subscriptions of a zone (`metrics.zone.subscriptionLimit`). */
const SUBSCRIPTION_LIMIT = 10;

interface Counts {
  sent: number;
  acknowledged: number;
  rejected: number;
}

interface Subscription {
  id: string;
  connectTime: string;
  disconnectTime?: string;
}

export interface ZoneHello {
  zone: string;
  instanceId: string;
  version: string;
  config: string;
  /** What a zone shows to Konnect. */
  konnect?: { token: string; controlPlaneId: string };
}

/** A zone is online when its latest subscription has not ended. */
export function isOnline(insight: Resource | undefined): boolean {
  const subscription = subscriptionsOf(insight).at(-1);
  return subscription !== undefined && subscription.disconnectTime === undefined;
}

function subscriptionsOf(insight: Resource | undefined): Subscription[] {
  return (insight?.body.subscriptions ?? []) as Subscription[];
}

/** After a crash of the global control plane no connection is open, whatever its store says. */
export function endAllSubscriptions(store: Store): void {
  for (const insight of store.list("ZoneInsight")) {
    if (isOnline(insight)) {
      const disconnectTime = new Date().toISOString();
      const subscriptions = subscriptionsOf(insight).map((subscription) => ({
        disconnectTime,
        ...subscription,
      }));
      store.put(changedResource(insight, { body: { ...insight.body, subscriptions } }));
    }
  }
}

/**
 * What a global control plane records of one connection of a zone: shown at most every `delayMs`, and at once when
 * the connection ends. Source: Kuma v2.14.3 pkg/kds/status.
 */
export class SubscriptionRecorder {
  private readonly id = randomUUID();
  private readonly connectTime = new Date().toISOString();
  private readonly counts = new Map<string, Counts>();
  private lastUpdateTime = this.connectTime;
  private disconnectTime: string | undefined;
  private readonly timer: NodeJS.Timeout;
  private flushed = "";

  constructor(
    private readonly store: Store,
    private readonly hello: ZoneHello,
    private readonly globalInstanceId: string,
    delayMs: number,
  ) {
    this.timer = setInterval(() => this.flush(), Math.max(delayMs, 1));
  }

  sent(type: string): void {
    this.count(type).sent++;
  }

  answered(type: string, rejected: boolean): void {
    const counts = this.count(type);
    if (rejected) {
      counts.rejected++;
    } else {
      counts.acknowledged++;
    }
  }

  end(): void {
    clearInterval(this.timer);
    this.disconnectTime = new Date().toISOString();
    this.flush();
  }

  private count(type: string): Counts {
    this.lastUpdateTime = new Date().toISOString();
    let counts = this.counts.get(type);
    if (!counts) {
      counts = { sent: 0, acknowledged: 0, rejected: 0 };
      this.counts.set(type, counts);
    }
    return counts;
  }

  private flush(): void {
    const zone = this.store.get("Zone", { mesh: "", name: this.hello.zone });
    const subscription = this.subscription();
    const text = JSON.stringify(subscription);
    // The Zone may have been deleted meanwhile: then there is nothing to report on.
    if (!zone || text === this.flushed) {
      return;
    }
    this.flushed = text;
    const insight = this.store.get("ZoneInsight", { mesh: "", name: this.hello.zone });
    const others = subscriptionsOf(insight).filter(({ id }) => id !== this.id);
    const body = { subscriptions: [...others, subscription].slice(-SUBSCRIPTION_LIMIT), ...this.streams() };
    this.store.put(
      insight
        ? changedResource(insight, { body })
        : newResource({ type: "ZoneInsight", mesh: "", name: this.hello.zone, owner: zone, body }),
    );
  }

  private subscription(): Subscription & Record<string, unknown> {
    const types = [...this.counts.keys()].sort();
    const total = types.reduce<Counts>(
      (sum, type) => {
        const { sent, acknowledged, rejected } = this.counts.get(type)!;
        return {
          sent: sum.sent + sent,
          acknowledged: sum.acknowledged + acknowledged,
          rejected: sum.rejected + rejected,
        };
      },
      { sent: 0, acknowledged: 0, rejected: 0 },
    );
    return {
      id: this.id,
      globalInstanceId: this.globalInstanceId,
      connectTime: this.connectTime,
      ...(this.disconnectTime ? { disconnectTime: this.disconnectTime } : {}),
      status: {
        lastUpdateTime: this.lastUpdateTime,
        total: shown(total),
        stat: Object.fromEntries(types.map((type) => [type, shown(this.counts.get(type)!)])),
      },
      version: {
        kumaCp: {
          version: this.hello.version,
          gitTag: `v${this.hello.version}`,
          gitCommit: "unknown",
          buildDate: "unknown",
          kumaCpGlobalCompatible: this.hello.version === KUMA_VERSION,
        },
      },
      config: this.hello.config,
      zoneInstanceId: this.hello.instanceId,
    };
  }

  private streams(): Record<string, unknown> {
    const stream = { globalInstanceId: this.globalInstanceId, connectTime: this.connectTime };
    return {
      healthCheck: { time: this.connectTime },
      kdsStreams: { globalToZone: stream, zoneToGlobal: stream },
    };
  }
}

/** As the JSON form of protobuf has it: 64-bit numbers are strings, and zeros are left out. */
function shown(counts: Counts): Record<string, string> {
  return {
    ...(counts.sent > 0 ? { responsesSent: String(counts.sent) } : {}),
    ...(counts.acknowledged > 0 ? { responsesAcknowledged: String(counts.acknowledged) } : {}),
    ...(counts.rejected > 0 ? { responsesRejected: String(counts.rejected) } : {}),
  };
}

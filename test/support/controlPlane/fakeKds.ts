import { Resource, asGlobals, keyOf, sameContent, userKey } from "../../../kuma";
import { FakeControlPlane } from "./fakeControlPlane";

/** A policy as a zone has its own. */
export function inZone(policy: Resource, labels: Record<string, string> = {}): Resource {
  const own = { "kuma.io/origin": "zone", "kuma.io/zone": "zone-1" };
  return { ...policy, labels: { ...own, ...policy.labels, ...labels } };
}

/**
 * What KDS does between two fakes: the global's policies come to the zone as copies with a hash in their names, one
 * change after another, at a pace that the test gives.
 */
export class FakeKds {
  constructor(
    private readonly global: FakeControlPlane,
    private readonly zone: FakeControlPlane,
  ) {
    for (const side of [global, zone]) side.fail(() => this.onRequest(), {}, Infinity);
  }

  private pace: () => number = () => 0;

  /** From now on so many changes reach the zone before each request to either side is answered. */
  run(pace: () => number): void {
    this.pace = pace;
  }

  /** Everything reaches the zone now, and from now on at once. */
  everything(): void {
    while (this.step());
    this.run(() => Infinity);
  }

  private onRequest(): boolean {
    for (let left = this.pace(); left > 0 && this.step(); left--);
    return false;
  }

  /** One change; false when there is none to make. */
  private step(): boolean {
    const wanted = [...this.global.store.values()].filter(({ type }) => type !== "Zone").map(copyOf);
    const keys = new Set(wanted.map(keyOf));
    const store = this.zone.store;
    const change = wanted.find((copy) => {
      const there = store.get(keyOf(copy));
      return !there || !sameContent(there, copy);
    });
    if (change) {
      this.zone.add(change);
      return true;
    }
    const gone = [...store.values()].find(
      (each) => each.labels?.["kuma.io/origin"] === "global" && !keys.has(keyOf(each)),
    );
    return gone !== undefined && store.delete(keyOf(gone));
  }
}

function copyOf(policy: Resource): Resource {
  const { name } = userKey(policy);
  const labels = { ...policy.labels, "kuma.io/origin": "global", "kuma.io/display-name": name };
  return { ...asGlobals(policy), name: `${name}-5xv2dzb7w9c4f6x8`, labels };
}

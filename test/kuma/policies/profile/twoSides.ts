import {
  ControlPlane,
  EarlierZone,
  GiveBack,
  Manifest,
  OnConflict,
  Resource,
  ResourceType,
  giveBack,
  handOver,
  planPolicies,
} from "../../../../kuma";
import { FakeControlPlane, clientOf } from "../../../support/controlPlane/fakeControlPlane";
import { FakeKds } from "../../../support/controlPlane/fakeKds";
import { UNIVERSAL_TYPES, typeNamed } from "../../../support/resources/types";
import { DEADLINE_MS } from "../../../support/until";

export const QUICK = { deadlineMs: DEADLINE_MS, intervalMs: 1 };
/** One look, where what is waited for never comes. */
export const AT_ONCE = { deadlineMs: 0, intervalMs: 1 };

export function timeout(name: string, more: Record<string, unknown> = {}): Resource {
  const spec = { targetRef: { kind: "Mesh" }, to: [{ targetRef: { kind: "Mesh" }, default: { name } }] };
  return { type: "MeshTimeout", mesh: "default", name, spec, ...more };
}

/** One that names others, by kind and name. */
export const naming = (name: string, ...named: [kind: string, name: string][]): Resource =>
  timeout(name, {
    spec: { to: named.map(([kind, each]) => ({ targetRef: { kind, name: each } })) },
  });

export const route = (name: string, more: Record<string, unknown> = {}): Resource => ({
  type: "MeshHTTPRoute",
  mesh: "default",
  name,
  spec: {},
  ...more,
});

const TYPES: readonly ResourceType[] = [
  ...UNIVERSAL_TYPES,
  { ...typeNamed("MeshTimeout"), name: "MeshHTTPRoute", path: "meshhttproutes" },
];

/** A zone, and its global, to which it is connected: KDS does what a test lets it do. */
export class TwoSides {
  readonly kds: FakeKds;

  private constructor(
    readonly zone: FakeControlPlane,
    readonly global: FakeControlPlane,
  ) {
    this.kds = new FakeKds(global, zone);
  }

  static async start(): Promise<TwoSides> {
    const zone = await FakeControlPlane.start({ types: TYPES, config: zoneConfig("grpcs://g:5685") });
    return new TwoSides(zone, await FakeControlPlane.start({ types: TYPES }));
  }

  get sides() {
    return {
      zoneName: "zone-1",
      zone: clientOf(this.zone, FEW),
      global: clientOf(this.global, FEW),
    };
  }

  plan(onConflict: OnConflict = "fail", known: Manifest = {}, earlier?: EarlierZone[]) {
    return planPolicies({ ...this.sides, onConflict, earlier }, known);
  }

  move(policies: readonly Resource[], before: Manifest = {}, more: object = {}, wait = QUICK) {
    const args = { policies, before, onConflict: "fail", onDrift: "repairMissing", ...more } as const;
    return handOver(this.sides, args, wait);
  }

  back(policies: readonly Resource[], more: Partial<GiveBack> = {}, wait = QUICK) {
    return giveBack(this.sides, { policies, added: [], leaveOnGlobal: false, ...more }, wait);
  }

  /** What the zone has as its own. */
  get own(): Resource[] {
    return [...this.zone.store.values()].filter(({ labels }) => labels?.["kuma.io/origin"] === "zone");
  }

  get writes(): string[] {
    return [...this.zone.writes, ...this.global.writes];
  }
}

export const zoneConfig = (globalAddress: string) => ({
  mode: "zone",
  multizone: { zone: { name: "zone-1", globalAddress } },
});

/** A run that has ended asks no second time. */
const FEW: Partial<ControlPlane["address"]> = { attempts: 1 };

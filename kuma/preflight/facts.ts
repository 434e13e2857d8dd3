import type { ControlPlane } from "../api/client";
import { EarlierZone, expectedOnGlobal, withRivals, writtenBy } from "../federation/earlier";
import { KumaError, isKumaError } from "../errors";
import { adminToken } from "../federation/export";
import type { Federation } from "../federation/federation";
import { KnownTypes } from "../api/knownTypes";
import { otherZones } from "../konnect/admission";
import { exportFor, readAll } from "../konnect/recipient";
import { Plan, planFederation, planForNewGlobal, wantedOnGlobal } from "../federation/plan";
import { certificatesIn } from "../multizone/ends";
import { LookedAt, ZoneOnGlobal, multiZoneOf, readZonesOf } from "../multizone/world";
import { Resource, keyOf } from "../resource/resource";
import { federatedTo, zoneNames, zoneState } from "../zone/zone";
import type { Vantage } from "../api/vantage";
import { dial } from "./dial";
import { NotYet } from "./notYet";

/** Everything that a global holds. */
export interface OnGlobal {
  resources: readonly Resource[];
  byKey: ReadonlyMap<string, Resource>;
  types: KnownTypes;
}

/**
 * What the checks look at. Each fact is read once, when the first one asks for it; a read that failed fails for
 * everyone who asks. Nothing here writes.
 */
export class Facts {
  readonly zoneInfo = once(() => this.federation.zone.info());
  readonly zoneConfig = once(() => this.federation.zone.config());
  readonly exported = once(() => exportFor({ ...this.federation, hosted: this.isHosted }));

  readonly globalInfo = once(() => this.global.info());
  readonly globalConfig = once(() => this.ofGlobal((global) => global.config()));
  /** Names of the zones that the global knows; of Konnect's those beside this one. */
  readonly globalZones = once(() =>
    this.ofGlobal((global) => (this.isHosted ? otherZones(global, this.zoneName) : zoneNames(global))),
  );
  readonly zoneOnGlobal = once(() => this.ofGlobal((global) => zoneState(global, this.zoneName)));

  constructor(readonly federation: Federation) {}

  get zoneName(): string {
    return this.federation.zoneName;
  }

  /** The global is one in Konnect, which may still have to be made. */
  get isHosted(): boolean {
    const { hosted, global } = this.federation;
    return hosted === true || global?.hosted !== undefined;
  }

  /** Throws `NotYet` as long as there is no global. */
  get global(): ControlPlane {
    if (this.globalIfMade) return this.globalIfMade;
    throw new NotYet();
  }

  /** Undefined as long as there is no global. Fails where there is one, and it is stopped. */
  get globalIfMade(): ControlPlane | undefined {
    const { global, globalIsStopped } = this.federation;
    if (global || !globalIsStopped) return global;
    throw new KumaError(
      "unreachable",
      "The global control plane is stopped and was not started. npm run up starts it, and checks both sides before it writes anything.",
    );
  }

  /** Zones of the stack that join before this one, and have not joined yet. */
  get earlier(): readonly EarlierZone[] {
    return this.federation.earlier ?? [];
  }

  /** The global, with the zone's admin token as well: an earlier run may have got as far as the signing keys. */
  readonly openGlobal = once(async (): Promise<ControlPlane> => {
    const { global } = this;
    const exported = await this.exported().catch(() => undefined);
    const token = exported && adminToken(exported.carried);
    if (token !== undefined) global.offerToken(token);
    return global;
  });

  /** Reads both sides at the same time; only a global that refuses the tokens at hand waits for the zone's. */
  private async ofGlobal<T>(read: (global: ControlPlane) => Promise<T>): Promise<T> {
    const { global } = this;
    const before = global.tokensAtHand.length;
    try {
      return await read(global);
    } catch (error) {
      if (!isKumaError(error, "unauthenticated", "forbidden")) throw error;
      await this.openGlobal();
      if (global.tokensAtHand.length === before) throw error;
      return read(global);
    }
  }

  readonly onGlobal = once(async (): Promise<OnGlobal> => {
    const { resources, types } = await this.ofGlobal(readAll);
    return { resources, types, byKey: new Map(resources.map((resource) => [keyOf(resource), resource])) };
  });

  /** What the global holds: nothing as long as it is still to be made. */
  readonly held = once(async (): Promise<Pick<OnGlobal, "resources" | "byKey">> => {
    return this.globalIfMade ? this.onGlobal() : { resources: [], byKey: new Map() };
  });

  /** What would be written; on a global that is yet to be made, everything that no other zone brings before. */
  readonly plan = once(async (): Promise<Plan> => {
    const { carried, kept } = await this.exported();
    const { earlier, zoneName } = this;
    const { onConflict } = this.federation;
    if (!this.globalIfMade && earlier.length === 0) return planForNewGlobal(carried);
    const { byKey } = await this.held();
    const expected = expectedOnGlobal(byKey, earlier);
    const copies = earlier.flatMap((each) => each.kept);
    const proxies = [...byKey.values(), ...copies].filter(({ type }) => type === "Dataplane");
    const meshesInUse = new Set(proxies.flatMap(({ mesh }) => mesh ?? []));
    const identities = [...kept, ...copies, ...expected.values()].filter(
      ({ type }) => type === "MeshIdentity",
    );
    const zones = await this.zonesThen();
    const brought = new Set(writtenBy(earlier).map(({ key }) => key));
    const options = { onConflict, zones, meshesInUse, identities, brought };
    const plan = planFederation(carried, expected, options);
    return withRivals(plan, zoneName, byKey, earlier);
  });

  /** Names of the zones that the global is to know when this one joins. */
  readonly zonesThen = once(async () => {
    const known = this.globalIfMade ? await this.globalZones() : [];
    return [...new Set([...known, ...this.earlier.map(({ zoneName }) => zoneName)])];
  });

  /** The mesh over its zones as it is without this zone, and as it is to be with it. */
  readonly acrossZones = once(async (): Promise<{ before: LookedAt; after: LookedAt }> => {
    const { earlier, zoneName, globalIfMade: global } = this;
    const expected = expectedOnGlobal((await this.held()).byKey, earlier);
    const others = (await this.zonesThen()).filter((name) => name !== zoneName);
    const zone = (name: string, version?: string): ZoneOnGlobal => {
      return { name, version, enabled: true, online: true, synced: [], instances: [] };
    };
    const known = global && !this.isHosted ? await this.ofGlobal(readZonesOf) : [];
    const zones = others.map((name) => known.find((each) => each.name === name) ?? zone(name));
    const ofOthers = earlier.map(({ zoneName: name, kept }) => ({ zone: name, resources: kept }));
    const shared = (resources: readonly Resource[]) => [{ zone: "", resources }, ...ofOthers];
    const wanted = new Map([...expected, ...wantedOnGlobal(await this.plan()).map(withKey)]);
    const own = { zone: zoneName, resources: (await this.exported()).kept };
    const joining = zone(zoneName, (await this.zoneInfo()).version);
    const globalVersion = global && (await this.globalInfo()).version;
    const lookedAt = (on: readonly ZoneOnGlobal[], held: Parameters<typeof multiZoneOf>[1]): LookedAt => {
      const world = multiZoneOf(on, held);
      const now = new Date().toISOString();
      return { ...world, globalVersion, ends: certificatesIn(world.resources), now };
    };
    return {
      before: lookedAt(zones, shared([...expected.values()])),
      after: lookedAt([...zones, joining], [...shared([...wanted.values()]), own]),
    };
  });

  /** The zone's own machine, where this program reaches it. */
  get vantage(): Vantage | undefined {
    return this.federation.zone.vantage;
  }

  /** What is dialled is dialled from where the zone will do so. */
  get dialsAsZone(): boolean {
    return this.federation.zoneRunsHere === true || this.vantage !== undefined;
  }

  /** The KDS server, dialled as the zone will. */
  readonly kds = once(() => {
    const { kdsAddress, kdsCa } = this.federation;
    if (!this.globalIfMade || kdsAddress === undefined || kdsCa === undefined) throw new NotYet();
    return dial(kdsAddress, kdsCa, this.vantage);
  });

  /** Whether the zone dials the global that the stack names. */
  readonly joined = once(async (): Promise<boolean> => {
    const { kdsAddress, formerKdsAddress } = this.federation;
    const config = await this.zoneConfig();
    const current = federatedTo(config);
    if (current === undefined || ![kdsAddress ?? current, formerKdsAddress].includes(current)) return false;
    // every control plane of a region in Konnect has the same address
    const [hostedBy, wanted] = [config.konnectControlPlaneId, this.federation.global?.hosted?.controlPlaneId];
    return hostedBy === undefined || wanted === undefined || hostedBy === wanted;
  });
}

function withKey(resource: Resource): [string, Resource] {
  return [keyOf(resource), resource];
}

function once<T>(read: () => Promise<T> | T): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= (async () => read())());
}

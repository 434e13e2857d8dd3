import { Plan, PlannedResource, Rival, isWrite } from "./plan";
import { Resource, sameContent } from "../resource/resource";

/** A zone of the same stack that joins before another one, and has not joined yet. */
export interface EarlierZone {
  zoneName: string;
  /** What it is to bring; undefined where it could not be looked at. */
  plan: Plan | undefined;
  /** What stays its own, and is copied to the global once it has joined. */
  kept: readonly Resource[];
}

/** What a global is to hold when a zone joins: what it holds now, and what the zones before it bring. */
export function expectedOnGlobal(
  onGlobal: ReadonlyMap<string, Resource>,
  earlier: readonly EarlierZone[],
): Map<string, Resource> {
  return new Map([...onGlobal, ...writtenBy(earlier).map(({ key, resource }) => [key, resource] as const)]);
}

export function writtenBy(earlier: readonly EarlierZone[]): PlannedResource[] {
  return earlier.flatMap(({ plan }) => plan?.resources ?? []).filter(isWrite);
}

/** The same plan, where what differs between zones names each zone that brings it with other content. */
export function withRivals(
  { resources }: Plan,
  zoneName: string,
  onGlobal: ReadonlyMap<string, Resource>,
  earlier: readonly EarlierZone[],
): Plan {
  const plans = earlier.map(({ zoneName: zone, plan }) => ({
    zone,
    byKey: new Map((plan?.resources ?? []).map((planned) => [planned.key, planned])),
  }));
  return {
    resources: resources.map((planned): PlannedResource => {
      const there = onGlobal.get(planned.key);
      const isRival = (other: PlannedResource) =>
        // what gives way to the global's is nobody's rival, and what is the global's is told as that
        other.action !== "keepGlobal" &&
        !(there && sameContent(other.resource, there)) &&
        !sameContent(other.resource, planned.resource);
      const rivals: Rival[] = [];
      for (const { zone, byKey } of plans) {
        const other = byKey.get(planned.key);
        if (!other || !isRival(other)) continue;
        const known = rivals.find(({ resource }) => sameContent(resource, other.resource));
        if (known) known.zones.push(zone);
        else rivals.push({ zones: [zone], resource: other.resource });
      }
      return rivals.length === 0 ? planned : { ...planned, zone: zoneName, rivals };
    }),
  };
}

/** Names of the zones that bring other content of the given resources. */
export function rivalsOf(resources: readonly PlannedResource[]): string[] {
  return [...new Set(resources.flatMap(({ rivals = [] }) => rivals.flatMap(({ zones }) => zones)))];
}

/**
 * What Kuma's guide "Multi-zone deployment" says of failures, as data: its words, and what can be measured of each. The guide is
 * https://kuma.io/docs/2.14.x/production/deployment/multi-zone/, "Failure modes" and "Disable a zone".
 */

export const DRILLS = ["global-down", "zone-down", "link-down", "zones-apart", "disable-zone"] as const;
export type DrillName = (typeof DRILLS)[number];

/** What is tried while the failure lasts; each comes out as it was expected, or not, or could not be tried. */
export const MEASURES = {
  callsInZone: "calls in the zone",
  callsAcross: "calls across zones",
  proxyJoins: "a new proxy joins in the zone",
  policyTaken: "the global takes a policy",
  policyArrives: "a policy of the global's arrives in the zone",
  policyElsewhere: "it arrives in the other zones",
  changeReachesGlobal: "a policy of the zone's reaches the global",
  ingressElsewhere: "other zones have the zone's ingress",
} as const;
export type Measure = keyof typeof MEASURES;

export interface Promised {
  /** The words of its source. */
  says: string;
  measure?: Measure;
  /** How the measure comes out where the promise is kept; left out where both are in keeping with it. */
  expected?: boolean;
  /** Where it says so; the guide when left out. */
  source?: string;
}

export interface Drill {
  /** The heading of the guide. */
  heading: string;
  promises: readonly Promised[];
}

const TRAFFIC = "both local and cross-zone application traffic is not impacted by this failure case";
const FILTER = "Kuma v2.14.3, pkg/kds/context/context.go";

export const PROMISES: Readonly<Record<DrillName, Drill>> = {
  "global-down": {
    heading: "Global control plane offline",
    promises: [
      { says: "Policy updates will be impossible", measure: "policyTaken", expected: false },
      { says: "Change in service list between zones will not propagate" },
      { says: "You won't be able to disable or delete a zone", measure: "policyTaken", expected: false },
      { says: TRAFFIC, measure: "callsInZone", expected: true },
      { says: TRAFFIC, measure: "callsAcross", expected: true },
      {
        says: "Data plane proxy changes will be propagated within their zones",
        measure: "proxyJoins",
        expected: true,
      },
    ],
  },
  "zone-down": {
    heading: "Zone control plane offline",
    promises: [
      {
        says: "New data plane proxies won't be able to join the mesh",
        measure: "proxyJoins",
        expected: false,
      },
      {
        says: "Data plane proxy configuration will not be updated",
        measure: "policyArrives",
        expected: false,
      },
      {
        says: "Communication between data plane proxies will still work",
        measure: "callsInZone",
        expected: true,
      },
      { says: "Cross zone communication will still work", measure: "callsAcross", expected: true },
      { says: "Other zones are unaffected", measure: "policyElsewhere", expected: true },
    ],
  },
  "link-down": {
    heading: "Communication between Global and Zone control plane failing",
    promises: [
      {
        says: "Operations inside the zone will happen correctly (data plane proxies can join, leave and all configuration will be updated and sent correctly)",
        measure: "proxyJoins",
        expected: true,
      },
      {
        says: "Policy changes will not be propagated to the zone control plane",
        measure: "policyArrives",
        expected: false,
      },
      {
        says: "ZoneIngress, ZoneEgress and Dataplane changes will not be propagated to the global control plane",
        measure: "changeReachesGlobal",
        expected: false,
      },
      { says: "Global control plane will not send changes from other zone ingress to the zone" },
      { says: TRAFFIC, measure: "callsInZone", expected: true },
      { says: TRAFFIC, measure: "callsAcross", expected: true },
    ],
  },
  "zones-apart": {
    heading: "Communication between 2 zones failing",
    promises: [
      {
        says: "Communication and operation within each zone is unaffected",
        measure: "callsInZone",
        expected: true,
      },
      {
        says: "Communication and operation within each zone is unaffected",
        measure: "proxyJoins",
        expected: true,
      },
      {
        says: "Communication and operation within each zone is unaffected",
        measure: "policyArrives",
        expected: true,
      },
      { says: "Communication across each zone will fail", measure: "callsAcross", expected: false },
    ],
  },
  "disable-zone": {
    heading: "Disable a zone",
    promises: [
      {
        says: "the zone's ingress from zone-1 will be deleted from other zone",
        measure: "ingressElsewhere",
        expected: false,
      },
      { says: "traffic won't be routed to it anymore", measure: "callsAcross" },
      {
        says: "the zone goes on getting what the global has (the guide: the global will stop exchanging configuration with it)",
        measure: "policyArrives",
        expected: true,
        source: FILTER,
      },
      { says: "calls within the zone go on", measure: "callsInZone", expected: true, source: FILTER },
    ],
  },
};

export function isDrill(word: string): word is DrillName {
  return (DRILLS as readonly string[]).includes(word);
}

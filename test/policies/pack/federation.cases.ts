import { type Cases, UNKNOWN, VALUE, federation, globalRelease, zoneRelease } from "./support";

const PROD = { stack: "prod" };
const carries = (props: object, more?: object) =>
  federation("FederatedResources", { zoneName: "zone-1", ...props }, more);
const rule = (resources: string, choice: string, more: object = {}) => ({ resources, choice, ...more });
const alone = (zoneName: string) => federation("HostZone", { zoneName });
const of = (zoneName: string, url = "https://global") => carries({ zoneName, global: { url } });

export const FEDERATION: Cases = {
  "conflicts-named": {
    breaks: [
      [carries({ onConflict: "overwrite" })],
      [
        carries({
          onConflict: [rule("Mesh default", "keepGlobal"), rule("MeshTimeout default/*", "overwrite")],
        }),
      ],
      [federation("PolicyHandover", { onConflict: "overwrite" })],
    ],
    keeps: [
      [carries({ onConflict: "fail" })],
      [carries({ onConflict: "keepGlobal" })],
      [carries({ onConflict: [rule("Mesh default", "overwrite"), rule("*", "keepGlobal")] })],
      [federation("GlobalWayBack", { onConflict: "overwrite" })],
    ],
    unknown: [[carries({ onConflict: UNKNOWN })], [carries({ onConflict: [rule(UNKNOWN, "overwrite")] })]],
  },
  "mtls-not-ended": {
    breaks: [[carries({ onConflict: [rule("Mesh default", "keepGlobal", { endsMtls: true })] })]],
    keeps: [
      [carries({ onConflict: [rule("Mesh default", "keepGlobal", { endsMtls: false })] })],
      [carries({ onConflict: "overwrite" })],
    ],
    unknown: [[carries({ onConflict: UNKNOWN })]],
  },
  "undo-keeps-on-global": {
    breaks: [[federation("GlobalWayBack", { onUndo: "removeFromGlobal" }, PROD)]],
    keeps: [
      [federation("GlobalWayBack", { onUndo: "keepOnGlobal" }, PROD)],
      [federation("GlobalWayBack", { onUndo: "removeFromGlobal" })],
    ],
    unknown: [[federation("GlobalWayBack", { onUndo: UNKNOWN }, PROD)]],
  },
  "failed-switch-taken-back": {
    breaks: [[federation("UniversalZoneFederation", { onFailedSwitch: "leave" }, PROD)]],
    keeps: [
      [federation("UniversalZoneFederation", { onFailedSwitch: "leave" })],
      [federation("KubernetesZoneFederation", { onFailedSwitch: "takeBack" }, PROD)],
    ],
    unknown: [[federation("KubernetesZoneFederation", { onFailedSwitch: UNKNOWN }, PROD)]],
  },
  "protected-in-production": {
    breaks: [[carries({}, PROD)], [globalRelease({}, {}, PROD)]],
    keeps: [
      [carries({})],
      [carries({}, { ...PROD, protect: true })],
      [globalRelease({}, {}, { ...PROD, protect: true })],
      [zoneRelease({}, {}, {}, PROD)],
    ],
    unknown: [[globalRelease({ mode: UNKNOWN }, {}, PROD)]],
  },
  "zones-federated": {
    breaks: [
      [alone("zone-1"), alone("zone-2")],
      [alone("zone-1"), federation("StandaloneZone", { name: "zone-2" }), of("zone-3"), alone("zone-3")],
    ],
    keeps: [[alone("zone-1")], [alone("zone-1"), alone("zone-2"), of("zone-2")], [of("zone-1")]],
    unknown: [[alone("zone-1"), alone(UNKNOWN)]],
    settings: [
      { config: { most: 0 }, breaks: [alone("zone-1")] },
      { config: { most: 2 }, keeps: [alone("zone-1"), alone("zone-2")] },
    ],
  },
  "zone-name-valid": {
    breaks: [
      [of(`Zone_${VALUE}`)],
      [federation("ZoneRegistration", { zoneName: "1-zone" })],
      [of("z".repeat(64))],
      [zoneRelease({ zone: `${VALUE}.` })],
    ],
    keeps: [[of("zone-1")], [of("z")], [of("z".repeat(63))], [zoneRelease({})], [globalRelease({})]],
    unknown: [[of(UNKNOWN)], [zoneRelease({ zone: UNKNOWN })]],
  },
  "zone-names-once": {
    breaks: [
      [of("zone-1"), of("zone-1")],
      [
        of("zone-1"),
        federation("ZoneRegistration", { zoneName: "zone-1", global: { url: "https://global" } }),
      ],
    ],
    keeps: [
      [of("zone-1"), of("zone-2")],
      [of("zone-1"), of("zone-1", "https://other")],
    ],
    unknown: [[of("zone-1"), of(UNKNOWN)]],
  },
};

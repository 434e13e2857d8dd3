import type { ConflictRule } from "../../../kuma";
import { type OfProduction, OF_PRODUCTION, type ResourceRule, type StackRule, isInStack } from "../rule";
import { at, chartReleaseIn, federated } from "../seen";

/** The resource that carries a zone's part to its global: one a zone. */
const CARRIES = "FederatedResources";

function rulesFor(onConflict: unknown): ConflictRule[] {
  return Array.isArray(onConflict) ? (onConflict as ConflictRule[]) : [];
}

export const conflictsNamed: ResourceRule = {
  name: "conflicts-named",
  holds: "Only a rule that names a resource overwrites what the global has.",
  why:
    "What the global has is in force in all zones that have joined it: one zone's content would take its place in each " +
    "of them, also for what somebody adds later ([docs/preflight.md](preflight.md#conflicts)).",
  remedy: "Leave `onConflict` at `fail` and add a rule for each resource that preflight names.",
  *violations(resource) {
    const onConflict = federated(resource, CARRIES, "PolicyHandover")?.onConflict;
    if (onConflict === "overwrite") yield "Whatever the global has with other content is overwritten.";
    const wide = rulesFor(onConflict).some(
      (each) => each.choice === "overwrite" && each.resources.includes("*"),
    );
    if (wide) yield "A rule for conflicts overwrites by a wildcard.";
  },
};

export const mtlsNotEnded: ResourceRule = {
  name: "mtls-not-ended",
  holds: "No rule for conflicts lets the mTLS of a mesh end.",
  why:
    "The calls of all its proxies are no longer encrypted, and no permission holds any more (kumahq/kuma#18331, #11498; " +
    "[docs/preflight.md](preflight.md#conflicts)).",
  remedy:
    "Give the side without mTLS the authority of the other one first, and take `endsMtls` out of the rule.",
  *violations(resource) {
    const rules = rulesFor(federated(resource, CARRIES)?.onConflict);
    if (rules.some(({ endsMtls }) => endsMtls === true)) yield "A rule for conflicts has `endsMtls`.";
  },
};

export const undoKeepsOnGlobal: ResourceRule<OfProduction> = {
  name: "undo-keeps-on-global",
  holds: "In production what a zone brought stays on the global when it leaves.",
  why:
    "Other zones may have come to rely on it; a mesh that goes from the global is deleted in every zone " +
    "([docs/undo.md](undo.md#what-the-zone-brought)).",
  remedy: "Leave `onUndo` at `keepOnGlobal`, and delete on the global by hand what nobody uses.",
  config: OF_PRODUCTION,
  *violations(resource, config) {
    const onUndo = isInStack(resource, config) && federated(resource, "GlobalWayBack")?.onUndo;
    if (onUndo === "removeFromGlobal")
      yield "What the zone brought is taken off the global when the zone leaves.";
  },
};

export const failedSwitchTakenBack: ResourceRule<OfProduction> = {
  name: "failed-switch-taken-back",
  holds: "In production a zone whose switch fails is taken back.",
  why: "Left as it is, its control plane serves no proxy that starts ([docs/failures.md](failures.md#a-switch-that-fails)).",
  remedy: "Leave `onFailedSwitch` at `takeBack`.",
  config: OF_PRODUCTION,
  *violations(resource, config) {
    const choice =
      isInStack(resource, config) &&
      federated(resource, "UniversalZoneFederation", "KubernetesZoneFederation")?.onFailedSwitch;
    if (choice === "leave") yield "A zone that cannot become a member is left as it is.";
  },
};

export const protectedInProduction: ResourceRule<OfProduction> = {
  name: "protected-in-production",
  holds: "In production what carries a zone, and the release of a global, are protected.",
  why:
    "Without its resource a zone leaves its global, and calls across zones end; a provider that is replaced takes the release with it " +
    "(pulumi/pulumi-kubernetes#4019).",
  remedy: "Set `protect: true` in the stack's file; in a program of your own give the component that option.",
  config: OF_PRODUCTION,
  *violations(resource, config) {
    if (!isInStack(resource, config) || resource.opts.protect) return;
    if (federated(resource, CARRIES)) yield "What carries the zone to its global is not protected.";
    else if (chartReleaseIn(resource)?.isGlobal) yield "The release of the global is not protected.";
  },
};

/** Of zones that are in use: each has one of these, whether it is federated or not. */
const EXISTING = ["StandaloneZone", "KubernetesRelease", "HostZone"];

export const zonesFederated: StackRule<{ most: number }> = {
  name: "zones-federated",
  holds: "At most one zone of a stack runs alone.",
  why:
    "`federated: false` has a zone leave its global, and ends its calls across zones. For several zones at once that is an " +
    "outage rather than maintenance (kumahq/kuma#5575, #10261).",
  remedy: "Let zones leave one after the other, each with an `up` of its own.",
  config: {
    schema: {
      properties: {
        most: { type: "integer", minimum: 0, default: 1, description: "how many may run alone" },
      },
    },
    defaults: { most: 1 },
  },
  *stackViolations(resources, { most }) {
    const zoneOf = (props: Record<string, unknown>) => String(props.zoneName ?? props.name);
    const named = (...types: string[]) =>
      resources.flatMap((each) => {
        const props = federated(each, ...types);
        return props ? [{ urn: each.urn, zone: zoneOf(props) }] : [];
      });
    const members = new Set(named(CARRIES).map(({ zone }) => zone));
    const alone = named(...EXISTING).filter(({ zone }) => !members.has(zone));
    if (alone.length > most)
      yield { sentence: `${alone.length} zones of the stack are not federated.`, urn: alone[0].urn };
  },
};

/** By RFC 1035, as Kubernetes has it. */
const LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

export const zoneNameValid: ResourceRule = {
  name: "zone-name-valid",
  holds: "The name of a zone is a label of RFC 1035.",
  why: "A zone with another name does not start from Kuma 3.0 on, and a rename is a new zone (kumahq/kuma#18026, #13838).",
  remedy:
    "Use small letters, digits and dashes, a letter first, 63 at most. Choose the name before the first `up`.",
  *violations(resource) {
    const { zoneName } = federated(resource, CARRIES, "ZoneRegistration") ?? {};
    if (typeof zoneName === "string" && !LABEL.test(zoneName))
      yield "The zone has a name that is none of RFC 1035.";
    const release = chartReleaseIn(resource);
    const zone = release && !release.isGlobal && at(release.values, "controlPlane.zone");
    if (typeof zone === "string" && zone !== "" && !LABEL.test(zone))
      yield "The value controlPlane.zone is no name of RFC 1035.";
  },
};

export const zoneNamesOnce: StackRule = {
  name: "zone-names-once",
  holds: "A global has each zone once.",
  why: "For the global they are one zone: it takes what either sends for that zone's (own).",
  remedy: "Give each zone a name of its own.",
  *stackViolations(resources) {
    const seen = new Set<string>();
    for (const each of resources) {
      const props = federated(each, CARRIES, "ZoneRegistration");
      if (!props) continue;
      const key = JSON.stringify([props.zoneName, at(props.global, "url")]);
      if (seen.has(key))
        yield { sentence: "Another zone of the stack joins the same global by this name.", urn: each.urn };
      seen.add(key);
    }
  },
};

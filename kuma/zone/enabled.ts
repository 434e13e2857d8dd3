import { ControlPlane } from "../api/client";
import { KumaError } from "../errors";
import { Resource, sanitize } from "../resource/resource";
import { until } from "../until";
import { ZONE_TYPE } from "./zone";

/** Milliseconds for a global to tell what it was told. One in a cluster reads its own writes from a cache. */
const DEADLINE_MS = 30_000;

/**
 * Whether a global gives other zones what a zone has: its Zone says so with `enabled`, true where it is left out (Kuma
 * v2.14.3, api/system/v1alpha1/zone_helpers.go). Undefined where the global has no Zone of that name.
 */
export async function isZoneEnabled(global: ControlPlane, name: string): Promise<boolean | undefined> {
  const zone = await zoneOf(global, name);
  return zone && zone.enabled !== false;
}

/**
 * Has a global give other zones what a zone has, or have them forget it: its services, and its zone ingress (Kuma v2.14.3,
 * pkg/kds/context/context.go, GlobalProvidedFilter). The zone itself goes on getting what the global has. Nothing is written
 * where that is so. Gives whether something was. Fails with "notFound" where the global does not know the zone.
 */
export async function setZoneEnabled(global: ControlPlane, name: string, enabled: boolean): Promise<boolean> {
  const zone = await zoneOf(global, name);
  if (!zone)
    throw new KumaError(
      "notFound",
      `The global control plane knows no zone ${name}, so that it can be neither enabled nor disabled there. Nothing was changed. Look whether the zone has joined (kumactl inspect zones).`,
    );
  if ((zone.enabled !== false) === enabled) return false;
  await write(global, zone, enabled);
  return true;
}

/**
 * Until when other zones are to know nothing of a zone: calls to what they have too go there meanwhile. As the value of a label of a
 * Zone that is disabled for that, and not by somebody who wants it so.
 */
export type Withheld = "until-it-serves" | "until-it-has-left";

const WITHHELD_LABEL = "kuma-federation/disabled";

/**
 * Has other zones know nothing of a zone, for a while where it is said until when. One that is yet to join gets its Zone by that, but
 * in Konnect, where only a zone that connects makes it. Gives whether something was written.
 */
export async function withhold(global: ControlPlane, name: string, until?: Withheld): Promise<boolean> {
  const zone = await zoneOf(global, name);
  if (zone ? zone.enabled === false : until === "until-it-has-left" || global.hosted !== undefined)
    return false;
  const asked: Resource = zone ?? { type: "Zone", name };
  const labels = { ...asked.labels, ...(until && { [WITHHELD_LABEL]: until }) };
  await write(global, Object.keys(labels).length > 0 ? { ...asked, labels } : asked, false);
  return true;
}

/** Gives other zones what was withheld from them for that reason. Gives whether something was written. */
export async function giveAgain(global: ControlPlane, name: string, until: Withheld): Promise<boolean> {
  const zone = await zoneOf(global, name);
  if (!zone || withheldIn(zone) !== until) return false;
  await write(global, zone, true);
  return true;
}

/** For what a zone is disabled, where that is for a while. */
export async function isWithheld(global: ControlPlane, name: string): Promise<Withheld | undefined> {
  return (await disabledZones(global)).get(name);
}

function withheldIn({ enabled, labels }: Resource): Withheld | undefined {
  return enabled === false ? (labels?.[WITHHELD_LABEL] as Withheld | undefined) : undefined;
}

function zoneOf(global: ControlPlane, name: string): Promise<Resource | undefined> {
  return global.get(ZONE_TYPE, { type: "Zone", name });
}

async function write(global: ControlPlane, zone: Resource, enabled: boolean): Promise<void> {
  const { name } = zone;
  const { [WITHHELD_LABEL]: withheld, ...labels } = zone.labels ?? {};
  // whoever enables it: if somebody disables it after that, it is not for a while
  const asked = enabled && withheld !== undefined ? { ...zone, labels } : zone;
  // in a cluster the field is the control plane's, which has made the Zone when it connected (seen with Kuma 2.14.3)
  const wanted = { ...sanitize(asked, global.environment), enabled };
  await global.put(ZONE_TYPE, wanted, { overwrite: true });
  await until(() => isZoneEnabled(global, name), {
    deadlineMs: DEADLINE_MS,
    everyMs: 500,
    signal: global.address.signal,
    isThere: (now) => now === enabled,
    onTimeout: () =>
      new KumaError(
        "gate",
        `The global control plane took that zone ${name} is ${enabled ? "enabled" : "disabled"}, and does not show it after ${DEADLINE_MS / 1000} s. Something else may write its Zone. Look at it there, then run it again.`,
      ),
  });
}

/** The zones that are disabled on a global, by name; with what for, where that is for a while. */
export async function disabledZones(global: ControlPlane): Promise<Map<string, Withheld | undefined>> {
  const disabled = (await global.list(ZONE_TYPE)).filter(({ enabled }) => enabled === false);
  return new Map(disabled.map((zone) => [zone.name, withheldIn(zone)]));
}

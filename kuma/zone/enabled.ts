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

/** Of a Zone that was disabled because its zone was to leave, and not by somebody who wants it so. */
const LEAVES_LABEL = "kuma-federation/leaves";

/** Has other zones forget a zone that is about to leave. Gives whether something was written. */
export async function disableLeaving(global: ControlPlane, name: string): Promise<boolean> {
  const zone = await zoneOf(global, name);
  if (!zone || zone.enabled === false) return false;
  await write(global, { ...zone, labels: { ...zone.labels, [LEAVES_LABEL]: "true" } }, false);
  return true;
}

/** Gives other zones again what they were to forget, of a zone that stays after all. Gives whether something was written. */
export async function enableStaying(global: ControlPlane, name: string): Promise<boolean> {
  const zone = await zoneOf(global, name);
  if (!zone || !isToldToLeave(zone)) return false;
  await write(global, zone, true);
  return true;
}

/** Whether other zones have forgotten a zone because it was to leave. */
export async function isDisabledToLeave(global: ControlPlane, name: string): Promise<boolean> {
  return (await global.list(ZONE_TYPE)).some((zone) => zone.name === name && isToldToLeave(zone));
}

function isToldToLeave({ enabled, labels }: Resource): boolean {
  return enabled === false && labels?.[LEAVES_LABEL] !== undefined;
}

function zoneOf(global: ControlPlane, name: string): Promise<Resource | undefined> {
  return global.get(ZONE_TYPE, { type: "Zone", name });
}

async function write(global: ControlPlane, zone: Resource, enabled: boolean): Promise<void> {
  const { name } = zone;
  const { [LEAVES_LABEL]: leaves, ...labels } = zone.labels ?? {};
  // whoever enables it: if somebody disables it after that, it is not because it leaves
  const asked = enabled && leaves !== undefined ? { ...zone, labels } : zone;
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

/** Names of the zones that are disabled on a global. */
export async function disabledZones(global: ControlPlane): Promise<string[]> {
  return (await global.list(ZONE_TYPE)).flatMap(({ name, enabled }) => (enabled === false ? [name] : []));
}

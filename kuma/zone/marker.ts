import { createHash } from "node:crypto";
import { ControlPlane } from "../api/client";
import { KumaError } from "../errors";
import type { Sides } from "../federation/federation";
import { Manifest } from "../federation/export";
import { valueAt } from "../api/json";
import { knownTypes } from "../api/knownTypes";
import { isOf } from "./ownership";
import {
  ORIGIN_LABEL,
  Resource,
  cameFromGlobal,
  canonicalJson,
  keyOf,
  parseKey,
  displayName,
} from "../resource/resource";
import { ResourceType } from "../api/resourceTypes";
import { until } from "../until";

/** Milliseconds for a marker to reach the other side, and as many for it to go again. Kuma's own interval is 1 s. */
const DEADLINE_MS = 60_000;
const LOOK_EVERY_MS = 500;

/** A type that every 2.x has, and that both sides may own. */
const TYPE = "MeshTimeout";
const EFFECT_LABEL = "kuma.io/effect";
const NAMED = "kuma-federation-marker-";

/** Whether this is some zone's marker: it comes and goes, and makes no difference between two sides. */
export function isAnyMarker(resource: Resource): boolean {
  const { type, labels } = resource;
  return type === TYPE && labels?.[EFFECT_LABEL] === "shadow" && displayName(resource).startsWith(NAMED);
}

/**
 * A policy that changes nothing: no proxy has the tag that it asks for, and its effect is that of a rehearsal (label
 * `kuma.io/effect`, Kuma's docs on the inspection of policies). Names are short, as they become a label.
 */
function markerOf(zoneName: string, mesh: string, occasion: string): Resource {
  const suffix = createHash("sha256").update(`${zoneName}${occasion}`).digest("hex").slice(0, 8);
  return {
    type: TYPE,
    mesh,
    name: `${NAMED}${suffix}`,
    labels: { [EFFECT_LABEL]: "shadow" },
    spec: {
      targetRef: { kind: "MeshSubset", tags: { "kuma-federation/marker": zoneName } },
      to: [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout: "5s" } }],
    },
  };
}

/** A marker on its way from one side to the other. */
export interface Travelling {
  /** Fails with "conflict" where something else has its name on the side where it is written. */
  assertFree(): Promise<void>;
  write(): Promise<void>;
  /** Whether the other side has it. */
  hasArrived(): Promise<boolean>;
  /** Deletes it where it was written, and nothing else of its name. */
  remove(): Promise<void>;
}

export interface Markers {
  /** What it is called, for messages. */
  key: string;
  fromGlobal: Travelling;
  fromZone: Travelling;
}

/**
 * What travels between a zone and its global for trying, nothing of which is written yet; or why none can.
 *
 * @param occasion tells markers apart that are there at the same time
 */
export async function markersBetween(
  { zone, global, zoneName }: Sides,
  mesh: string,
  occasion = "",
): Promise<Markers | string> {
  if (global.hosted) return "each policy counts in Konnect";
  // what one side says of its types is not for the other one
  const type = (await knownTypes(zone)).get(TYPE);
  const typeOnGlobal = (await knownTypes(global)).get(TYPE);
  if (type === undefined || typeOnGlobal === undefined) return `not both sides know ${TYPE}`;
  const marker = markerOf(zoneName, mesh, occasion);
  const ofZone = { ...marker, labels: { ...marker.labels, [ORIGIN_LABEL]: "zone" } };
  const isMarker = (each: Resource) => displayName(each) === marker.name;
  const travelling = (place: Place, hasArrived: () => Promise<boolean>): Travelling => ({
    assertFree: () => assertFree(place),
    write: () => place.controlPlane.put(place.type, place.marker),
    hasArrived,
    remove: () => remove(place),
  });
  return {
    key: keyOf(marker),
    fromGlobal: travelling({ controlPlane: global, type: typeOnGlobal, marker }, () =>
      has(zone, type, (each) => isMarker(each) && cameFromGlobal(each)),
    ),
    fromZone: travelling({ controlPlane: zone, type, marker: ofZone }, () =>
      has(global, typeOnGlobal, (each) => isMarker(each) && isOf(zoneName)(each)),
    ),
  };
}

/**
 * Shows that changes travel between a zone and its global, which a connection alone does not tell: writes a policy that
 * no proxy matches on each side, waits until the other side has it, removes both and waits until they are gone. A zone
 * without a mesh, and a global in Konnect, where each policy counts, are left alone. Fails with "gate".
 *
 * @returns why none was written; undefined where it has crossed both ways
 */
export async function exchangeMarkers(
  sides: Sides,
  manifest: Manifest,
  deadlineMs = DEADLINE_MS,
): Promise<string | undefined> {
  const mesh = Object.keys(manifest)
    .map(parseKey)
    .find(({ type }) => type === "Mesh")?.name;
  if (mesh === undefined) return "the zone has carried no mesh";
  const markers = await markersBetween(sides, mesh);
  if (typeof markers === "string") return markers;
  const { global, zoneName } = sides;
  const travelled = [
    { marker: markers.fromGlobal, from: `on the global`, to: `in zone ${zoneName}` },
    { marker: markers.fromZone, from: `in zone ${zoneName}`, to: `on the global` },
  ];
  const wait = async (wanted: boolean) => {
    for (const { from, to, marker } of travelled) {
      await until(marker.hasArrived, {
        deadlineMs,
        everyMs: LOOK_EVERY_MS,
        signal: global.address.signal,
        isThere: (seen) => seen === wanted,
        onTimeout: () =>
          new KumaError(
            "gate",
            `Zone ${zoneName} is connected and both sides are equal, but a policy that was ${wanted ? "written" : "deleted"} ${from} for trying (${markers.key}) ` +
              `${wanted ? "did not appear" : "is still"} ${to} after ${deadlineMs / 1000} s, so changes do not travel. Nothing is lost. ` +
              `The logs of both control planes tell why; run it again once that is fixed.`,
          ),
      });
    }
  };
  const both = travelled.map(({ marker }) => marker);
  await Promise.all(both.map((marker) => marker.assertFree()));
  try {
    await Promise.all(both.map((marker) => marker.write()));
    await wait(true);
  } finally {
    // also what an earlier run that was killed has left
    await Promise.all(both.map((marker) => marker.remove()));
  }
  await wait(false);
  return undefined;
}

interface Place {
  controlPlane: ControlPlane;
  type: ResourceType;
  marker: Resource;
}

/** What has the marker's name on this side, if it is no marker of this zone's. */
async function stranger({ controlPlane, type, marker }: Place): Promise<Resource | undefined> {
  const found = await controlPlane.get(type, marker);
  const isMarker =
    found?.labels?.[EFFECT_LABEL] === "shadow" &&
    canonicalJson(valueAt(found, "spec", "targetRef", "tags")) ===
      canonicalJson(valueAt(marker, "spec", "targetRef", "tags"));
  return isMarker ? undefined : found;
}

async function assertFree(place: Place): Promise<void> {
  if ((await stranger(place)) === undefined) return;
  throw new KumaError(
    "conflict",
    `${keyOf(place.marker)} is there on ${place.controlPlane.title} and is no marker of this program, so that none was written. ` +
      `Nothing was changed by this check. Delete or rename it, and run it again.`,
  );
}

/** Deletes the marker, and nothing else of its name. */
async function remove(place: Place): Promise<void> {
  if ((await stranger(place)) === undefined) await place.controlPlane.delete(place.type, place.marker);
}

async function has(
  controlPlane: ControlPlane,
  type: ResourceType,
  isWanted: (resource: Resource) => boolean,
): Promise<boolean> {
  return (await controlPlane.list(type)).some(isWanted);
}

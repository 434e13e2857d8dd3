import { createHash } from "node:crypto";
import { ControlPlane } from "../api/client";
import { KumaError } from "../errors";
import type { Sides } from "../federation/federation";
import { Manifest } from "../federation/export";
import { valueAt } from "../api/json";
import { knownTypes } from "../api/knownTypes";
import { cameFromGlobal, isOf } from "./ownership";
import {
  DISPLAY_NAME_LABEL,
  ORIGIN_LABEL,
  Resource,
  canonicalJson,
  keyOf,
  parseKey,
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
export function isAnyMarker({ type, name, labels }: Resource): boolean {
  return (
    type === TYPE &&
    labels?.[EFFECT_LABEL] === "shadow" &&
    (labels[DISPLAY_NAME_LABEL] ?? name).startsWith(NAMED)
  );
}

/**
 * A policy that changes nothing: no proxy has the tag that it asks for, and its effect is that of a rehearsal (label
 * `kuma.io/effect`, Kuma's docs on the inspection of policies). Names are short, as they become a label.
 */
function markerOf(zoneName: string, mesh: string): Resource {
  const suffix = createHash("sha256").update(zoneName).digest("hex").slice(0, 8);
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

/**
 * Shows that changes travel between a zone and its global, which a connection alone does not tell: writes a policy that
 * no proxy matches on each side, waits until the other side has it, removes both and waits until they are gone. A zone
 * without a mesh, and a global in Konnect, where each policy counts, are left alone. Fails with "gate".
 *
 * @returns why none was written; undefined where it has crossed both ways
 */
export async function exchangeMarkers(
  { zone, global, zoneName }: Sides,
  manifest: Manifest,
  deadlineMs = DEADLINE_MS,
): Promise<string | undefined> {
  const mesh = Object.keys(manifest)
    .map(parseKey)
    .find(({ type }) => type === "Mesh")?.name;
  if (mesh === undefined) return "the zone has carried no mesh";
  if (global.hosted) return "each policy counts in Konnect";
  // what one side says of its types is not for the other one
  const type = (await knownTypes(zone)).get(TYPE);
  const typeOnGlobal = (await knownTypes(global)).get(TYPE);
  if (type === undefined || typeOnGlobal === undefined) return `not both sides know ${TYPE}`;
  const marker = markerOf(zoneName, mesh);
  const ofZone = { ...marker, labels: { ...marker.labels, [ORIGIN_LABEL]: "zone" } };
  const isMarker = ({ name, labels }: Resource) => (labels?.[DISPLAY_NAME_LABEL] ?? name) === marker.name;
  const travelled = [
    {
      from: `on the global`,
      to: `in zone ${zoneName}`,
      isThere: () => has(zone, type, (each) => isMarker(each) && cameFromGlobal(each)),
    },
    {
      from: `in zone ${zoneName}`,
      to: `on the global`,
      isThere: () => has(global, typeOnGlobal, (each) => isMarker(each) && isOf(zoneName)(each)),
    },
  ];
  const wait = async (wanted: boolean) => {
    for (const { from, to, isThere } of travelled) {
      await until(isThere, {
        deadlineMs,
        everyMs: LOOK_EVERY_MS,
        signal: global.address.signal,
        isThere: (seen) => seen === wanted,
        onTimeout: () =>
          new KumaError(
            "gate",
            `Zone ${zoneName} is connected and both sides are equal, but a policy that was ${wanted ? "written" : "deleted"} ${from} for trying (${keyOf(marker)}) ` +
              `${wanted ? "did not appear" : "is still"} ${to} after ${deadlineMs / 1000} s, so changes do not travel. Nothing is lost. ` +
              `The logs of both control planes tell why; run it again once that is fixed.`,
          ),
      });
    }
  };
  const places = [
    { controlPlane: global, type: typeOnGlobal, marker },
    { controlPlane: zone, type, marker: ofZone },
  ];
  await Promise.all(places.map(assertFree));
  try {
    await Promise.all(places.map((place) => place.controlPlane.put(place.type, place.marker)));
    await wait(true);
  } finally {
    // also what an earlier run that was killed has left
    await Promise.all(places.map(remove));
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

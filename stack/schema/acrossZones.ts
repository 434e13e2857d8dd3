import { databaseName } from "../../kuma/zone/database";
import { isObject } from "./fields";

/**
 * What is wrong between control planes of a stack that are each as they should be, as sentences. `stack` may have faults of
 * its own: what cannot be compared is passed over.
 */
export function acrossZones(stack: unknown): string[] {
  if (!isObject(stack)) return [];
  const zones = Array.isArray(stack.zones) ? stack.zones.filter(isObject) : [];
  const global = isObject(stack.global) ? stack.global : {};
  return [
    distinctNames(zones),
    unitsApart([global, ...zones]),
    databasesApart(zones),
    portsApart(global, zones),
    tokensOfOwnGlobal(global, zones),
  ].flat();
}

type Part = Record<string, unknown>;

function distinctNames(zones: Part[]): string[] {
  const names = zones.map(({ name }) => name).filter((name) => typeof name === "string");
  return twice(names).map(
    (name) => `Two zones have the name ${JSON.stringify(name)}; each zone needs its own.`,
  );
}

/** Two zones in one control plane would each be switched, and taken back, by the other; and a global is no zone. */
function unitsApart(controlPlanes: Part[]): string[] {
  const units = controlPlanes.flatMap(({ ssh, unit }) =>
    [ssh]
      .flat()
      .flatMap((each) =>
        isObject(each) && typeof each.host === "string" && typeof unit === "string"
          ? [`${unit} on ${each.host}`]
          : [],
      ),
  );
  return twice(units).map((name) => `Two control planes are given the unit ${name}; each has its own.`);
}

/** Two control planes on one database would overwrite each other's resources. */
function databasesApart(zones: Part[]): string[] {
  const databases = zones.flatMap(({ postgres }) => {
    if (!isObject(postgres)) return [];
    const { host, port, database, federatedDatabase } = postgres;
    if (typeof host !== "string" || typeof port !== "number") return [];
    // one zone's own two are compared within it
    const names = new Set([database, federatedDatabase].filter((name) => typeof name === "string"));
    return [...names].map((name) => databaseName({ host, port, name }));
  });
  return twice(databases).map((name) => `Two zones are given the ${name}; each needs two of its own.`);
}

/** A control plane takes ports up to its base + 85. */
function portsApart({ standIn, ...global }: Part, zones: Part[]): string[] {
  const running = [global, ...zones, ...(isObject(standIn) ? [standIn] : [])];
  const bases = running.map(({ portBase }) => portBase).filter((base) => typeof base === "number");
  const sorted = bases.sort((a, b) => a - b);
  const close = sorted.filter((base, index) => index > 0 && base - sorted[index - 1] < 20);
  return [...new Set(close)].map(
    (base) =>
      `Two settings portBase are closer than 20 to each other (near ${base}); control planes would share ports.`,
  );
}

function tokensOfOwnGlobal({ platform }: Part, zones: Part[]): string[] {
  if (platform !== "konnect") return [];
  return zones
    .filter(({ cpToken }) => isObject(cpToken))
    .map(
      ({ name }) =>
        `Zone ${String(name)} has the setting cpToken, and Konnect gives its zones their tokens itself; take it out.`,
    );
}

function twice(values: string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

import { ControlPlaneConfig, WrongAnswer, readConfig } from "../api/answers";
import { ControlPlane } from "../api/client";
import { capital } from "../printable";
import type { Sides } from "../federation/federation";
import { Database } from "./database";
import { KumaError, isKumaError } from "../errors";
import { objectIn, parseJson, valueAt } from "../api/json";
import { urlPath, zoneNameAdvice } from "../resource/names";
import { oneLine } from "../printable";
import { ResourceType } from "../api/resourceTypes";
import { connectionIn } from "./subscription";
import { mapInParallel } from "../parallel";
import { until } from "../until";

/** What a global knows of a zone. */
export interface ZoneState {
  /** The global has a Zone of this name. */
  known: boolean;
  online: boolean;
  /** Version of the zone's control plane. */
  version?: string;
  /** Identifies the zone's current connection; another id means that it reconnected. */
  subscription?: string;
  /** When that connection began, by the global's clock, as RFC 3339. */
  since?: string;
  /** Where the zone's store is Postgres, and it told so when it connected. */
  database?: Database;
  /** The most bytes of a message of KDS that it takes, where it told so when it connected. */
  kdsMaxMsgSize?: number;
  /** The global is told to give other zones nothing of it (`enabled: false`). */
  disabled: boolean;
  /** Responses of the global that the zone did not accept, by type. */
  rejected: Record<string, number>;
}

export async function zoneState(global: ControlPlane, name: string): Promise<ZoneState> {
  let overview: unknown;
  try {
    overview = await global.getJson(urlPath`/zones/${name}/_overview`, `zone ${name}`);
  } catch (error) {
    if (isKumaError(error, "notFound")) return NOT_KNOWN;
    throw error;
  }
  return zoneStateIn(overview);
}

const NOT_KNOWN: ZoneState = { known: false, online: false, disabled: false, rejected: {} };

/** Zones together with their connections, at a path that every 2.x has. */
export const ZONE_OVERVIEW_TYPE: ResourceType = {
  name: "ZoneOverview",
  scope: "Global",
  path: "zones+insights",
  readOnly: true,
  includeInFederation: false,
};

/** What a global knows of zones, by one list however many they are. Konnect documents none. */
export async function zoneStates(global: ControlPlane, names: readonly string[]): Promise<ZoneState[]> {
  if (names.length === 1 || global.hosted)
    return mapInParallel(names, AT_ONCE, (name) => zoneState(global, name));
  const overviews = await global.list(ZONE_OVERVIEW_TYPE);
  const states = new Map(overviews.map((overview) => [overview.name, zoneStateIn(overview)]));
  return names.map((name) => states.get(name) ?? NOT_KNOWN);
}

const AT_ONCE = 10;

/** What a global tells of a zone together with its connection. */
export function zoneStateIn(overview: unknown): ZoneState {
  const { isOpen, last } = connectionIn(valueAt(overview, "zoneInsight"));
  const config = configOf(last?.config);
  const stat = objectIn(valueAt(last, "status", "stat")) ?? {};
  const rejected = Object.entries(stat)
    .map(([type, counts]): [string, number] => [oneLine(type), countOf(valueAt(counts, "responsesRejected"))])
    .filter(([, count]) => count > 0);
  const word = (value: unknown) =>
    typeof value === "string" ? oneLine(value.slice(0, LONGEST_WORD)) : undefined;
  return {
    known: true,
    online: isOpen,
    version: word(valueAt(last, "version", "kumaCp", "version")),
    subscription: word(last?.id),
    since: word(last?.connectTime),
    database: config.database,
    kdsMaxMsgSize: config.kdsMaxMsgSize?.zone,
    disabled: valueAt(overview, "zone", "enabled") === false,
    rejected: Object.fromEntries(rejected),
  };
}

const LONGEST_WORD = 100;

/** Kuma's JSON has 64 bit numbers as texts. */
function countOf(value: unknown): number {
  return typeof value === "number" || typeof value === "string" ? Number(value) : 0;
}

/** `config` is the JSON of the zone's configuration. */
function configOf(config: unknown): Partial<ControlPlaneConfig> {
  if (typeof config !== "string") return {};
  try {
    return readConfig(parseJson(config));
  } catch (error) {
    if (error instanceof WrongAnswer) return {};
    throw error;
  }
}

export const ZONE_TYPE: ResourceType = {
  name: "Zone",
  scope: "Global",
  path: "zones",
  readOnly: false,
  includeInFederation: false,
};

/** Names of the zones that have joined a global. */
export async function zoneNames(global: ControlPlane): Promise<string[]> {
  return Object.keys(await zonesOn(global));
}

/** The zones that have joined a global, each with the moment (RFC 3339) at which it did so for the first time. */
export async function zonesOn(global: ControlPlane): Promise<Record<string, string>> {
  const zones = await global.list(ZONE_TYPE);
  return Object.fromEntries(zones.map(({ name, creationTime }) => [name, String(creationTime ?? "")]));
}

export interface WaitOptions {
  /** How many looks in a row must agree. Default 3. */
  samples?: number;
  /** Milliseconds between two looks. Default 1,000. */
  intervalMs?: number;
  /** Milliseconds until it is given up. Default 120,000. */
  deadlineMs?: number;
}

/**
 * Waits until the zone is online over several looks on one and the same connection: a zone that connects and falls off
 * again and again looks online at single moments.
 */
export async function waitUntilOnline(
  global: ControlPlane,
  name: string,
  options: WaitOptions = {},
): Promise<ZoneState> {
  const { samples = 3, intervalMs = 1_000, deadlineMs = 120_000 } = options;
  let reconnects = 0;
  let stable = 0;
  let wasOnline = false;
  let last: ZoneState | undefined;
  const look = async () => {
    const state = await zoneState(global, name);
    const same = state.online && last?.online === true && state.subscription === last.subscription;
    if (state.online && last?.online && !same) reconnects++;
    wasOnline ||= state.online;
    stable = state.online ? (same ? stable + 1 : 1) : 0;
    return (last = state);
  };
  const seen = ({ known, online }: ZoneState) =>
    !known
      ? "the global has never heard of it"
      : reconnects > 0
        ? `it reconnected ${reconnects} times`
        : online
          ? "it has been online for a moment only"
          : wasOnline
            ? "it was online and is not any more"
            : "it is offline";
  return until(look, {
    deadlineMs,
    // just so many apart, as what counts is for how long it stays
    everyMs: () => intervalMs,
    signal: global.address.signal,
    isThere: () => stable >= samples,
    onTimeout: (state) =>
      new KumaError(
        "gate",
        `Zone ${name} did not stay online within ${Math.round(deadlineMs / 1000)} s: ${seen(state)}. The log of the zone's control plane tells why ` +
          `("x509" is the certificate or the name in the KDS address, "connection refused" or a timeout is the network${global.hosted ? HOSTED_CAUSES : ""}). ` +
          `Nothing is lost: the global holds a copy of everything. Run it again once the cause is fixed.`,
      ),
  });
}

/** What Konnect says to a zone that it does not let in. */
const HOSTED_CAUSES =
  ', "Unauthenticated" is the zone\'s token, "PermissionDenied" its role Connector, the control plane\'s id or the region';

/** Whether the zone runs alone; when it is federated already, where to. */
export function federatedTo(config: ControlPlaneConfig): string | undefined {
  return config.mode === "zone" ? config.globalAddress : undefined;
}

/** Whether a zone is no member of a global now. */
export async function runsAlone(zone: ControlPlane): Promise<boolean> {
  return federatedTo(await zone.config()) === undefined;
}

/** Checks that this is a zone, called as expected, and alone or already joined to the right global. */
export function assertJoinable(
  zone: ControlPlane,
  config: ControlPlaneConfig,
  name: string,
  kdsAddresses: readonly (string | undefined)[],
  global?: ControlPlane,
): void {
  if (config.mode !== "zone") {
    throw new KumaError(
      "invalid",
      `${capital(zone.title)} is a global control plane, not a zone. Nothing was changed.`,
    );
  }
  if (config.zoneName !== undefined && config.zoneName !== name) {
    throw new KumaError(
      "invalid",
      `The zone is called ${JSON.stringify(config.zoneName)}, not ${JSON.stringify(name)}. Its policies carry that name and would stop matching under another one, ` +
        `so ${zoneNameAdvice(config.zoneName)}. Nothing was changed.`,
    );
  }
  const current = federatedTo(config);
  if (current !== undefined && !kdsAddresses.includes(current)) {
    throw new KumaError(
      "alreadyFederated",
      `Zone ${name} is federated already, with ${current}. Nothing was changed. ` +
        `Take it off that global first, or leave it out of this stack.`,
    );
  }
  // every control plane of a region in Konnect has the same address
  const [hostedBy, wanted] = [config.konnectControlPlaneId, global?.hosted?.controlPlaneId];
  if (current !== undefined && hostedBy !== undefined && wanted !== undefined && hostedBy !== wanted) {
    throw new KumaError(
      "alreadyFederated",
      `Zone ${name} is federated already, with the control plane ${hostedBy} in Konnect, not with ${wanted}. Nothing was changed. ` +
        `Take it off that one first, or name it in the setting controlPlaneId of the global.`,
    );
  }
}

/** Milliseconds for a zone that was stopped to count as disconnected; Kuma stores that within some seconds. */
const DISCONNECT_DEADLINE_MS = 30_000;

function notForgotten(name: string, { message }: KumaError): KumaError {
  return new KumaError(
    "unreachable",
    `The global control plane still lists zone ${name}, as it could not be told that the zone has left. ${message} ` +
      `Nothing else of the zone depends on it. Start the global (up starts one of this machine) and run the same command again.`,
  );
}

/**
 * Has a global forget a zone that has left it. One that is deleted in the same run takes its list of zones with it, so that it
 * need not be there for that.
 */
export async function forgetZone(
  { global, zoneName }: Pick<Sides, "global" | "zoneName">,
  globalGoes = false,
): Promise<void> {
  try {
    await removeZone(global, zoneName);
  } catch (error) {
    if (!globalGoes || !isKumaError(error, "unreachable")) throw error;
  }
}

/**
 * Removes a zone from a global, and with it the copies of what the zone owns. A global refuses that while the zone is
 * connected, so it is tried until that is over. A zone that is not there counts as removed. A Zone holds nothing that
 * could be compared: its name is the stack's own, a DNS label, and the global makes it again for a zone that connects.
 */
export async function removeZone(global: ControlPlane, name: string): Promise<void> {
  const refusal = async () => {
    try {
      await global.delete(ZONE_TYPE, { type: "Zone", name });
    } catch (error) {
      if (isKumaError(error, "unreachable")) throw notForgotten(name, error);
      if (!isKumaError(error, "refused")) throw error;
      // Konnect documents nothing about zones: one that cannot be deleted there stays in its list, offline
      if (!global.hosted || error.status !== 405) return error;
    }
    return undefined;
  };
  const left = await until(refusal, {
    deadlineMs: DISCONNECT_DEADLINE_MS,
    everyMs: 500,
    signal: global.address.signal,
    isThere: (error) => error === undefined,
  });
  if (left) throw /still connected/i.test(left.message) ? stillConnected(name, left) : left;
}

/** Kuma v2.14.3, pkg/core/managers/apis/zone/zone_validator.go. */
function stillConnected(name: string, { code, message, status }: KumaError): KumaError {
  return new KumaError(
    code,
    `The global control plane still takes zone ${name} for connected after ${DISCONNECT_DEADLINE_MS / 1000} s, and deletes no Zone that is. ${message} ` +
      `The zone itself is done with. Look whether a control plane runs elsewhere under that name (another replica, or what starts it again), and end it. ` +
      `One whose machine was lost counts as connected for some minutes more. Then run it again.`,
    status,
  );
}

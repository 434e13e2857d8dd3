import * as fs from "node:fs";
import * as yaml from "js-yaml";
import type { Host } from "../hosts/host";
import { type Admin, NOBODY_ELSE } from "../adminAccess";
import {
  type KonnectMembership,
  federationEnvironment,
  globalEnvironment,
  konnectEnvironment,
  standaloneEnvironment,
  tokenEnvironment,
} from "../environment";
import type { PostgresTlsMode } from "../postgresStore";
import { readConfiguration } from "../unit/look/configuration";
import { ownFiles } from "../unit/places";
import type { Unit } from "../unit/look/readUnit";
import { controlPlaneAnswers } from "../unit/untilUp";
import { ZONE_TOKEN } from "../zone/keptResources";
import { dataOf } from "./places";
import { Service, ServiceFile, fileOf } from "./service";

/** What a control plane that is installed on a host is to be: a global, or a zone of one. */
export type Role = GlobalRole | ZoneRole;

interface GlobalRole {
  kind: "global";
  kdsCert: string;
  kdsKey: string;
  makesMesh: boolean;
}

interface ZoneRole {
  kind: "zone";
  zoneName: string;
  kdsAddress: string;
  kdsCa: string;
  /** Of its servers, where proxies reach it at an address that is not its host's; the key is a secret. Its own when left out. */
  server?: { cert: string; key: string };
  /** Where its global is one in Konnect. */
  konnect?: KonnectMembership;
  /** Secret: what it shows a global of Kong Mesh that asks for it. */
  cpToken?: string;
}

/** Where it keeps what it has. */
export interface DatabaseServer {
  host: string;
  port: number;
  user: string;
  /** Secret. */
  password: string;
  database: string;
  tlsMode: PostgresTlsMode;
  /** PEM of the server's authority, for the modes that verify it. */
  ca?: string;
}

export interface ControlPlaneSpec {
  unit: string;
  title: string;
  owner: string;
  role: Role;
  /** In memory when left out. */
  postgres?: DatabaseServer;
  /** Who may change it. */
  admin: Admin;
  /** What its configuration file holds, under the variables that are set here. */
  config?: Record<string, unknown>;
  /** Of its programs, where it is known: names of variables for Konnect follow from it. */
  version?: string;
}

const CONFIG = "kuma-cp.conf.yml";
export const CONTROL_PLANE_USER = "kuma-cp";
/** Kuma's defaults (v2.14.3, pkg/config/app/kuma-cp/kuma-cp.defaults.yaml). */
const PORTS = { zone: [5676, 5678, 5680, 5681, 5682, 5683], global: [5676, 5680, 5681, 5682, 5683, 5685] };

export function controlPlaneService(spec: ControlPlaneSpec): Service {
  const { unit, title, owner, role, postgres } = spec;
  const place = (name: string) => fileOf(unit, name);
  const files: Record<string, ServiceFile> = {
    [CONFIG]: { content: yaml.dump(configOf(spec)), isSecret: true },
    "admin-token": { content: spec.admin.token, isSecret: true },
    ...(role.kind === "global" ? globalFiles(role) : zoneFiles(role)),
    ...(postgres?.ca && { "postgres-ca.crt": { content: postgres.ca } }),
  };
  const variables = {
    ...NOBODY_ELSE,
    KUMA_GENERAL_WORK_DIR: dataOf(unit),
    // tokens go to it in clear: who is on another machine takes the port for HTTPS
    KUMA_API_SERVER_HTTP_INTERFACE: "127.0.0.1",
    ...(role.kind === "global"
      ? globalVariables(role, place)
      : zoneVariables(role, place, spec.version ?? "")),
    ...storeVariables(postgres, place("postgres-ca.crt")),
  };
  const told = ["--config-file", place(CONFIG)];
  return {
    ...{ unit, title, owner, user: CONTROL_PLANE_USER, files, variables, ports: PORTS[role.kind] },
    command: ["kuma-cp", "run", ...told],
    ...(postgres && { before: ["kuma-cp", "migrate", "up", ...told] }),
  };
}

/** Whether a unit that was started serves, for `install`. */
export function answersAt(host: Host): (unit: Unit) => Promise<boolean> {
  return async (unit) => controlPlaneAnswers(host, await readConfiguration(host, unit, ownFiles(unit.name)));
}

/** A list in the file of a configuration has no variable: the user's keys stay beside this one. */
function configOf({ config = {}, admin: { kid, key } }: ControlPlaneSpec): Record<string, unknown> {
  const field = (value: unknown, name: string) => (isObject(value) ? value[name] : undefined);
  const path = ["apiServer", "authn", "tokens", "validator"];
  const keys = field(path.reduce(field, config as unknown), "publicKeys");
  const publicKeys = [...(Array.isArray(keys) ? (keys as unknown[]) : []), { kid, key }];
  const withKeys = (value: unknown, [name, ...deeper]: string[]): Record<string, unknown> =>
    name === undefined
      ? { ...(isObject(value) && value), publicKeys }
      : { ...(isObject(value) && value), [name]: withKeys(field(value, name), deeper) };
  return withKeys(config, path);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function globalFiles({ kdsCert, kdsKey }: GlobalRole): Record<string, ServiceFile> {
  return {
    "kds-server.crt": { content: kdsCert, isTrusted: true },
    "kds-server.key": { content: kdsKey, isSecret: true },
  };
}

function globalVariables({ makesMesh }: GlobalRole, place: Place): Record<string, string> {
  return globalEnvironment(place("kds-server.crt"), place("kds-server.key"), makesMesh);
}

function zoneFiles({ kdsCa, server, konnect, cpToken }: ZoneRole): Record<string, ServiceFile> {
  const token = konnect?.token ?? cpToken;
  return {
    ...(kdsCa !== "" && { "kds-ca.crt": { content: kdsCa } }),
    ...(server && {
      "server.crt": { content: server.cert },
      "server.key": { content: server.key, isSecret: true },
    }),
    ...(token !== undefined && { [ZONE_TOKEN]: { content: token, isSecret: true } }),
    ...(konnect?.systemCaFile && {
      "system-ca.crt": { content: fs.readFileSync(konnect.systemCaFile, "utf8") },
    }),
  };
}

function zoneVariables(role: ZoneRole, place: Place, version: string): Record<string, string> {
  const { zoneName, kdsAddress, kdsCa, server, konnect, cpToken } = role;
  const systemCaFile = konnect?.systemCaFile && place("system-ca.crt");
  return {
    ...standaloneEnvironment(zoneName),
    ...federationEnvironment(kdsAddress, kdsCa === "" ? undefined : place("kds-ca.crt")),
    ...(server && {
      KUMA_GENERAL_TLS_CERT_FILE: place("server.crt"),
      KUMA_GENERAL_TLS_KEY_FILE: place("server.key"),
    }),
    ...(cpToken !== undefined && tokenEnvironment(version, place(ZONE_TOKEN))),
    ...(konnect && konnectEnvironment({ ...konnect, systemCaFile }, version, place(ZONE_TOKEN))),
  };
}

type Place = (name: string) => string;

function storeVariables(postgres: DatabaseServer | undefined, caFile: string): Record<string, string> {
  if (!postgres) return { KUMA_STORE_TYPE: "memory" };
  return {
    KUMA_STORE_TYPE: "postgres",
    KUMA_STORE_POSTGRES_HOST: postgres.host,
    KUMA_STORE_POSTGRES_PORT: String(postgres.port),
    KUMA_STORE_POSTGRES_USER: postgres.user,
    KUMA_STORE_POSTGRES_PASSWORD: postgres.password,
    KUMA_STORE_POSTGRES_DB_NAME: postgres.database,
    KUMA_STORE_POSTGRES_TLS_MODE: postgres.tlsMode,
    ...(postgres.ca && { KUMA_STORE_POSTGRES_TLS_CA_PATH: caFile }),
  };
}

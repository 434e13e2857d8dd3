import * as yaml from "js-yaml";
import type { Host } from "../hosts/host";
import { type Admin, NOBODY_ELSE } from "../adminAccess";
import { federationEnvironment, globalEnvironment, standaloneEnvironment } from "../environment";
import type { PostgresTlsMode } from "../postgresStore";
import { readConfiguration } from "../unit/configuration";
import { ownFiles } from "../unit/places";
import type { Unit } from "../unit/readUnit";
import { controlPlaneAnswers } from "../unit/untilUp";
import { dataOf } from "./places";
import { Service, ServiceFile, fileOf } from "./service";

/** What a control plane that is installed on a host is to be: a global, or a zone of one. */
export type Role =
  | { kind: "global"; kdsCert: string; kdsKey: string; makesMesh: boolean }
  | { kind: "zone"; zoneName: string; kdsAddress: string; kdsCa: string };

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
}

const CONFIG = "kuma-cp.conf.yml";
const USER = "kuma-cp";
/** Kuma's defaults (v2.14.3, pkg/config/app/kuma-cp/kuma-cp.defaults.yaml). */
const PORTS = { zone: [5676, 5678, 5680, 5681, 5682], global: [5676, 5680, 5681, 5682, 5685] };

export function controlPlaneService(spec: ControlPlaneSpec): Service {
  const { unit, title, owner, role, postgres } = spec;
  const place = (name: string) => fileOf(unit, name);
  const files: Record<string, ServiceFile> = {
    [CONFIG]: { content: yaml.dump(configOf(spec)), isSecret: true },
    "admin-token": { content: spec.admin.token, isSecret: true },
    ...roleFiles(role),
    ...(postgres?.ca && { "postgres-ca.crt": { content: postgres.ca } }),
  };
  const variables = {
    ...NOBODY_ELSE,
    KUMA_GENERAL_WORK_DIR: dataOf(unit),
    // tokens go to it in clear: who is on another machine takes the port for HTTPS
    KUMA_API_SERVER_HTTP_INTERFACE: "127.0.0.1",
    ...roleVariables(role, place),
    ...storeVariables(postgres, place("postgres-ca.crt")),
  };
  const told = ["--config-file", place(CONFIG)];
  return {
    ...{ unit, title, owner, user: USER, files, variables, ports: PORTS[role.kind] },
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

function roleFiles(role: Role): Record<string, ServiceFile> {
  if (role.kind === "global")
    return {
      "kds-server.crt": { content: role.kdsCert },
      "kds-server.key": { content: role.kdsKey, isSecret: true },
    };
  return role.kdsCa === "" ? {} : { "kds-ca.crt": { content: role.kdsCa } };
}

function roleVariables(role: Role, place: (name: string) => string): Record<string, string> {
  if (role.kind === "global")
    return globalEnvironment(place("kds-server.crt"), place("kds-server.key"), role.makesMesh);
  const ca = role.kdsCa === "" ? undefined : place("kds-ca.crt");
  return { ...standaloneEnvironment(role.zoneName), ...federationEnvironment(role.kdsAddress, ca) };
}

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

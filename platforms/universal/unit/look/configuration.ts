import * as yaml from "js-yaml";
import { KumaError, capital } from "../../../../kuma";
import { valueAt } from "../../../../kuma/api/json";
import { Host } from "../../hosts/host";
import { readFiles } from "../../hosts/files";
import { parseAssignments, parseEnvironmentFile } from "./environmentFile";
import type { Unit } from "./readUnit";

/** How a unit has its kuma-cp run: its program, and what that is told. */
export interface Configuration {
  /** Program and arguments, with `run` among them. */
  argv: string[];
  /** What it finds in its environment, without what this program has added. Holds secrets. */
  variables: Record<string, string>;
  /** What this program has added to that. */
  added: Record<string, string>;
  /** Where its API listens, as seen from the host itself. */
  api: { address: string; port: number; basePath: string };
  /** Files of its data plane server, where it has its own. */
  dpServer: { certificate: string; key: string };
  storeType: string;
  /** Where its store is Postgres. */
  database?: string;
  /** The same with how it is reached. Holds a password. */
  postgres?: Record<"host" | "port" | "user" | "password" | "database" | "tlsMode" | "caFile", string>;
  /** Of a zone; undefined where nothing names it. */
  zoneName?: string;
}

/** Reads what a unit's kuma-cp is told. `own` are files of this program's, which do not count. */
export async function readConfiguration(
  host: Host,
  unit: Unit,
  own: readonly string[],
): Promise<Configuration> {
  const argv = programOf(host, unit);
  const configFile = configFileOf(argv, unit.workingDirectory);
  const files = unit.environmentFiles.filter(({ path }) => !own.includes(path));
  const ours = unit.environmentFiles.filter(({ path }) => own.includes(path));
  const [config, ...all] = await readFiles(host, [
    configFile ?? "/nonexistent",
    ...[...files, ...ours].map(({ path }) => path),
  ]);
  const texts = all.slice(0, files.length);
  const missing = files.find(({ isOptional }, index) => !isOptional && texts[index] === undefined);
  if (missing) throw unreadable(host, unit, `its environment file ${missing.path} is not there`);
  if (configFile !== undefined && config === undefined)
    throw unreadable(host, unit, `its configuration ${configFile} is not there`);
  const variables = { ...parseAssignments(unit.environment), ...parsedFiles(texts) };
  const document = parsed(host, unit, configFile, config);
  const told = (variable: string, ...fields: string[]) => {
    const inFile: unknown = valueAt(document, ...fields);
    const value = variables[variable] || (inFile ?? "");
    return typeof value === "object" ? "" : String(value);
  };
  const storeType = told("KUMA_STORE_TYPE", "store", "type") || "memory";
  const zoneName = told("KUMA_MULTIZONE_ZONE_NAME", "multizone", "zone", "name");
  return {
    argv,
    variables,
    added: parsedFiles(all.slice(files.length)),
    api: apiOf(host, unit, told),
    dpServer: {
      certificate: told("KUMA_DP_SERVER_TLS_CERT_FILE", "dpServer", "tlsCertFile"),
      key: told("KUMA_DP_SERVER_TLS_KEY_FILE", "dpServer", "tlsKeyFile"),
    },
    storeType,
    ...(storeType === "postgres" && databaseOf(told)),
    ...(zoneName && { zoneName }),
  };
}

function parsedFiles(texts: readonly (string | undefined)[]): Record<string, string> {
  return Object.assign({}, ...texts.map((text) => parseEnvironmentFile(text ?? ""))) as Record<
    string,
    string
  >;
}

/** What runs, where something does: a unit may start its program by another one, such as `env` or a shell. */
function programOf(host: Host, { name, argv, process }: Unit): string[] {
  const command = process ? [process.program.replace(/ \(deleted\)$/, ""), ...process.argv.slice(1)] : argv;
  if (command.includes("run") && /^(kuma|kong-mesh)-cp\b|^kuma-cp/.test(baseName(command[0]))) return command;
  throw new KumaError(
    "notKuma",
    `Unit ${name} on ${host.title} runs ${command[0] === undefined ? "nothing" : baseName(command[0])}, not kuma-cp run. Nothing was changed. ` +
      `Name the unit of the control plane in the setting unit; where a script starts kuma-cp, let it do so with exec.`,
  );
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function configFileOf(argv: readonly string[], directory: string): string | undefined {
  const at = argv.findIndex((word) => /^(-c|--config-file)(=|$)/.test(word));
  if (at < 0) return undefined;
  const file = argv[at].includes("=") ? argv[at].slice(argv[at].indexOf("=") + 1) : argv[at + 1];
  if (!file) return undefined;
  return file.startsWith("/") ? file : `${directory.replace(/\/$/, "")}/${file}`;
}

function parsed(host: Host, unit: Unit, file: string | undefined, text: string | undefined): unknown {
  try {
    return yaml.load(text ?? "") ?? {};
  } catch {
    // the words of the parser show a piece of the file, which may hold passwords
    throw unreadable(host, unit, `its configuration ${file} is no YAML`);
  }
}

function unreadable(host: Host, { name }: Unit, why: string): KumaError {
  return new KumaError(
    "invalid",
    `How unit ${name} on ${host.title} runs cannot be read: ${why}. Nothing was changed.`,
  );
}

/** Kuma v2.14.3, pkg/config/plugins/resources/postgres/config.go. */
function databaseOf(told: Told): Pick<Configuration, "database" | "postgres"> {
  const setting = (variable: string, ...fields: string[]) =>
    told(`KUMA_STORE_POSTGRES_${variable}`, "store", "postgres", ...fields);
  const database = setting("DB_NAME", "dbName") || "kuma";
  const postgres = {
    host: setting("HOST", "host") || "127.0.0.1",
    port: setting("PORT", "port") || "15432",
    user: setting("USER", "user") || "kuma",
    password: setting("PASSWORD", "password") || "kuma",
    tlsMode: setting("TLS_MODE", "tls", "mode") || "disable",
    caFile: setting("TLS_CA_PATH", "tls", "caPath"),
  };
  return { database, postgres: { ...postgres, database } };
}

type Told = (variable: string, ...fields: string[]) => string;

/** Kuma v2.14.3, pkg/config/api-server/config.go. An API that listens everywhere is asked at the host's loopback. */
function apiOf(host: Host, { name }: Unit, told: Told): Configuration["api"] {
  const http = (field: string) =>
    told(`KUMA_API_SERVER_HTTP_${field.toUpperCase()}`, "apiServer", "http", field);
  if (http("enabled") === "false") {
    throw new KumaError(
      "invalid",
      `The control plane of unit ${name} on ${host.title} has its API by HTTPS only, which this program does not use there. Nothing was changed. ` +
        `Let it listen by HTTP on the loopback of the host: apiServer.http with enabled: true and interface: 127.0.0.1.`,
    );
  }
  const listens = http("interface");
  const isEverywhere = ["", "0.0.0.0", "::", "[::]", "localhost"].includes(listens);
  return {
    address: isEverywhere ? "127.0.0.1" : listens,
    port: Number(http("port") || 5681),
    basePath: told("KUMA_API_SERVER_BASE_PATH", "apiServer", "basePath").replace(/\/+$/, ""),
  };
}

/** The sentence for a control plane whose unit does not run. */
export function notRunning(host: Host, { name, state }: Unit): KumaError {
  return new KumaError(
    "unreachable",
    `${capital(host.title)}: unit ${name} does not run, it is ${state}. Nothing was changed. "journalctl -u ${name}" there tells why; start it, and run this again.`,
  );
}

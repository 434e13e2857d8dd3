import { execFile } from "node:child_process";
import * as path from "node:path";
import { promisify } from "node:util";
import { Database, KumaError, databaseName } from "../../kuma";

/** As Kuma calls them: `verifyFull` looks at the certificate's authority and at its host name. */
export type PostgresTlsMode = "disable" | "verifyNone" | "verifyCa" | "verifyFull";

/** A zone's two lives on Postgres: alone in one database, federated in another. */
export interface PostgresStore {
  host: string;
  port: number;
  user: string;
  /** The variable of the environment that holds the password: it stands in no file and no state. */
  passwordVariable: string;
  tlsMode: PostgresTlsMode;
  /** File with the authority of the server's certificate, for the modes that verify it. */
  caFile?: string;
  /** What the zone holds as long as it runs alone; left as it is while the zone is federated, for the way back. */
  database: string;
  /** Empty at first; filled when the zone is federated. */
  federatedDatabase: string;
}

/** Where the zone begins its federated life. */
export function nextDatabase({ host, port, federatedDatabase }: PostgresStore): Database {
  return { host, port, name: federatedDatabase };
}

/** Variables of a `kuma-cp` on one of the databases (Kuma v2.14.3, kuma-cp.defaults.yaml, store.postgres). */
export function postgresEnvironment(store: PostgresStore, database: string): Record<string, string> {
  return {
    KUMA_STORE_TYPE: "postgres",
    KUMA_STORE_POSTGRES_HOST: store.host,
    KUMA_STORE_POSTGRES_PORT: String(store.port),
    KUMA_STORE_POSTGRES_USER: store.user,
    KUMA_STORE_POSTGRES_DB_NAME: database,
    KUMA_STORE_POSTGRES_TLS_MODE: store.tlsMode,
    // a control plane runs in a directory of its own
    KUMA_STORE_POSTGRES_TLS_CA_PATH: store.caFile === undefined ? "" : path.resolve(store.caFile),
  };
}

/** The password, for the environment of a process only. Fails where it is not at hand. */
export function passwordEnvironment(
  { passwordVariable }: Pick<PostgresStore, "passwordVariable">,
  title: string,
) {
  const password = process.env[passwordVariable];
  if (password) return { KUMA_STORE_POSTGRES_PASSWORD: password };
  throw new KumaError(
    "invalid",
    `The variable ${passwordVariable}, which is to hold the password of its database, is not set, so ${title} was not started. ` +
      `Set it in the environment, and run it again.`,
  );
}

/** Brings the tables of a database to what this `kuma-cp` wants; does nothing where they are so. */
export async function migrate(
  [program, ...args]: readonly string[],
  environment: NodeJS.ProcessEnv,
  title: string,
): Promise<void> {
  try {
    await promisify(execFile)(program, [...args, "migrate", "up"], { env: environment });
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    const password = environment.KUMA_STORE_POSTGRES_PASSWORD ?? "";
    const reason = (stderr.split("\n").find((line) => line.startsWith("Error: ")) ?? "no reason given")
      .replaceAll(password, "…")
      .replace(/[.\s]*$/, "");
    const database = databaseName({
      host: environment.KUMA_STORE_POSTGRES_HOST ?? "",
      port: Number(environment.KUMA_STORE_POSTGRES_PORT),
      name: environment.KUMA_STORE_POSTGRES_DB_NAME ?? "",
    });
    throw new KumaError(
      "unreachable",
      `The ${database} could not be prepared (${reason}), so ${title} was not started. ` +
        `Check that it exists, and that the user may create tables in it.`,
    );
  }
}

import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const DEBIAN = "/usr/lib/postgresql";

/** Where the programs of a PostgreSQL server are: `POSTGRES_BIN` says, else PATH, else where Debian puts them. */
export function findPostgres(): string | undefined {
  const debian = fs.existsSync(DEBIAN)
    ? fs.readdirSync(DEBIAN).map((version) => `${DEBIAN}/${version}/bin`)
    : [];
  const onPath = (process.env.PATH ?? "").split(path.delimiter);
  const directories = process.env.POSTGRES_BIN ? [process.env.POSTGRES_BIN] : [...onPath, ...debian];
  return directories.find((each) =>
    ["initdb", "pg_ctl", "createdb", "psql"].every((name) => fs.existsSync(path.join(each, name))),
  );
}

/** A PostgreSQL server of its own on the loopback interface, with a password, for the time of a test. */
export class Postgres {
  readonly user = "kuma";
  private constructor(
    private readonly programs: string,
    private readonly directory: string,
    readonly port: number,
    readonly password: string,
  ) {}

  static start(
    programs: string,
    port: number,
    password: string,
    databases: readonly string[],
    tls?: { cert: string; key: string },
  ): Postgres {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "kuma-federation-postgres-"));
    const postgres = new Postgres(programs, directory, port, password);
    fs.writeFileSync(path.join(directory, "password"), password);
    for (const [name, text] of Object.entries(tls ?? {})) {
      fs.writeFileSync(path.join(directory, name), text, { mode: 0o600 });
    }
    if (postgres.owner) {
      execFileSync("chown", ["-R", String(postgres.owner.uid), directory]);
    }
    const data = path.join(directory, "data");
    const login = ["--username", postgres.user, "--pwfile", path.join(directory, "password")];
    postgres.run("initdb", "--pgdata", data, "--auth", "scram-sha-256", "--no-sync", ...login);
    const options = `-p ${port} -h 127.0.0.1 -k ${directory} -c fsync=off -c max_connections=200${
      tls ? ` -c ssl=on -c ssl_cert_file=${directory}/cert -c ssl_key_file=${directory}/key` : ""
    }`;
    postgres.run("pg_ctl", "-D", data, "-l", path.join(directory, "log"), "-o", options, "-w", "start");
    for (const database of databases) {
      postgres.run("createdb", "-h", "127.0.0.1", "-p", String(port), "-U", postgres.user, database);
    }
    return postgres;
  }

  /** Rows of a query, fields separated by "|". */
  query(database: string, sql: string): string[] {
    const args = ["-h", "127.0.0.1", "-p", String(this.port), "-U", this.user, "-d", database, "-Atc", sql];
    return this.run("psql", ...args)
      .split("\n")
      .filter(Boolean);
  }

  stop(): void {
    this.run("pg_ctl", "-D", path.join(this.directory, "data"), "-m", "immediate", "stop");
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  /** PostgreSQL refuses to run as root: then the user that its package made serves. */
  private get owner(): { uid: number } | undefined {
    if (process.getuid?.() !== 0) return undefined;
    return { uid: Number(execFileSync("id", ["-u", "postgres"], { encoding: "utf8" })) };
  }

  private run(program: string, ...args: string[]): string {
    return execFileSync(path.join(this.programs, program), args, {
      ...this.owner,
      cwd: this.directory,
      encoding: "utf8",
      stdio: ["ignore", program === "pg_ctl" ? "ignore" : "pipe", "pipe"],
      env: { PATH: process.env.PATH, TMPDIR: os.tmpdir(), PGPASSWORD: this.password },
    });
  }
}

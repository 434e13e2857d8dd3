import { KumaError } from "../../../kuma";
import { Host, reasonOf } from "../hosts/host";
import { Configuration, readConfiguration } from "./look/configuration";
import { ownFiles } from "./places";
import { readUnit } from "./look/readUnit";

/** Modes of Kuma's (v2.14.3, pkg/config/plugins/resources/postgres) as libpq calls them. */
const SSL_MODES: Record<string, string> = {
  disable: "disable",
  verifyNone: "require",
  verifyCa: "verify-ca",
  verifyFull: "verify-full",
};

/** Does nothing where it is there. `%I` and `:'name'` quote whatever the name holds. */
const CREATE = `
select format('create database %I', :'name') where not exists (select from pg_database where datname = :'name') \\gexec
`;

/** The password comes first, by standard input, as everybody sees the arguments of a program. */
const RUN = `
IFS= read -r PGPASSWORD
export PGPASSWORD PGSSLMODE="$6" PGSSLROOTCERT="$7" PGCONNECT_TIMEOUT=10
command -v psql > /dev/null || { echo "there is no psql" >&2; exit 127; }
exec psql -X -q -w -v ON_ERROR_STOP=1 -v name="$1" -h "$2" -p "$3" -U "$4" -d "$5" -f -
`;

/** Makes the database of a zone's next life, as the zone's own user and on its own server, from its host. */
export async function createDatabase(host: Host, unitName: string, name: string): Promise<void> {
  const unit = await readUnit(host, unitName);
  const { postgres } = await readConfiguration(host, unit, ownFiles(unitName));
  if (postgres === undefined) return;
  const ran = await host.run(["sh", "-c", RUN, "sh", ...argumentsFor(name, postgres)], {
    stdin: `${postgres.password}\n${CREATE}`,
    asRoot: true,
    changes: true,
  });
  if (ran.status === 0) return;
  const reason = reasonOf(ran).replaceAll(postgres.password || "\n", "…");
  throw new KumaError(
    "refused",
    `The database ${name} could not be created from ${host.title}, as user ${postgres.user} on ${postgres.host}:${postgres.port}: ${reason}. ` +
      `The zone was not touched. Let that user create databases (alter role … createdb), or create it by yourself and take createDatabase out of the settings.`,
  );
}

function argumentsFor(name: string, postgres: NonNullable<Configuration["postgres"]>): string[] {
  const { host, port, user, database, tlsMode, caFile } = postgres;
  return [name, host, port, user, database, SSL_MODES[tlsMode] ?? "prefer", caFile];
}

import type { LabHost } from "./labHosts";

export const DATABASE_USER = "kumatest";

/**
 * Makes the databases of a test anew on the PostgreSQL of a host, which the other hosts of the lab reach as well: the first of
 * them, or `all`; the others are not there.
 */
export function databases(
  host: LabHost,
  password: string,
  names: readonly string[],
  { all = false, mayCreate = false } = {},
): void {
  const made = all ? names : names.slice(0, 1);
  const sql = [
    ...names.map((name) => `drop database if exists ${name} with (force)`),
    `drop role if exists ${DATABASE_USER}`,
    `create role ${DATABASE_USER} login ${mayCreate ? "createdb " : ""}password '${password}'`,
    ...made.map((name) => `create database ${name} owner ${DATABASE_USER}`),
  ];
  host.shell(`
systemctl stop kuma-federation-test 2>/dev/null
if ! grep -q '10.90.0.0/16' /etc/postgresql/*/main/pg_hba.conf; then
  echo 'host all all 10.90.0.0/16 scram-sha-256' | tee -a /etc/postgresql/*/main/pg_hba.conf >/dev/null
  echo "listen_addresses = '*'" | tee -a /etc/postgresql/*/main/postgresql.conf >/dev/null
  systemctl restart 'postgresql@*'
fi
su postgres -c 'psql -q -v ON_ERROR_STOP=1' <<'END'
${sql.join(";\n")};
END`);
}

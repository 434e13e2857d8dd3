/** A Postgres database in which a control plane keeps its resources. */
export interface Database {
  host: string;
  port: number;
  name: string;
}

/** How messages call it, for example "database kuma at 127.0.0.1:5432". */
export function databaseName({ host, port, name }: Database): string {
  return `database ${name} at ${host}:${port}`;
}

export function sameDatabase(a: Database, b: Database): boolean {
  return databaseName(a) === databaseName(b);
}

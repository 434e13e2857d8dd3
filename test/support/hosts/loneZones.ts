import { createHash, randomBytes } from "node:crypto";
import { databases } from "./labDatabase";
import type { LabHost } from "./labHosts";
import { api, setUp } from "./labZone";

export const GLOBAL =
  "mode: global\nstore: {type: memory}\ndefaults: {skipMeshCreation: true}\nmultizone: {global: {kds: {zoneInsightFlushInterval: 1s}}}";
const DATABASES = ["kumatest", "kumatest2"];

/** A zone that runs alone on a host, as far as its store matters. */
export interface LoneZone {
  kind: string;
  /** Which of the lab's hosts it is on. */
  at: number;
  name: string;
  /** In which it is federated. */
  database: string | undefined;
}

export const IN_MEMORY: LoneZone = { kind: "in memory", at: 1, name: "zone-m", database: undefined };
export const ON_POSTGRES: LoneZone = { kind: "on Postgres", at: 2, name: "zone-p", database: DATABASES[1] };

/** Has a zone run alone on one host, and a global on another. */
export async function startAlone(
  global: LabHost,
  zone: LabHost,
  { name, database }: LoneZone,
): Promise<void> {
  await setUp(global, GLOBAL);
  const store = database === undefined ? "{type: memory}" : `{type: postgres, postgres: ${SERVER}}`;
  const configuration = `mode: zone\nstore: ${store}\nmultizone: {zone: {name: ${name}}}`;
  if (database === undefined) return setUp(zone, configuration);
  const password = randomBytes(12).toString("hex");
  databases(zone, password, DATABASES, { all: true });
  await setUp(zone, configuration, `KUMA_STORE_POSTGRES_PASSWORD=${password}`);
}

const SERVER = `{host: 127.0.0.1, port: 5432, user: kumatest, dbName: ${DATABASES[0]}}`;

/** What a zone has, by name, without what a control plane makes for itself; a secret by its digest, as a test tells what differs. */
export function content(zone: LabHost): string[] {
  return ["meshes", "meshtimeouts", "meshretries", "secrets"].flatMap((type) => {
    const { items } = api(zone, `/${type}?size=1000`) as {
      items: { name: string; mesh?: string; data?: string }[];
    };
    const digest = (data = "") => createHash("sha256").update(data).digest("hex").slice(0, 12);
    return items.map(({ mesh, name, data }) => `${type} ${mesh} ${name} ${digest(data)}`).sort();
  });
}

import { once } from "node:events";
import * as net from "node:net";
import { PassThrough } from "node:stream";
import { Federation, KumaError, Resource, Verdict, meshForGlobal } from "../../../kuma";
import type { Vantage } from "../../../kuma/api/vantage";
import { FakeControlPlane, FakeOptions } from "../../support/controlPlane/fakeControlPlane";
import type { EarlierZone } from "../../../kuma/federation/earlier";
import { planForNewGlobal } from "../../../kuma/federation/plan";
import { UNIVERSAL_TYPES } from "../../support/resources/types";

export const LOCKED = { authn: { localhostIsAdmin: false } };
export const OPEN = { authn: { localhostIsAdmin: true } };
export const ZONE_CONFIG = {
  mode: "zone",
  environment: "universal",
  store: { type: "file" },
  apiServer: LOCKED,
  multizone: { zone: { name: "zone-1", globalAddress: "" } },
};

export const zoneWithKds = (kds: object) => ({
  ...ZONE_CONFIG,
  multizone: { zone: { ...ZONE_CONFIG.multizone.zone, kds } },
});
export const zoneConfig = (changes: object) => ({ ...ZONE_CONFIG, ...changes });
export const kdsAuth = (type?: string) => ({ global: { kds: { auth: { type } } } });

export const GLOBAL_CONFIG = {
  mode: "global",
  environment: "universal",
  store: { type: "memory" },
  multizone: kdsAuth("zoneToken"),
  apiServer: LOCKED,
};

export const MESH: Resource = {
  type: "Mesh",
  name: "default",
  mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] },
};

export const KEY: Resource = {
  type: "Secret",
  mesh: "default",
  name: "default.ca-builtin-key-ca-1",
  data: "Y2FuYXJ5",
};

export const DATAPLANE_KEY: Resource = {
  type: "Secret",
  mesh: "default",
  name: "dataplane-token-signing-key-default-1",
  data: "Y2FuYXJ5",
};
export const ADMIN: Resource = { type: "GlobalSecret", name: "admin-user-token", data: "Y2FuYXJ5" };
export const TIMEOUT: Resource = { type: "TrafficRoute", mesh: "default", name: "r", conf: { a: 1 } };

export const ofZone = (type: string, name: string, more: object = {}, zone = "zone-1"): Resource => ({
  type,
  mesh: "default",
  name,
  labels: { "kuma.io/origin": "zone", "kuma.io/zone": zone },
  spec: {},
  ...more,
});
export const content = [MESH, KEY, ADMIN, TIMEOUT, ofZone("MeshTimeout", "own")];
export const online = (disconnectTime?: string) => ({
  zoneInsight: { subscriptions: [{ id: "a", connectTime: "2026-01-01T00:00:00Z", disconnectTime }] },
});

export const overview = (subscription: object) => ({
  zoneInsight: { subscriptions: [{ id: "a", connectTime: "2026-01-01T00:00:00Z", ...subscription }] },
});
export const stored = (...resources: Resource[]) => ({ resources });
export const globalsMesh = { ...meshForGlobal(MESH), metrics: { enabledBackend: "p" } };

export const otherCa = {
  ...MESH,
  mtls: { enabledBackend: "other", backends: [{ name: "other", type: "builtin" }] },
};
export const withoutMtls = { ...MESH, mtls: undefined };
export const identity = ofZone("MeshIdentity", "id");
export const identityKey: Resource = {
  type: "Secret",
  mesh: "default",
  name: "id-private-key",
  data: "Y2FuYXJ5",
};
export const localLabels = { "kuma.io/kds-sync": "disabled" };
export const own = { "kuma.io/origin": "zone", "kuma.io/zone": "zone-1" };
export const largeSecret = (index: number, size: number): Resource => ({
  ...{ type: "Secret", mesh: "default", name: `large-${index}` },
  data: Buffer.alloc(size).toString("base64"),
});
export const userKey: Resource = { type: "GlobalSecret", name: "user-token-signing-key-1", data: "Y2FuYXJ5" };
export const userKeyOfGlobal = { ...userKey, data: "b3RoZXI=" };
export const trust = ofZone("MeshTrust", "trust");
export const withTrust = [
  ...UNIVERSAL_TYPES,
  {
    name: "MeshTrust",
    scope: "Mesh",
    path: "meshtrusts",
    readOnly: false,
    includeInFederation: true,
  } as const,
];
export const hosted = { hosted: true };
export const limits = (limit: object) => (_: unknown, global: FakeControlPlane) =>
  global.documents.set("/global-insight", {
    limits: limit,
    zones: { controlPlanes: { total: 2 } },
    policies: { total: 5 },
    dataplanes: { standard: { total: 1 } },
  });
export const nextDatabase = { host: "db", port: 5432, name: "next" };
export const postgresAt = (dbName: string) => ({
  type: "postgres",
  postgres: { host: "db", port: 5432, dbName },
});
export const onPostgres = (dbName: string) => zoneConfig({ store: postgresAt(dbName) });
export const ownPolicies = (policy: Resource) => [{ policy, isFor: {}, place: "x.yaml, document 2" }];

/** A zone of the stack that joins before, what it is to bring, and what stays its own. */
export const earlier = (zoneName: string, brings: Resource[], kept: Resource[] = []): EarlierZone => ({
  ...{ zoneName, kept },
  plan: planForNewGlobal(brings),
});
export const unseen = (zoneName: string): EarlierZone => ({ zoneName, plan: undefined, kept: [] });
export const zoneNamed = (name: string): Resource => ({ type: "Zone", name });

export function vantageOf({ look = {}, connects = true, reaches }: NonNullable<Change["host"]>): Vantage {
  return {
    title: "host root@zone-1",
    async connect(host, port) {
      if (reaches?.includes(`${host}:${port}`)) return new PassThrough();
      if (!connects || reaches)
        throw new KumaError("unreachable", `${host}:${port} does not answer to host root@zone-1`);
      const socket = net.connect(port, host);
      await once(socket, "connect");
      return socket;
    },
    async look() {
      if (look instanceof KumaError) throw look;
      return look;
    },
  };
}

/** What one case changes; everything else is in order. */
export interface Change {
  zone?: FakeOptions;
  global?: FakeOptions;
  federation?: Partial<Federation>;
  /** Given for the global. */
  tokens?: string[];
  /** The zone's machine is reached: what it says of itself, and whether connections from there go through. */
  host?: {
    look?: Awaited<ReturnType<Vantage["look"]>> | KumaError;
    connects?: boolean;
    /** Addresses to which connections go through, and no others. */
    reaches?: readonly string[];
  };
  prepare?(zone: FakeControlPlane, global: FakeControlPlane): void;
}

export type Case = [what: string, code: string, verdict: Verdict, change: Change, text: RegExp];

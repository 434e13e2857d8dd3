import * as v from "valibot";
import { PRODUCTS } from "../../platforms/kubernetes/products";
import type { PostgresTlsMode } from "../../platforms/universal/postgresStore";
import {
  choice,
  hostName,
  integer,
  isObject,
  kdsAddress,
  object,
  optional,
  otherwise,
  portBase,
  secureUrl,
  setting,
  text,
} from "./fields";
import { ZONE, ZONE_NAME } from "./zone";

const KUMA_CPS = ["auto", "embedded", "path", "download"] as const;

const PORT_BASE = setting(
  "number from which the ports count: the API listens at this + 81, KDS at this + 85, as Kuma does from 5600",
  portBase(),
);

const KUMA_CP = setting(
  "the program: `embedded` is the stand-in, `path` the one on PATH or in KUMA_CP, `download` Kuma's release",
  otherwise("auto", choice(KUMA_CPS)),
  "docs/toolchain.md",
);

/** A global that is a process on this machine. */
export const UNIVERSAL_GLOBAL = object({
  platform: setting("a process on this machine", v.literal("universal"), "docs/universal.md#global"),
  portBase: PORT_BASE,
  kumaCp: KUMA_CP,
  store: setting("where it keeps what it has", otherwise("auto", choice(["auto", "memory"]))),
  kdsHost: setting("name or address that zones dial", otherwise("127.0.0.1", hostName())),
});

/** A global that others run. */
export const EXISTING_GLOBAL = object({
  platform: setting(
    "one that others run",
    v.literal("existing"),
    "docs/universal.md#a-global-that-others-run",
  ),
  apiUrl: setting(
    "address of its API: `https://`, or `http://` to this machine",
    secureUrl("tokens and keys are sent there"),
  ),
  apiCaFile: setting(
    "file with the authority that signed the certificate of its API; the system's authorities when left out",
    optional(text()),
  ),
  kdsAddress: setting("what zones dial: `grpcs://host:port`", kdsAddress()),
  kdsCaFile: setting(
    "file with the authority that signed the certificate of its KDS server; the system's authorities when left out",
    optional(text()),
  ),
});

const verifies = (tlsMode: unknown) => tlsMode === "verifyCa" || tlsMode === "verifyFull";

/** A database server, and who connects. The password is in no setting. */
export const SERVER = {
  host: setting("of the server", otherwise("127.0.0.1", text())),
  port: setting("of the server", otherwise(5432, integer(1, 65_535))),
  user: setting("who connects", text()),
  passwordVariable: setting(
    "the variable of the environment that holds the password",
    otherwise("KUMA_STORE_POSTGRES_PASSWORD", text()),
  ),
  tlsMode: setting(
    "as Kuma calls them",
    otherwise("disable", choice<PostgresTlsMode>(["disable", "verifyNone", "verifyCa", "verifyFull"])),
  ),
  caFile: setting("file with the server's authority, for the modes that verify it", optional(text())),
};

/** With a file of its authority, where the server's certificate is verified. */
export function needsCaFile<S extends v.GenericSchema>(schema: S) {
  return v.pipe(
    schema,
    v.rawCheck(({ dataset: { value }, addIssue }) => {
      if (!isObject(value) || !verifies(value.tlsMode) || value.caFile !== undefined) return;
      const message = `a file with the server's authority, as tlsMode is ${String(value.tlsMode)}`;
      addIssue({
        message,
        path: [{ type: "object", origin: "value", input: value, key: "caFile", value: undefined }],
      });
    }),
  );
}

/** The databases of a zone. */
export const POSTGRES = v.pipe(
  needsCaFile(
    object({
      ...SERVER,
      database: setting("the one in which the zone runs alone", text()),
      federatedDatabase: setting("the one in which it is federated, empty at first", text()),
    }),
  ),
  v.partialCheck(
    [["database"], ["federatedDatabase"]],
    ({ database, federatedDatabase }) => database !== federatedDatabase,
    "The settings {key}.database and {key}.federatedDatabase name the same database; a zone cannot be federated in the one in which it ran alone.",
  ),
);

/** A zone that is a process on this machine. */
export const UNIVERSAL_ZONE = v.pipe(
  object({
    name: ZONE_NAME,
    platform: setting("a process on this machine", v.literal("universal"), "docs/universal.md#zones"),
    ...ZONE,
    portBase: PORT_BASE,
    kumaCp: KUMA_CP,
    store: setting(
      "where it keeps what it has",
      otherwise("auto", choice(["auto", "memory", "postgres"])),
      "docs/failures.md#zones-on-postgres",
    ),
    postgres: setting("its two databases, for the store of that name", optional(POSTGRES)),
    content: setting(
      "directory of YAML files with what a new zone holds at first",
      optional(text()),
      "docs/files.md",
    ),
    product: setting(
      "what the stand-in calls itself, `kuma` when left out; Konnect takes zones of Kong Mesh only",
      optional(choice(PRODUCTS, { Kuma: "kuma", "Kong Mesh": "kong-mesh" })),
    ),
  }),
  v.forward(
    v.partialCheck(
      [["store"], ["postgres"]],
      ({ store, postgres }) => store === "postgres" || postgres === undefined,
      "postgres where postgres is set as well",
    ),
    ["store"],
  ),
  v.forward(
    v.partialCheck(
      [["store"], ["postgres"]],
      ({ store, postgres }) => store !== "postgres" || postgres !== undefined,
      "an object with user, database and federatedDatabase, as store is postgres",
    ),
    ["postgres"],
  ),
);

import * as v from "valibot";
import { TOKEN_DAYS } from "../../components/arguments/limits";
import {
  anyObject,
  flag,
  hostName,
  integer,
  isObject,
  object,
  optional,
  otherwise,
  setting,
  text,
} from "./fields";
import { SERVER, needsCaFile } from "./universal";
import { ZONE, ZONE_NAME } from "./zone";

const LOGIN = {
  host: setting("its name or address", hostName()),
  port: setting("of its SSH server", otherwise(22, integer(1, 65_535))),
  user: setting("root, or one who may `sudo` without a password", otherwise("root", text())),
  hostKey: setting(
    "the host's public key, its line in known_hosts, or its fingerprint; without it the host is refused, and its key shown",
    optional(text()),
  ),
  agent: setting(
    "socket of an ssh-agent that has the private key; that of SSH_AUTH_SOCK when left out, and no `sshPrivateKey` is set",
    optional(text()),
  ),
};

const PORT = integer(1, 65_535);

const ACCESS = object({
  ...LOGIN,
  bastion: setting("a host to go through, with the same private key", optional(object(LOGIN))),
});

/** How a host is reached. */
const SSH = setting("how the host is reached", ACCESS, "docs/hosts.md#access");

const ONE_OR_MORE = "an object, or a list of at least one";

/** How the hosts of a control plane are reached. */
const SSH_OF_ALL = setting(
  "how the host is reached; a list of several has an instance of the same control plane on each",
  v.union([v.pipe(v.array(ACCESS, ONE_OR_MORE), v.minLength(1, ONE_OR_MORE)), ACCESS], ONE_OR_MORE),
  "docs/hosts.md#several-instances",
);

/** That of a database on the host itself, which is the default. */
const LOOPBACK = "127.0.0.1";

/** With what several instances that are installed need beside a host for each: one database, and an address before them. */
function sharable<S extends v.GenericSchema>(schema: S, address: "kdsHost" | "cpHost") {
  return v.pipe(
    schema,
    v.rawCheck(({ dataset: { value }, addIssue }) => {
      if (!isObject(value) || !isObject(value.install) || !isSeveral(value.ssh)) return;
      const { install } = value;
      const wrong = (message: string, ...path: [object: Record<string, unknown>, key: string][]) =>
        addIssue({
          message: `${message}, as ssh names several hosts`,
          path: path.map(([input, key]) => ({
            ...{ type: "object", origin: "value", input, key, value: input[key] },
          })) as never,
        });
      const { postgres } = install;
      if (!isObject(postgres))
        wrong("an object with host, user and database", [value, "install"], [install, "postgres"]);
      else if (postgres.host === LOOPBACK)
        wrong(
          "a server that each host reaches",
          [value, "install"],
          [install, "postgres"],
          [postgres, "host"],
        );
      if (value[address] === undefined)
        wrong("the name or address behind which all instances are", [value, address]);
    }),
  );
}

function isSeveral(ssh: unknown): boolean {
  return Array.isArray(ssh) && ssh.length > 1;
}

const SHA256 = v.pipe(text(), v.regex(/^[0-9a-fA-F]{64}$/, "a SHA-256 digest, 64 digits and letters a to f"));

/** Kuma's programs. */
const PROGRAMS = {
  archive: setting(
    "archive with Kuma's programs, a path on this machine or an `https://` address; the official release when left out",
    optional(v.pipe(text(), v.regex(/^(?!http:)/, "a path, or an https address: programs come from there"))),
  ),
  sha256: setting("digest of that archive", optional(SHA256)),
};

/** With a digest for an archive that is named. */
function withDigest<S extends v.GenericSchema>(schema: S) {
  return v.pipe(
    schema,
    v.rawCheck(({ dataset: { value }, addIssue }) => {
      if (!isObject(value) || (value.archive === undefined) === (value.sha256 === undefined)) return;
      addIssue({
        message: "given with archive, and only then: it is the digest that the archive must have",
        path: [{ type: "object", origin: "value", input: value, key: "sha256", value: value.sha256 }],
      });
    }),
  );
}

/** What is installed on a host. */
const INSTALL = withDigest(
  object({
    ...PROGRAMS,
    postgres: setting(
      "where it keeps what it has; in memory when left out",
      optional(
        needsCaFile(object({ ...SERVER, database: setting("one that is there, empty at first", text()) })),
      ),
    ),
    config: setting(
      "what the file of its configuration is to hold, as Kuma's docs have it; what the stack needs wins over it",
      optional(anyObject()),
    ),
    removesData: setting("`true`: its data and its user go when it is taken away", otherwise(false, flag())),
  }),
);

const EGRESS = {
  address: setting(
    "IP address at which it listens, and proxies of its zone reach it; that of `ssh` when left out",
    optional(hostName()),
  ),
  port: setting(
    "at which it listens; 10001 for an ingress, 10002 for an egress when left out",
    optional(PORT),
  ),
  ssh: setting("a host of its own; that of the zone's control plane when left out", optional(SSH)),
  ...PROGRAMS,
  tokenDays: setting(
    "days until its token ends; it is renewed 30 days before",
    otherwise(365, integer(...TOKEN_DAYS)),
  ),
};

const INGRESS = {
  ...EGRESS,
  advertisedAddress: setting("as other zones reach it; its address when left out", optional(hostName())),
  advertisedPort: setting("the same of its port", optional(PORT)),
};

const PLATFORM = setting("a unit of systemd on a host, reached over SSH", v.literal("host"), "docs/hosts.md");
const UNIT = setting("the unit that runs `kuma-cp` there", otherwise("kuma-cp.service", text()));

/** A global that is installed on a host. One that is there is `platform: existing`. */
export const HOST_GLOBAL = sharable(
  object({
    platform: PLATFORM,
    ssh: SSH_OF_ALL,
    unit: UNIT,
    kdsHost: setting(
      "name or address that zones dial, behind which all instances are; that of `ssh` when left out, for one instance",
      optional(hostName()),
    ),
    install: setting(
      "what is installed there; the official release when left out",
      otherwise({}, INSTALL),
      "docs/hosts.md#install",
    ),
  }),
  "kdsHost",
);

/** A zone that runs as a unit of systemd on a host. */
export const HOST_ZONE = v.pipe(
  sharable(
    object({
      name: ZONE_NAME,
      platform: PLATFORM,
      ...ZONE,
      ssh: SSH_OF_ALL,
      unit: UNIT,
      cpHost: setting(
        "name or address under which data plane proxies reach the control plane, behind which all instances are; what is installed gets a certificate for it",
        optional(hostName()),
        "docs/hosts.md#several-instances",
      ),
      federatedDatabase: setting(
        "of a zone on PostgreSQL: the database in which it is federated, empty at first and on the same server",
        optional(text()),
        "docs/hosts.md#zones-on-postgresql",
      ),
      createDatabase: setting(
        "`true` makes that database where it is not there, as the zone's own user of PostgreSQL",
        optional(flag()),
        "docs/hosts.md#zones-on-postgresql",
      ),
      install: setting(
        "for a zone that is new: what is installed there, `{}` for the official release. It joins at once, and has nothing to carry",
        optional(INSTALL),
        "docs/hosts.md#install",
      ),
      ingress: setting(
        "a zone ingress, `{}` for one on the same host: other zones reach the services of this one through it",
        optional(withDigest(object(INGRESS))),
        "docs/hosts.md#zone-ingress-and-egress",
      ),
      egress: setting(
        "a zone egress: calls to other zones go through it",
        optional(withDigest(object(EGRESS))),
        "docs/hosts.md#zone-ingress-and-egress",
      ),
      proxyHosts: setting(
        "a list of other hosts on which data plane proxies of the zone run as units: they get new tokens there when theirs end",
        optional(v.array(ACCESS, "a list of hosts, each with its settings as in ssh")),
        "docs/hosts.md#tokens-of-proxies",
      ),
    }),
    "cpHost",
  ),
  v.forward(
    v.partialCheck(
      [["install"], ["federated"]],
      ({ install, federated }) => install === undefined || federated,
      "true for a zone that the stack installs: it was never alone. Take it out of the list, and it is removed",
    ),
    ["federated"],
  ),
  v.forward(
    v.partialCheck(
      [["createDatabase"], ["federatedDatabase"]],
      ({ createDatabase, federatedDatabase }) => createDatabase !== true || federatedDatabase !== undefined,
      "a text, the name of the database that createDatabase is to make",
    ),
    ["federatedDatabase"],
  ),
  v.forward(
    v.partialCheck(
      [["install"], ["federatedDatabase"]],
      ({ install, federatedDatabase }) => install === undefined || federatedDatabase === undefined,
      "left out for a zone that the stack installs: its database is install.postgres.database",
    ),
    ["federatedDatabase"],
  ),
);

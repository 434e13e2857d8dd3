import * as v from "valibot";
import { hostName, integer, object, optional, otherwise, setting, text } from "./fields";
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

/** How a host is reached. */
const SSH = object({
  ...LOGIN,
  bastion: setting("a host to go through, with the same private key", optional(object(LOGIN))),
});

/** A zone that runs as a unit of systemd on a host. */
export const HOST_ZONE = object({
  name: ZONE_NAME,
  platform: setting("a unit of systemd on a host, reached over SSH", v.literal("host"), "docs/hosts.md"),
  ...ZONE,
  ssh: setting("how the host is reached", SSH, "docs/hosts.md#access"),
  unit: setting("the unit that runs `kuma-cp` there", otherwise("kuma-cp.service", text())),
  federatedDatabase: setting(
    "of a zone on PostgreSQL: the database in which it is federated, empty at first and on the same server",
    optional(text()),
    "docs/hosts.md#zones-on-postgresql",
  ),
});

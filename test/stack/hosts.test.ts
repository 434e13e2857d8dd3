import * as assert from "node:assert/strict";
import { cleanUp, setEnvironment } from "../support/cleanUp";
import { readStackConfig } from "../../stack/config";
import { kumaErrorOf } from "../support/errors";

const onHost = { name: "zone-a", platform: "host", ssh: { host: "zone-a.example.com" } };

type Values = Record<string, unknown>;

function read(values: Values) {
  const all: Values = { global: { platform: "universal", portBase: 5600 }, zones: [onHost], ...values };
  return readStackConfig({ keys: [], get: (key) => all[key], secretsIn: () => [] }, "test");
}

describe("stack/config of hosts", () => {
  beforeEach(() => setEnvironment("KUMA_FEDERATION_STATE", undefined));
  afterEach(cleanUp);

  it("takes one host, or several", () => {
    const ssh = [onHost.ssh, { host: "zone-a-2.example.com", port: 2222 }];
    const hosts = read({ zones: [{ ...onHost, ssh }] }).zones[0] as unknown as { ssh: object };
    const login = { host: "zone-a.example.com", port: 22, user: "root" };
    assert.deepEqual(JSON.parse(JSON.stringify(hosts.ssh)), [
      login,
      { ...login, host: "zone-a-2.example.com", port: 2222 },
    ]);
  });

  const wrong: [Values, string][] = [
    [
      { zones: [{ ...onHost, cpToken: { tokenDays: 7 } }] },
      "The setting zones[0].cpToken.tokenDays is 7; it must be a whole number from 31 to 3650.",
    ],
    [
      { zones: [{ ...onHost, cpToken: true }] },
      "The setting zones[0].cpToken is true; it must be an object.",
    ],
    [
      {
        global: { platform: "konnect", region: "eu", controlPlane: "g" },
        zones: [{ ...onHost, cpToken: {} }],
      },
      "Zone zone-a has the setting cpToken, and Konnect gives its zones their tokens itself; take it out.",
    ],
    [
      { zones: [onHost, { ...onHost, name: "zone-b" }] },
      "Two control planes are given the unit kuma-cp.service on zone-a.example.com; each has its own.",
    ],
    [
      { zones: [{ ...onHost, ssh: { host: "ssh://zone-a" } }] },
      'The setting zones[0].ssh.host is "ssh://zone-a"; it must be a host name or an IPv4 address, without scheme and port.',
    ],
    [
      { zones: [{ ...onHost, ssh: { host: "zone-a", port: 0 } }] },
      "The setting zones[0].ssh.port is 0; it must be a whole number from 1 to 65535.",
    ],
    [
      { zones: [{ ...onHost, ssh: { host: "zone-a", privateKey: "x" } }] },
      "The setting zones[0].ssh.privateKey is not known here; allowed are host, port, user, hostKey, agent, bastion.",
    ],
    [
      { zones: [{ ...onHost, install: { archive: "kuma.tar.gz" } }] },
      "The setting zones[0].install.sha256 is missing; it must be given with archive, and only then: it is the digest that the archive must have.",
    ],
    [
      { zones: [{ ...onHost, install: { archive: "kuma.tar.gz", sha256: "abc" } }] },
      'The setting zones[0].install.sha256 is "abc"; it must be a SHA-256 digest, 64 digits and letters a to f.',
    ],
    [
      { zones: [{ ...onHost, install: {}, federated: false }] },
      "The setting zones[0].federated is false; it must be true for a zone that the stack installs: it was never alone. Take it out of the list, and it is removed.",
    ],
    [
      { zones: [{ ...onHost, install: {}, federatedDatabase: "next" }] },
      'The setting zones[0].federatedDatabase is "next"; it must be left out for a zone that the stack installs: its database is install.postgres.database.',
    ],
    [
      { zones: [{ ...onHost, install: { postgres: { user: "k", database: "k", tlsMode: "verifyFull" } } }] },
      "The setting zones[0].install.postgres.caFile is missing; it must be a file with the server's authority, as tlsMode is verifyFull.",
    ],
    [
      { zones: [{ ...onHost, ingress: { sha256: "0".repeat(64) } }] },
      `The setting zones[0].ingress.sha256 is "${"0".repeat(64)}"; it must be given with archive, and only then: it is the digest that the archive must have.`,
    ],
    [
      { zones: [{ ...onHost, createDatabase: true }] },
      "The setting zones[0].federatedDatabase is missing; it must be a text, the name of the database that createDatabase is to make.",
    ],
    [
      { zones: [{ ...onHost, egress: { tokenDays: 30 } }] },
      "The setting zones[0].egress.tokenDays is 30; it must be a whole number from 31 to 3650.",
    ],
    [
      { zones: [{ ...onHost, egress: { advertisedPort: 1 } }] },
      "The setting zones[0].egress.advertisedPort is not known here; allowed are address, port, ssh, archive, sha256, tokenDays.",
    ],
    [
      { zones: [{ ...onHost, proxyHosts: { host: "proxy-1" } }] },
      "The setting zones[0].proxyHosts is an object; it must be a list of hosts, each with its settings as in ssh.",
    ],
    [
      { zones: [{ ...onHost, proxyHosts: [{ host: "proxy-1", port: 0 }] }] },
      "The setting zones[0].proxyHosts[0].port is 0; it must be a whole number from 1 to 65535.",
    ],
    [
      { zones: [onHost], global: { platform: "host", ssh: onHost.ssh } },
      "Two control planes are given the unit kuma-cp.service on zone-a.example.com; each has its own.",
    ],
    [
      { zones: [{ ...onHost, ssh: undefined }] },
      "The setting zones[0].ssh is missing; it must be an object, or a list of at least one.",
    ],
    [
      { zones: [{ ...onHost, ssh: [] }] },
      "The setting zones[0].ssh is []; it must be an object, or a list of at least one.",
    ],
    [
      { zones: [{ ...onHost, ssh: [onHost.ssh, { host: "a b" }] }] },
      'The setting zones[0].ssh[1].host is "a b"; it must be a host name or an IPv4 address, without scheme and port.',
    ],
    [
      { zones: [{ ...onHost, ssh: [onHost.ssh, onHost.ssh] }] },
      "Two control planes are given the unit kuma-cp.service on zone-a.example.com; each has its own.",
    ],
    [
      { zones: [{ ...onHost, ssh: [onHost.ssh, { host: "b" }], cpHost: "cp", install: {} }] },
      "The setting zones[0].install.postgres is missing; it must be an object with host, user and database, as ssh names several hosts.",
    ],
    [
      {
        zones: [
          {
            ...onHost,
            ssh: [onHost.ssh, { host: "b" }],
            cpHost: "cp",
            install: { postgres: { user: "k", database: "k" } },
          },
        ],
      },
      'The setting zones[0].install.postgres.host is "127.0.0.1"; it must be a server that each host reaches, as ssh names several hosts.',
    ],
    [
      {
        zones: [
          {
            ...onHost,
            ssh: [onHost.ssh, { host: "b" }],
            install: { postgres: { host: "db", user: "k", database: "k" } },
          },
        ],
      },
      "The setting zones[0].cpHost is missing; it must be the name or address behind which all instances are, as ssh names several hosts.",
    ],
    [
      {
        global: {
          platform: "host",
          ssh: [{ host: "g1" }, { host: "g2" }],
          install: { postgres: { host: "db", user: "k", database: "k" } },
        },
      },
      "The setting global.kdsHost is missing; it must be the name or address behind which all instances are, as ssh names several hosts.",
    ],
  ];
  for (const [values, message] of wrong) {
    it(message, async () => {
      assert.deepEqual(await kumaErrorOf(() => read(values)), { code: "invalid", message });
    });
  }
});

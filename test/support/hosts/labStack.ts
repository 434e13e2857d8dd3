import * as assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { Sandbox } from "../../integration/support";
import { later } from "../cleanUp";
import { packedPrograms } from "./kumaArchive";
import { databases } from "./labDatabase";
import type { LabHost } from "./labHosts";
import { LabTraffic } from "./labTraffic";
import { setUp, takeDown } from "./labZone";

const zoneAOn = (server: string) =>
  `mode: zone\nstore: {type: postgres, postgres: {host: ${server}, port: 5432, user: kumatest, dbName: kumatest}}\nmultizone: {zone: {name: zone-a}}`;
const DATABASES = ["kumatest", "kumatest2"];

interface ZoneProxies {
  ingress?: object;
  egress?: object;
}

/** The settings with which a stack reaches a host, but for the key. */
export const ssh = ({ access: { host, user, hostKey } }: LabHost) => ({ host, user, hostKey });

/** A stack of three hosts: a global and zone-b that it installs, and zone-a, which runs there on PostgreSQL. */
export class LabStack {
  /** Of the databases. */
  readonly password = randomBytes(12).toString("hex");
  readonly sandbox = new Sandbox({ KUMA_STORE_POSTGRES_PASSWORD: this.password });
  readonly programs = packedPrograms(this.sandbox.directory);

  /** `another` has a second instance of zone-a's control plane. */
  constructor(
    private readonly hosts: { global: LabHost; zoneA: LabHost; zoneB: LabHost; another?: LabHost },
  ) {
    const key = hosts.global.access.privateKey as string;
    this.sandbox.environment.SSH_AUTH_SOCK = agentWith(key, this.sandbox.directory);
  }

  async prepare(): Promise<void> {
    const { zoneA, zoneB, another } = this.hosts;
    Object.values(this.hosts).forEach(clear);
    for (const host of [zoneA, zoneB]) databases(host, this.password, DATABASES, { mayCreate: true });
    const variables = `KUMA_STORE_POSTGRES_PASSWORD=${this.password}`;
    await setUp(zoneA, zoneAOn("127.0.0.1"), variables);
    if (another) await setUp(another, zoneAOn(zoneA.address), variables);
  }

  /** With what is said of zone-a, and of the proxies of both zones, or of each. */
  write(
    zoneA: object,
    { zoneA: ofA, zoneB: ofB, ...both }: ZoneProxies & { zoneA?: ZoneProxies; zoneB?: ZoneProxies } = {},
    ofStack: object = {},
  ): void {
    const { global, another, ...zones } = this.hosts;
    const install = { ...this.programs, removesData: true };
    const proxies = (of: ZoneProxies = both) =>
      Object.fromEntries(Object.entries(of).map(([name, more]) => [name, { ...this.programs, ...more }]));
    const postgres = { user: "kumatest", database: "kumatest" };
    const platform = "host";
    const unit = "kuma-federation-test";
    const sshOfA = another ? [zones.zoneA, another].map(ssh) : ssh(zones.zoneA);
    const database = { federatedDatabase: DATABASES[1], createDatabase: true };
    this.sandbox.writeStack("test", {
      ...ofStack,
      global: { platform: "host", ssh: ssh(global), install },
      zones: [
        { name: "zone-a", platform, ssh: sshOfA, unit, ...database, ...proxies(ofA), ...zoneA },
        {
          name: "zone-b",
          platform,
          ssh: ssh(zones.zoneB),
          install: { ...install, postgres },
          ...proxies(ofB),
        },
      ],
    });
  }

  async run(command: string): Promise<string> {
    const { status, output } = await this.sandbox.run(command, "--stack", "test");
    assert.equal(status, 0, output);
    return output;
  }
}

/** A stack on the first three hosts, ready for a test that ends with `cleanUp`. */
export async function preparedStack([global, zoneA, zoneB]: readonly LabHost[]): Promise<LabStack> {
  const stack = new LabStack({ global, zoneA, zoneB });
  later(async () => {
    [global, zoneA, zoneB].forEach(clear);
    await stack.sandbox.remove();
  });
  await stack.prepare();
  return stack;
}

/** A zone that a stack installs on a host, with a database there, for a sandbox that gets the host's key and its password. */
export function installOn(host: LabHost, sandbox: Sandbox): Record<string, unknown> {
  const password = randomBytes(12).toString("hex");
  const [database] = DATABASES;
  databases(host, password, [database]);
  sandbox.environment.KUMA_STORE_POSTGRES_PASSWORD = password;
  const { host: address, user, hostKey, privateKey } = host.access;
  sandbox.environment.SSH_AUTH_SOCK = agentWith(privateKey as string, sandbox.directory);
  const postgres = { user: "kumatest", database };
  const install = { ...packedPrograms(sandbox.directory), removesData: true, postgres };
  return { platform: "host", ssh: { host: address, user, hostKey }, install };
}

/** What a test has left that failed. */
export function clear(host: LabHost): void {
  LabTraffic.clear(host);
  takeDown(host);
  host.shell(`
systemctl disable --now kuma-cp kuma-ingress kuma-egress 2>/dev/null
rm -rf /opt/kuma-federation /etc/kuma-federation /var/lib/kuma-cp /var/lib/kuma-ingress /var/lib/kuma-egress
rm -f /etc/systemd/system/kuma-cp.service /etc/systemd/system/kuma-ingress.service /etc/systemd/system/kuma-egress.service
systemctl daemon-reload; userdel kuma-cp; userdel kuma-dp; exit 0`);
}

/** What was installed, and runs by it. */
export const installed = (host: LabHost) =>
  host
    .shell(
      "ls -d /opt/kuma-federation /etc/kuma-federation /var/lib/kuma-* /etc/systemd/system/kuma-cp.service /etc/systemd/system/kuma-[ie]*gress.service 2>/dev/null | grep -v federation-test; getent passwd kuma-cp kuma-dp; pgrep -a -u kuma-cp; exit 0",
    )
    .trim();

/** The socket of an ssh-agent that has a key, for as long as the tests run. */
export function agentWith(key: string, directory: string): string {
  const socket = `${directory}/agent`;
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  later(() => void agent.kill());
  execFileSync("sh", ["-c", 'while ! [ -S "$0" ]; do sleep 0.1; done; exec ssh-add -q -', socket], {
    input: key,
    env: { ...process.env, SSH_AUTH_SOCK: socket },
  });
  return socket;
}

import * as assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cleanUp, later } from "../support/cleanUp";
import { needsEngine } from "../support/engine";
import { packedPrograms } from "../support/kumaArchive";
import { LabHost, labHosts } from "../support/labHosts";
import { api, setUp, takeDown } from "../support/labZone";
import { Sandbox } from "./support";

const hosts = labHosts(3);
const why = !hosts
  ? "KLAB_HOSTS does not name three hosts of the lab"
  : process.env.KUMA_CP
    ? undefined
    : "KUMA_CP names no kuma-cp for them";
const PASSWORD = randomBytes(12).toString("hex");
const ON_POSTGRES =
  "mode: zone\nstore: {type: postgres, postgres: {host: 127.0.0.1, port: 5432, user: kumatest, dbName: kumatest}}\nmultizone: {zone: {name: zone-a}}";

/** What was installed, and runs by it. */
const installed = (host: LabHost) =>
  host
    .shell(
      "ls -d /opt/kuma-federation /etc/kuma-federation /var/lib/kuma-cp /var/lib/kuma-federation /etc/systemd/system/kuma-cp.service /var/tmp/kuma-* 2>/dev/null; getent passwd kuma-cp; pgrep -a -u kuma-cp; exit 0",
    )
    .trim();

function database(host: LabHost, names: string[]): void {
  const sql = [
    ...names.map((name) => `drop database if exists ${name} with (force)`),
    "drop role if exists kumatest",
    `create role kumatest login password '${PASSWORD}'`,
    ...names.map((name) => `create database ${name} owner kumatest`),
  ];
  host.shell(
    `systemctl stop kuma-federation-test 2>/dev/null; su postgres -c 'psql -q -v ON_ERROR_STOP=1' <<'END'\n${sql.join(";\n")};\nEND`,
  );
}

/** The socket of an ssh-agent that has a key, for as long as the tests run. */
function agentWith(key: string, directory: string): string {
  const socket = `${directory}/agent`;
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  later(() => void agent.kill());
  execFileSync("sh", ["-c", 'while ! [ -S "$0" ]; do sleep 0.1; done; exec ssh-add -q -', socket], {
    input: key,
    env: { ...process.env, SSH_AUTH_SOCK: socket },
  });
  return socket;
}

/** As root, by whoever logs in: sudo tells it to the journal. */
const commands = (host: LabHost, since: string) =>
  host
    .shell(`journalctl --since @${since} -o cat _COMM=sudo | grep COMMAND= || true`)
    .split("\n")
    .filter((line) => line !== "" && !line.includes("/usr/bin/sh -s"));

describe(`control planes installed on hosts${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(3_600_000);
  let sandbox: Sandbox;
  before(function () {
    if (why) this.skip();
  });
  needsEngine();
  after(async () => {
    hosts?.forEach(takeDown);
    await sandbox?.remove();
    await cleanUp();
  });

  it("come with their zones, have nothing to do then, and are taken away by destroy", async () => {
    const [global, zoneA, zoneB] = hosts as LabHost[];
    [global, zoneA, zoneB].forEach(takeDown);
    database(zoneA, ["kumatest", "kumatest2"]);
    database(zoneB, ["kumatest"]);
    await setUp(zoneA, ON_POSTGRES, `KUMA_STORE_POSTGRES_PASSWORD=${PASSWORD}`);
    sandbox = new Sandbox({ KUMA_STORE_POSTGRES_PASSWORD: PASSWORD });
    sandbox.environment.SSH_AUTH_SOCK = agentWith(global.access.privateKey as string, sandbox.directory);
    const programs = packedPrograms(sandbox.directory);
    const ssh = ({ access: { host, user, hostKey } }: LabHost) => ({ host, user, hostKey });
    const postgres = { user: "kumatest", database: "kumatest" };
    const install = { ...programs, removesData: true };
    const zone = { name: "zone-a", platform: "host", ssh: ssh(zoneA), unit: "kuma-federation-test" };
    const write = (more: object = {}) =>
      sandbox.writeStack("test", {
        global: { platform: "host", ssh: ssh(global), install },
        zones: [
          { ...zone, federatedDatabase: "kumatest2", ...more },
          { name: "zone-b", platform: "host", ssh: ssh(zoneB), install: { ...install, postgres } },
        ],
      });
    write();
    const run = async (command: string) => {
      const { status, output } = await sandbox.run(command, "--stack", "test");
      assert.equal(status, 0, output);
      return output;
    };

    const before = api(zoneA, "/meshes");
    assert.match(await run("preview"), /create +zone-b-control-plane/);
    assert.deepEqual([global, zoneB].map(installed), ["", ""]);
    await run("up");
    const told = JSON.stringify(api(zoneB, "/config"));
    assert.match(told, /"type":"postgres"/);
    const since = global.shell("date +%s").trim();
    assert.match(await run("up"), /nothing to do/);
    const looks = [global, zoneA, zoneB].map((host) => commands(host, since));
    for (const line of looks.flat())
      assert.doesNotMatch(line, /systemctl (restart|stop|enable|daemon)|install -d|\brm\b|\bmv\b/, line);
    console.log(
      `      an up with nothing to do asked the hosts ${looks.map(({ length }) => length).join(", ")} times`,
    );
    assert.match(await run("status"), /Healthy/);

    // nothing secret where others look
    for (const host of [global, zoneB]) {
      const open = host.shell(
        "ps -ef; journalctl -o cat; cat /etc/systemd/system/kuma-cp.service; su nobody -s /bin/sh -c 'cat /etc/kuma-federation/*/* 2>/dev/null'; exit 0",
      );
      assert.ok(!open.includes(PASSWORD) && !/BEGIN (EC |RSA )?PRIVATE/.test(open), host.name);
    }

    write({ federated: false });
    await run("up");
    assert.deepEqual(api(zoneA, "/meshes"), before);
    assert.match(await run("status"), /Zone zone-a runs alone/);
    assert.match(await run("destroy"), /deleted: zone zone-b, which the stack installed/);
    assert.deepEqual([global, zoneA, zoneB].map(installed), ["", "", ""]);
    assert.ok(!sandbox.printed.includes(PASSWORD) && !sandbox.printed.includes("PRIVATE KEY"));
  });
});

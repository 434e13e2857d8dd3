import * as assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Resource } from "../../../kuma";
import { connectionIn } from "../../../kuma/zone/subscription";
import { Sandbox } from "../support";
import type { Properties } from "../../../resources/provider/handler";
import { cleanUp, tempDir } from "../../support/cleanUp";
import { packedPrograms } from "../../support/hosts/kumaArchive";
import { databases } from "../../support/hosts/labDatabase";
import { LabHost, labHosts, whyNoLab } from "../../support/hosts/labHosts";
import { agentWith, clear } from "../../support/hosts/labStack";
import { api } from "../../support/hosts/labZone";
import { HandlerRun } from "../../support/pulumi/handlerRun";
import { needsEngine } from "../../support/pulumi/engine";
import { until } from "../../support/until";

const hosts = labHosts(4);
const why = whyNoLab(hosts, 4);

/** Names that lead to all instances, as a name in DNS with several addresses does. */
const GLOBAL = "global.test";
const ZONE = "zone-b.test";
const MARK = "# kuma-federation test";

const isActive = (host: LabHost, unit: string) =>
  host.shell(`systemctl is-active ${unit} || true`).trim() === "active";

/** A global with two instances, a zone with two, and its zone ingress on a host of the others. */
describe(`several instances installed on hosts${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(3_600_000);
  let sandbox: Sandbox;
  before(function () {
    if (why) this.skip();
  });
  needsEngine();
  after(async () => {
    hosts?.forEach((host) => {
      clear(host);
      host.shell(`sed -i '/${MARK}$/d' /etc/hosts`);
    });
    await sandbox?.remove();
    await cleanUp();
  });

  it("share a database, an address and an admin, go on without one of them, and come and go by the list", async () => {
    const [globalA, zoneA, zoneB, globalB] = hosts as [LabHost, LabHost, LabHost, LabHost];
    const all = [globalA, globalB, zoneA, zoneB];
    all.forEach(clear);
    const lines = [
      ...[globalA, globalB].map(({ address }) => `${address} ${GLOBAL}`),
      ...[zoneA, zoneB].map(({ address }) => `${address} ${ZONE}`),
    ];
    for (const host of all)
      host.shell(lines.map((line) => `echo '${line} ${MARK}' >> /etc/hosts`).join("\n"));
    const password = randomBytes(12).toString("hex");
    databases(globalA, password, ["kumatest", "kumatest2"], { all: true });
    sandbox = new Sandbox({ KUMA_STORE_POSTGRES_PASSWORD: password });
    sandbox.environment.SSH_AUTH_SOCK = agentWith(globalA.access.privateKey as string, sandbox.directory);
    const programs = packedPrograms(sandbox.directory);
    const ssh = ({ access: { host, user, hostKey } }: LabHost) => ({ host, user, hostKey });
    const install = (database: string, host = globalA.address) => ({
      ...{ ...programs, removesData: true },
      postgres: { host, user: "kumatest", database },
    });
    const write = (ofZone: LabHost[], zoneDatabase?: string) =>
      sandbox.writeStack("test", {
        global: {
          platform: "host",
          ssh: [globalA, globalB].map(ssh),
          kdsHost: GLOBAL,
          install: install("kumatest"),
        },
        zones: [
          {
            ...{ name: "zone-b", platform: "host", ssh: ofZone.map(ssh), cpHost: ZONE },
            install: install("kumatest2", zoneDatabase),
            ingress: {
              ...programs,
              ssh: ssh(globalB),
              advertisedAddress: "203.0.113.7",
              advertisedPort: 443,
            },
          },
        ],
      });
    const run = async (command: string) => {
      const { status, output } = await sandbox.run(command, "--stack", "test");
      assert.equal(status, 0, output);
      return output;
    };

    write([zoneA, zoneB]);
    assert.match(await run("preview"), /create +zone-b-control-plane-10\.90/);
    await run("up");
    for (const host of all) assert.ok(isActive(host, "kuma-cp"), host.name);
    const index = (host: LabHost) => api(host, "/") as { clusterId: string };
    assert.equal(index(globalA).clusterId, index(globalB).clusterId);
    assert.equal(index(zoneA).clusterId, index(zoneB).clusterId);
    const [token, other] = [zoneA, zoneB].map((host) =>
      host.shell("cat /etc/kuma-federation/kuma-cp/admin-token"),
    );
    assert.equal(token, other);
    assert.match(await run("status"), /Healthy/);
    assert.match(await run("up"), /nothing to do/);

    // a proxy on another host than its control plane, described as other zones are to reach it
    const { networking } = api(zoneB, "/zoneingresses/zone-b-ingress") as { networking: object };
    assert.match(JSON.stringify(networking), /"advertisedAddress":"203\.0\.113\.7".*"advertisedPort":443/);
    assert.match(
      globalB.shell("cat /etc/systemd/system/kuma-ingress.service"),
      new RegExp(`--cp-address=https://${ZONE}:5678`),
    );

    // what one instance knows of its proxies the other one asks it for (kumahq/kuma#6349)
    const inspected = [zoneA, zoneB].map((host) =>
      host.shell(
        `curl -s -o /dev/null -w '%{http_code}' -H "authorization: Bearer $(cat /etc/kuma-federation/kuma-cp/admin-token)" http://127.0.0.1:5681/zoneingresses/zone-b-ingress/xds`,
      ),
    );
    assert.deepEqual(inspected, ["200", "200"]);

    // any of them may go for a while: zones and proxies come to the other one
    zoneA.shell("systemctl stop kuma-cp");
    globalA.shell("systemctl stop kuma-cp");
    // insights are of those who keep a connection; what was told before the stop is over
    const isOpen = (host: LabHost, path: string) => connectionIn(api(host, path) as Resource).isOpen;
    await until("the zone with the other instance of the global", () =>
      isOpen(globalB, "/zone-insights/zone-b"),
    );
    await until("the ingress with the other instance of the zone", () =>
      isOpen(zoneB, "/zone-ingress-insights/zone-b-ingress"),
    );
    await run("up");
    assert.deepEqual(
      [globalA, zoneA].map((host) => isActive(host, "kuma-cp")),
      [true, true],
    );

    // one that is on another database is taken away again
    write([zoneA]);
    assert.match(await run("up"), /zone-b-control-plane-10\.90/);
    assert.equal(zoneB.shell("ls -d /etc/kuma-federation /opt/kuma-federation 2>/dev/null; exit 0"), "");
    await run("destroy");
    for (const host of all)
      assert.equal(
        host.shell(
          "ls -d /etc/kuma-federation /opt/kuma-federation /etc/systemd/system/kuma-*.service 2>/dev/null; exit 0",
        ),
        "",
        host.name,
      );
  });

  it("are not those of one control plane on databases of their own: the second one is not left there", async () => {
    const [first, second] = hosts as [LabHost, LabHost];
    const password = randomBytes(12).toString("hex");
    for (const host of [first, second]) {
      clear(host);
      databases(host, password, ["kumatest", "kumatest2"]);
    }
    const { archive: from, sha256 } = packedPrograms(tempDir());
    const inputs = ({ access: { host, user, ...ssh } }: LabHost, more: Properties) => ({
      ...{
        url: `ssh://${user}@${host}:22/kuma-cp.service`,
        ssh,
        title: `zone z on ${host}`,
        owner: "test/z",
      },
      ...{ archive: { from, sha256 }, removesData: true },
      postgres: {
        host: "localhost",
        port: 5432,
        user: "kumatest",
        password,
        database: "kumatest",
        tlsMode: "disable",
      },
      role: { kind: "zone", zoneName: "z", kdsAddress: `grpcs://${GLOBAL}:5685`, kdsCa: "" },
      ...more,
    });
    const [ofFirst, ofSecond] = [new Map<string, Properties>(), new Map<string, Properties>()];
    const lead = inputs(first, { admin: {}, others: [] });
    const { admin, storeId } = (await new HandlerRun(ofFirst).step("hostControlPlane", lead)).outs;
    assert.equal((await new HandlerRun(ofFirst).step("hostControlPlane", lead)).changed, false);
    const beside = inputs(second, { admin, sharedWith: storeId });
    await assert.rejects(
      new HandlerRun(ofSecond).step("hostControlPlane", beside),
      /has another store than the first one, so it was taken away again: its database kumatest at localhost:5432/,
    );
    assert.equal(second.shell("ls -d /etc/kuma-federation /opt/kuma-federation 2>/dev/null; exit 0"), "");
    await new HandlerRun(ofFirst).remove("hostControlPlane");
  });
});

import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { ensurePulumiEngine } from "../../../toolchain/pulumi/pulumiEngine";
import { cleanUp } from "../../support/cleanUp";
import { EverybodysView } from "../../support/hosts/everybodysView";
import { LabHost, labHosts, whyNoLab } from "../../support/hosts/labHosts";
import { LabStack, clear, installed } from "../../support/hosts/labStack";
import { LabTraffic, dataplaneToken, openMesh } from "../../support/hosts/labTraffic";
import { UNIT, api, traces } from "../../support/hosts/labZone";
import { SshLog } from "../../support/hosts/sshLog";
import { needsEngine } from "../../support/pulumi/engine";
import { until } from "../../support/until";
import { body, cleanUp as closeServers, startServer } from "../../toolchain/support";
import { ROOT } from "../support";

const hosts = labHosts(3);
const why = whyNoLab(hosts);
const RELEASE = "kuma-2.14.3-linux-amd64.tar.gz";
/** At the loopback of the client's host. */
const SAME_ZONE = 20_001;
const OTHER_ZONE = 20_002;
const BOTH_ZONES = 20_003;

/** Everything that a zone owns and carries, by content (secrets by its digest), without what a control plane makes anew. */
function documents(zone: LabHost): Record<string, unknown> {
  const { resources } = api(zone, "/_resources") as {
    resources: { name: string; path: string; scope: string; includeInFederation: boolean }[];
  };
  const all = resources.filter(({ includeInFederation }) => includeInFederation);
  return Object.fromEntries(
    all.map(({ name, path: where }) => {
      const { items } = api(zone, `/${where}?size=1000`) as { items: Record<string, unknown>[] };
      const contents = items.map(({ creationTime, modificationTime, kri, data, ...content }) => {
        const digest = createHash("sha256").update(JSON.stringify(data ?? null));
        return JSON.stringify({ ...content, data: digest.digest("hex").slice(0, 12) });
      });
      return [name, contents.sort()];
    }),
  );
}

/** The stack of Pulumi.hosts.yaml with the hosts of the lab in it, from bare hosts to bare hosts. */
describe(`the example for hosts${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(3_600_000);
  const traffic = new LabTraffic();
  const [global, zoneA, zoneB] = (hosts ?? []) as LabHost[];
  let stack: LabStack;
  let logs: SshLog[];
  let views: EverybodysView[];
  const figures: string[] = [];

  before(function () {
    if (why) this.skip();
  });
  needsEngine();
  before(async () => {
    stack = new LabStack({ global, zoneA, zoneB });
    await stack.prepare();
    const { environment, directory } = stack.sandbox;
    // what the example installs is Kuma's release, which a mirror has
    const { archive, sha256 } = stack.programs;
    const mirror = await startServer();
    mirror.answers.set(`/${RELEASE}`, [body(fs.readFileSync(archive))]);
    const { path: engine } = await ensurePulumiEngine({ env: process.env, log: () => {} });
    const cache = path.join(directory, "cache");
    Object.assign(environment, { PULUMI: engine, XDG_CACHE_HOME: cache });
    Object.assign(environment, { KUMA_RELEASE_URL: mirror.url, KUMA_SHA256: sha256 });
    logs = [global, zoneA, zoneB].map((host) => new SshLog(host));
    views = [global, zoneA, zoneB].map((host) => new EverybodysView(host));
  });
  after(async () => {
    if (why) return;
    traffic.stop();
    logs?.forEach((log) => log.end());
    views?.forEach((view) => view.end());
    [global, zoneA, zoneB].forEach(clear);
    await stack?.sandbox.remove();
    await closeServers();
    await cleanUp();
    if (figures.length > 0) console.log(`\n      ${figures.join("\n      ")}\n`);
  });

  /** The example, with what stands in it for zones on PostgreSQL, and names that are there. */
  function write(ofZoneA: object = {}): void {
    const text = fs
      .readFileSync(path.join(ROOT, "Pulumi.hosts.yaml"), "utf8")
      .replace(/# (federatedDatabase|profile): /g, "$1: ");
    const { config } = yaml.load(text) as { config: Record<string, unknown> };
    const named = { global, "zone-a": zoneA, "zone-b": zoneB };
    const there = (ssh: { host: string }) => {
      const { host, user, hostKey } =
        named[ssh.host.replace(".example.com", "") as keyof typeof named].access;
      return { host, user, hostKey };
    };
    const at = (side: { ssh: { host: string } }) => ({ ...side, ssh: there(side.ssh) });
    const [a, b] = config["kuma-federation:zones"] as { ssh: { host: string } }[];
    config["kuma-federation:global"] = at(config["kuma-federation:global"] as typeof a);
    const database = { federatedDatabase: "kumatest2", createDatabase: true };
    const zones = [{ ...at(a), unit: UNIT, ...database, ...ofZoneA }, at(b)];
    config["kuma-federation:zones"] = zones;
    fs.writeFileSync(path.join(stack.sandbox.directory, "Pulumi.test.yaml"), yaml.dump({ config }));
  }

  /** With how long it takes, and what the hosts were asked, among the figures. */
  async function run(command: string, title = command): Promise<string> {
    logs.forEach((log) => log.begin());
    const begun = Date.now();
    const output = await stack.run(command);
    const seconds = ((Date.now() - begun) / 1000).toFixed(1);
    const asked = logs.map((log) => log.asked());
    const sum = (of: keyof (typeof asked)[0]) => asked.map((each) => each[of]).join(", ");
    figures.push(
      `${title}: ${seconds} s; of global, zone-a, zone-b: logins ${sum("logins")}, commands ${sum("commands")}, forwarded ${sum("forwarded")}`,
    );
    return output;
  }

  /** The commands with which somebody may become root, by the three hosts. */
  const asRoot = (since: string) =>
    [global, zoneA, zoneB]
      .map((host) => host.shell(`journalctl --since @${since} -o cat _COMM=sudo | grep COMMAND= || true`))
      .join("\n")
      .split("\n")
      .filter((line) => line !== "" && !/\/sh -s$/.test(line));

  it("federates the zone that is there with a new one, and gives everything back", async () => {
    [zoneA, zoneB].forEach((host) => traffic.install(host));
    openMesh(zoneA, { routing: { zoneEgress: true } });
    traffic.serve(zoneA, "near", 18_000, dataplaneToken(zoneA, "near"));
    traffic.serve(zoneA, "both", 18_300, dataplaneToken(zoneA, "both"));
    const outbounds = { near: SAME_ZONE, far: OTHER_ZONE };
    traffic.client(zoneA, "caller", 18_100, dataplaneToken(zoneA, "caller"), outbounds);
    const answers =
      (port: number, name: string, host = zoneA) =>
      () =>
        host.shell(`curl -s -m 5 http://127.0.0.1:${port}/ || true`).trim() === name;
    await until("calls in zone-a", answers(SAME_ZONE, "near"));
    traffic.call(zoneA, "near", SAME_ZONE);
    const before = documents(zoneA);

    write();
    assert.match(await run("preview"), /create +zone-b-control-plane/);
    assert.deepEqual([global, zoneB].map(installed), ["", ""]);
    assert.equal(traces(zoneA), "");
    await run("up", "up, the first one");
    const admin = zoneB.shell("cat /etc/kuma-federation/kuma-cp/admin-token").trim();
    traffic.serve(zoneB, "far", 18_200, dataplaneToken(zoneB, "far", admin));
    traffic.serve(zoneB, "both", 18_300, dataplaneToken(zoneB, "both", admin));
    const caller = dataplaneToken(zoneB, "caller", admin);
    traffic.client(zoneB, "caller", 18_100, caller, { both: BOTH_ZONES });
    await until("calls from zone-a to zone-b", answers(OTHER_ZONE, "far"));
    await until("calls to both zones", answers(BOTH_ZONES, "both", zoneB));
    traffic.call(zoneA, "far", OTHER_ZONE);
    traffic.call(zoneB, "both", BOTH_ZONES);

    const since = global.shell("date +%s").trim();
    assert.match(await run("up", "up with nothing to do"), /nothing to do/);
    for (const line of asRoot(since))
      assert.doesNotMatch(line, /systemctl (restart|stop|enable|daemon)|install -d|\brm\b|\bmv\b/, line);
    assert.match(await run("status"), /Healthy/);
    const secrets = views.flatMap((view) => view.secrets());
    assert.ok(secrets.length > 5, `${secrets.length} secrets`);
    const key = (global.access.privateKey as string).split("\n")[2];
    const seen = () => views.map((view) => view.seen([...secrets, stack.password, key]));
    assert.deepEqual(seen(), [[], [], []]);

    const far = traffic.calls(zoneA, "far");
    write({ federated: false });
    const leaving = await run("up", "up with federated: false of zone-a");
    assert.match(leaving, /zone-a: it is disabled on the global until it has left, .*\(both, caller\)/);
    const both = traffic.calls(zoneB, "both");
    assert.equal(traces(zoneA), "");
    assert.deepEqual(documents(zoneA), before);
    const near = traffic.calls(zoneA, "near");
    figures.push(
      `calls in zone-a ${near.made}, failed ${near.failed.length}; from zone-a to zone-b ${far.made}, failed ${far.failed.length}; from zone-b to both ${both.made}, failed ${both.failed.length}`,
    );
    assert.deepEqual([near.failed, far.failed, both.failed], [[], [], []]);
    assert.ok(answers(SAME_ZONE, "near")());

    await run("destroy");
    assert.deepEqual(seen(), [[], [], []]);
    // data and its user go only when asked (removesData)
    for (const host of [global, zoneB]) assert.doesNotMatch(installed(host), /\/opt|\/etc|\d+ /, host.name);
  });
});

import * as assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import type { StatusReport } from "../../../cli/status/report";
import { endOfToken } from "../../../kuma";
import { cleanUp } from "../../support/cleanUp";
import { LabHost, labHosts, network, whyNoLab } from "../../support/hosts/labHosts";
import { installed, preparedStack, ssh } from "../../support/hosts/labStack";
import { LabTraffic, dataplaneToken, putResource } from "../../support/hosts/labTraffic";
import { LabZone, api, setUp, takeDown, traces } from "../../support/hosts/labZone";
import { needsEngine } from "../../support/pulumi/engine";
import { until } from "../../support/until";

const hosts = labHosts(3);
const why = whyNoLab(hosts);

const GLOBAL =
  "mode: global\nstore: {type: memory}\ndefaults: {skipMeshCreation: true}\nmultizone: {global: {kds: {zoneInsightFlushInterval: 1s}}}";
const ZONE = "mode: zone\nstore: {type: memory}\nmultizone: {zone: {name: zone-m}}";
const RELOADABLE = `${ZONE}\ndpServer: {authn: {enableReloadableTokens: true}}`;
const KEEP = [{ resources: "Mesh default", choice: "keepGlobal" }];
const KEY = "meshes/default/secrets/dataplane-token-signing-key-default-1";

/** The token that a proxy of a service reads, and how often its unit was started. */
const proxyOn = (zone: LabHost, name: string) => ({
  token: zone.shell(`cat /var/lib/traffic-test/${name}.token`).trim(),
  pid: zone.shell(`systemctl show -p MainPID --value traffic-test-${name}-proxy`).trim(),
  mode: zone.shell(`stat -c '%a %U' /var/lib/traffic-test/${name}.token`).trim(),
});

const isConnected = (zone: LabHost, name: string) => {
  const { dataplaneInsight } = api(zone, `/meshes/default/dataplanes+insights/${name}`) as {
    dataplaneInsight?: { subscriptions?: { disconnectTime?: string }[] };
  };
  const last = dataplaneInsight?.subscriptions?.at(-1);
  return last !== undefined && last.disconnectTime === undefined;
};

describe(`tokens of proxies on hosts${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(3_600_000);
  const traffic = new LabTraffic();
  before(function () {
    if (why) this.skip();
  });
  after(() => {
    if (why) return;
    hosts?.forEach(takeDown);
  });
  afterEach(() => traffic.stop());

  it("are issued anew where the global's key stays, and after the way back", () => areIssuedAnew(ZONE, true));

  it("are read by Envoy itself where the zone says so, and no proxy is restarted", () =>
    areIssuedAnew(RELOADABLE, false));

  it("are issued anew on other hosts", () => areIssuedAnew(ZONE, true, hosts?.[2]));

  it("are issued anew on another host that was away, once it is there again", () =>
    areIssuedAnew(ZONE, true, hosts?.[2], true));

  describe("of a stack", () => {
    needsEngine();
    afterEach(cleanUp);

    it("are looked at on other hosts, of which one that is new has to answer before the zone is switched", async () => {
      const [global, zoneA, zoneB] = hosts as LabHost[];
      const stack = await preparedStack([global, zoneA, zoneB]);
      const report = async () => {
        const { stdout } = await stack.sandbox.run("status", "--stack", "test", "--output", "json");
        return JSON.parse(stdout) as Pick<StatusReport, "ends" | "warnings">;
      };
      const isOfTokens = (warning: string) => warning.includes("tokens of proxies on host");
      const nowhere = { ...ssh(zoneB), host: "10.90.0.250" };
      stack.write({ proxyHosts: [ssh(zoneB), nowhere] });
      for (const command of ["preview", "up"]) {
        const { status, output } = await stack.sandbox.run(command, "--stack", "test");
        assert.notEqual(status, 0, output);
        assert.match(output, /Host mesh@10\.90\.0\.250 cannot be reached over SSH/);
        assert.equal(traces(zoneA), "");
      }
      stack.write({ proxyHosts: [ssh(zoneB)] });
      traffic.install(zoneB);
      traffic.serve(zoneB, "far", 18_000, dataplaneToken(zoneA, "far"), { zone: zoneA });
      await until("the proxy", () => isConnected(zoneA, "far"));
      await stack.run("up");
      assert.match(await stack.run("up"), /nothing to do/);
      const what = "first token of a data plane proxy on the hosts of zone zone-a";
      const { ends, warnings } = await report();
      const [found] = ends.filter((each) => each.what === what);
      assert.equal(found?.ends, endOfToken(proxyOn(zoneB, "far").token));
      assert.deepEqual(warnings.filter(isOfTokens), []);
      network(zoneB, "down");
      const without = await report().finally(() => network(zoneB, "up"));
      assert.equal(without.warnings.filter(isOfTokens).length, 1, without.warnings.join("\n"));
      assert.deepEqual(
        without.ends.filter((each) => each.what === what),
        [],
      );
      network(zoneB, "down");
      const { output } = await stack.sandbox
        .run("preview", "--stack", "test")
        .finally(() => network(zoneB, "up"));
      assert.match(
        output,
        /tokens of proxies on host mesh@\S+ were not looked at|cannot be reached over SSH/,
      );
      stack.write({});
      await stack.run("up");
      await stack.run("destroy");
      assert.deepEqual([global, zoneB].map(installed), ["", ""]);
    });
  });

  /** `other` has the proxy, and may be off the network while the zone joins. */
  async function areIssuedAnew(
    configuration: string,
    isRestarted: boolean,
    other?: LabHost,
    isAway = false,
  ): Promise<void> {
    const [global, zone] = hosts as LabHost[];
    const on = other ?? zone;
    const proxyHosts = other && { proxyHosts: [other] };
    LabTraffic.clear(on);
    await setUp(global, GLOBAL);
    await setUp(zone, configuration);
    traffic.install(on);
    const mesh = { type: "Mesh", name: "default", skipCreatingInitialPolicies: ["*"] };
    putResource(global, "meshes/default", mesh);
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs1", format: "pem" }) as string;
    putResource(global, KEY, {
      ...{ type: "Secret", mesh: "default", name: "dataplane-token-signing-key-default-1" },
      data: Buffer.from(pem).toString("base64"),
    });
    traffic.serve(on, "near", 18_000, dataplaneToken(zone, "near"), { zone });
    on.shell("chmod 640 /var/lib/traffic-test/near.token");
    await until("the proxy", () => isConnected(zone, "near"));
    const alone = proxyOn(on, "near");

    const lab = new LabZone(zone, "zone-m", global, undefined, KEEP);
    if (other && isAway) {
      // one that is new in the list has to be there until then
      const beforeSwitch = () => network(other, "down");
      await lab.up({ ...proxyHosts, beforeSwitch }).finally(() => network(other, "up"));
      assert.equal(proxyOn(other, "near").token, alone.token);
      // it is new in the list, and so to be told of
      network(other, "down");
      const refused = lab.tokens([other]).finally(() => network(other, "up"));
      await assert.rejects(refused, /cannot be reached over SSH/);
      assert.equal(await lab.tokens([other]), true);
      network(other, "down");
      assert.equal(await lab.tokens([other]).finally(() => network(other, "up")), false);
    } else await lab.up(proxyHosts);
    const joined = proxyOn(on, "near");
    assert.notEqual(joined.token, alone.token);
    assert.deepEqual([joined.mode, joined.pid !== alone.pid], [alone.mode, isRestarted]);
    await until("the proxy of a member", () => isConnected(zone, "near"));
    assert.deepEqual(await lab.up(proxyHosts), []);

    await lab.back();
    const back = proxyOn(on, "near");
    assert.notEqual(back.token, joined.token);
    assert.deepEqual([back.mode, back.pid !== joined.pid], [alone.mode, isRestarted]);
    await until("the proxy of a zone alone", () => isConnected(zone, "near"));
  }
});

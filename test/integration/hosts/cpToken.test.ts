import * as assert from "node:assert/strict";
import { LabHost, labHosts, whyNoLab } from "../../support/hosts/labHosts";
import { LabZone, UNIT, killedAfter, setUp, takeDown, traces } from "../../support/hosts/labZone";

const hosts = labHosts(2);
const why = whyNoLab(hosts, 2);

const GLOBAL =
  "mode: global\nstore: {type: memory}\ndefaults: {skipMeshCreation: true}\nmultizone: {global: {kds: {zoneInsightFlushInterval: 1s}}}";
const ZONE = "mode: zone\nstore: {type: memory}\nmultizone: {zone: {name: zone-m}}";
const TOKEN = `/var/lib/kuma-federation/${UNIT}/cp-token`;
const PATH_OF_TOKEN = "KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_PATH";

/**
 * A real kuma-cp issues the token and is started with it. It is Kuma's, which asks no zone for one: that a global refuses a zone
 * without, and takes one with it, was not run.
 */
describe(`the token that a zone on a host shows its global${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(3_600_000);
  before(function () {
    if (why) this.skip();
  });
  after(() => hosts?.forEach(takeDown));

  it("is in a file for the unit's user, issued for that zone, renewed, and gone after the way back", async () => {
    const [global, zone] = hosts as LabHost[];
    await setUp(global, GLOBAL);
    await setUp(zone, ZONE);
    const lab = new LabZone(zone, "zone-m", global);
    const up = () => lab.up({ tokenDays: 90 });
    const kept = () => zone.shell(`stat -c '%a %U' ${TOKEN}; cat ${TOKEN}`).trim().split("\n");
    const told = () =>
      zone
        .shell(`tr '\\0' '\\n' < /proc/$(systemctl show -p MainPID --value ${UNIT})/environ`)
        .split("\n")
        .filter((line) => line.includes("TOKEN_PATH"));

    // without one before, so that a zone that is a member gets it too
    await lab.up();
    assert.deepEqual(told(), []);
    await up();
    const [mode, token] = kept();
    assert.equal(mode, "600 kuma-test");
    const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString()) as object;
    assert.match(JSON.stringify(claims), /"Zone":"zone-m".*"Scope":\["cp"\]/);
    assert.deepEqual(told(), [`${PATH_OF_TOKEN}=${TOKEN}`]);
    assert.deepEqual(await up(), []);
    const open = zone.shell(
      `ps -ef; ps -e -o args; journalctl -o cat | tail -n 2000; cat /etc/systemd/system/${UNIT} /etc/systemd/system/${UNIT}.d/*; su nobody -s /bin/sh -c 'cat ${TOKEN}' 2>&1; exit 0`,
    );
    assert.ok(!open.includes(token.split(".")[2]));

    // one that is about to end, and a run that is killed while it brings the next one
    lab.state.set("cpToken", {
      ...lab.state.get("cpToken"),
      ends: new Date(Date.now() + 86_400_000).toISOString(),
    });
    const pid = zone.shell(`systemctl show -p MainPID --value ${UNIT}`);
    assert.equal(await killedAfter(1, up), true);
    await up();
    const [, next] = kept();
    assert.notEqual(next, token);
    assert.notEqual(zone.shell(`systemctl show -p MainPID --value ${UNIT}`), pid);
    assert.deepEqual(await up(), []);

    // taken out of the settings
    await lab.up();
    assert.deepEqual(told(), []);
    assert.equal(zone.shell(`ls ${TOKEN} 2>/dev/null; exit 0`), "");

    await up();
    await lab.back();
    assert.deepEqual(told(), []);
    assert.equal(traces(zone), "");
  });
});

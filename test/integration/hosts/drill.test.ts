import assert from "node:assert/strict";
import { type Failure, make, onHost, putBack, rootOf } from "../../../cli/drills/failure";
import type { Standing } from "../../../cli/stack/standing/standing";
import { rulesAround, whyNoCut } from "../../../platforms/universal/cut";
import { unitUrl } from "../../../platforms/universal/unit/location";
import { type LabHost, labHosts } from "../../support/hosts/labHosts";

const UNIT = "kuma-federation-drilled.service";
const ZONE = { zone: "zone-a" };

/** What drills break on a host, with its timer, on a real systemd with a real iptables. */
describe("drills on a host", () => {
  let host: LabHost;
  let standing: Standing;

  before(function () {
    const [found] = labHosts(1) ?? [];
    if (!found) {
      console.log("      skipped: KLAB_HOSTS names no host of the lab");
      return this.skip();
    }
    host = found;
    const { host: address, user, ...ssh } = host.access;
    const url = unitUrl({ host: address, user, unit: UNIT });
    standing = { zones: [{ zoneName: ZONE.zone, zone: { url, ssh } }] } as unknown as Standing;
    host.shell(`systemctl stop ${UNIT} 2>/dev/null; systemd-run --quiet --unit=${UNIT} sleep 3600`);
  });
  after(() => host?.shell(`systemctl stop ${UNIT}`));

  const now = () => Promise.resolve(standing);
  const processState = () =>
    host.shell(`ps -o stat= -p $(systemctl show -p MainPID --value ${UNIT})`).trim().slice(0, 1);
  const timers = () =>
    host.shell("systemctl list-timers --all --no-legend").includes("kuma-federation-drill");
  const rules = () =>
    host.shell("iptables -S; ip6tables -S").match(/kuma-federation-drill:test/g)?.length ?? 0;

  it("stop a unit where it is, with a timer, and have it go on", async () => {
    const failure: Failure = { kind: "frozenUnit", at: ZONE };
    await make(failure, standing);
    assert.deepEqual([processState(), timers()], ["T", true]);
    await putBack(failure, now);
    assert.deepEqual([processState(), timers()], ["S", false]);
    await putBack(failure, now);
    assert.equal(processState(), "S");
  });

  it("drop what goes to its ports, with a timer that mends it by itself, and mend it", async function () {
    const wanted = rulesAround([10001], "kuma-federation-drill:test");
    const why = await onHost(standing, ZONE, (machine) => whyNoCut(wanted, rootOf(machine)));
    if (why !== undefined) {
      console.log(`      skipped: ${why}`);
      return this.skip();
    }
    const failure: Failure = { kind: "cut", rules: wanted, at: ZONE };
    await make(failure, standing);
    assert.deepEqual([rules(), timers()], [4, true]);
    // as when its time has come
    host.shell(
      "systemctl start kuma-federation-drill.service; while systemctl is-active -q kuma-federation-drill.service; do sleep 0.1; done",
    );
    assert.equal(rules(), 0);
    await make(failure, standing);
    assert.equal(rules(), 4);
    await putBack(failure, now);
    assert.deepEqual([rules(), timers()], [0, false]);
  });

  it("have a unit go on by its timer alone", async () => {
    await make({ kind: "frozenUnit", at: ZONE }, standing);
    assert.equal(processState(), "T");
    host.shell("systemctl start kuma-federation-drill.service");
    assert.equal(processState(), "S");
    await putBack({ kind: "frozenUnit", at: ZONE }, now);
  });
});

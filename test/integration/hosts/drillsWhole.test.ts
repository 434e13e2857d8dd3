import assert from "node:assert/strict";
import { formatDrills, type DrillsReport } from "../../../cli/drills/report";
import { cleanUp } from "../../support/cleanUp";
import { needsEngine } from "../../support/pulumi/engine";
import { LabHost, labHosts, whyNoLab } from "../../support/hosts/labHosts";
import { LabStack, clear } from "../../support/hosts/labStack";
import { LabTraffic, dataplaneToken, openMesh } from "../../support/hosts/labTraffic";
import { until } from "../../support/until";
import { killTree } from "../support";

const hosts = labHosts(3);
const why = whyNoLab(hosts);
const OUTBOUND = 20_001;
const DRILLS = ["global-down", "zone-down", "link-down", "zones-apart", "disable-zone"];

/** A global and two zones on hosts. zone-b has a service and a zone ingress, is called from both zones, and is drilled. */
describe(`drills of a stack on hosts${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(3_600_000);
  const traffic = new LabTraffic();
  const [global, zoneA, zoneB] = (hosts ?? []) as LabHost[];
  let stack: LabStack;

  before(function () {
    if (why) this.skip();
  });
  needsEngine();
  before(async () => {
    stack = new LabStack({ global, zoneA, zoneB });
    await stack.prepare();
    openMesh(zoneA);
    const more = { profile: "federation-with-policies" };
    stack.write(more, { ingress: {} }, { drills: "allowed" });
    await stack.run("up");
    for (const host of [zoneA, zoneB]) traffic.install(host);
    const admin = zoneB.shell("cat /etc/kuma-federation/kuma-cp/admin-token").trim();
    traffic.serve(zoneB, "echo", 18_000, dataplaneToken(zoneB, "echo", admin));
    const near = dataplaneToken(zoneB, "near", admin);
    traffic.client(zoneB, "near", 18_100, near, { echo: OUTBOUND }, zoneB.address);
    const far = dataplaneToken(zoneA, "far");
    traffic.client(zoneA, "far", 18_200, far, { echo: OUTBOUND }, zoneA.address);
    for (const url of urls()) await until(`calls to ${url}`, () => answers(url));
  });
  after(async () => {
    if (why) return;
    traffic.stop();
    await stack?.sandbox.run("destroy", "--stack", "test");
    [global, zoneA, zoneB].forEach(clear);
    await stack?.sandbox.remove();
    await cleanUp();
  });

  const urls = () => [zoneB, zoneA].map(({ address }) => `http://${address}:${OUTBOUND}/`);
  const answers = async (url: string) => (await fetch(url).catch(() => undefined))?.ok === true;
  const left = () =>
    [global, zoneA, zoneB].map((host) =>
      host
        .shell(
          "iptables -S | grep drill; systemctl list-timers --all --no-legend | grep drill; ps -C kuma-cp -o stat= | grep T; exit 0",
        )
        .trim(),
    );

  for (const name of DRILLS)
    it(`keep what the guide promises: ${name}`, async function () {
      const [near, far] = urls();
      const probes = ["--probe-url", near, "--across-url", far, "--output", "json"];
      const { stdout, output, status } = await stack.sandbox.run(
        ...(["drill", "--stack", "test", name, "zone-b"] as const),
        ...probes,
      );
      assert.ok(stdout.startsWith("{"), output);
      const { drills } = JSON.parse(stdout) as DrillsReport;
      console.log(`\n${formatDrills(drills)}\n`);
      // as in a container without CAP_NET_ADMIN
      if (/iptables does not work/.test(drills[0].notRun ?? "")) return this.skip();
      // a throw-away proxy is started on this machine alone
      assert.ok(status === 0 || status === 3, output);
      assert.equal(drills[0].notRun, undefined);
      assert.deepEqual(left(), ["", "", ""]);
    });

  it("put back what a drill that was killed has stopped, by the next up", async () => {
    const { child, done } = stack.sandbox.start("drill", "--stack", "test", "zone-down", "zone-b");
    await until("the zone to be stopped", () => left()[2].includes("T"));
    killTree(child, stack.sandbox.processes());
    await done;
    assert.match(await stack.run("up"), /zone zone-b was killed; what it had broken is put back/);
    assert.deepEqual(left(), ["", "", ""]);
  });
});

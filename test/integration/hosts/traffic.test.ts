import * as assert from "node:assert/strict";
import { cleanUp } from "../../support/cleanUp";
import { needsEngine } from "../../support/pulumi/engine";
import { LabHost, labHosts, whyNoLab } from "../../support/hosts/labHosts";
import { LabStack, clear, installed, ssh } from "../../support/hosts/labStack";
import { LabTraffic, dataplaneToken, openMesh } from "../../support/hosts/labTraffic";
import { until } from "../../support/until";

const hosts = labHosts(3);
const why = whyNoLab(hosts);

/** At the loopback of the client's host. */
const SAME_ZONE = 20_001;
const OTHER_ZONE = 20_002;

/** Real `kuma-dp` and Envoy on the hosts of two zones: calls within a zone, and across them by egress and ingress. */
describe(`traffic of zones on hosts${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(3_600_000);
  const traffic = new LabTraffic();
  let stack: LabStack;
  before(function () {
    if (why) this.skip();
  });
  needsEngine();
  afterEach(async () => {
    if (!why) traffic.stop();
    if (!why) (labHosts(4) ?? hosts)?.forEach(clear);
    await stack?.sandbox.remove();
    await cleanUp();
  });

  it("loses no call from before the federation to after the way back", () => losesNoCall(hosts as LabHost[]));

  it("loses no call where a zone has two instances, each with proxies of its own", async function () {
    const four = labHosts(4);
    if (!four) this.skip();
    await losesNoCall(four);
  });

  it("loses no call where an egress and an ingress are on a host of their own", async function () {
    const four = labHosts(4);
    if (!four) this.skip();
    const [of, another] = [four.slice(0, 3), ssh(four[3])];
    clear(four[3]);
    await losesNoCall(of, {
      zoneA: { ingress: {}, egress: { ssh: another } },
      zoneB: { ingress: { ssh: another }, egress: {} },
    });
    assert.equal(installed(four[3]), "");
  });

  it("sends no call to a zone ingress that starts anew, goes or comes", async () => {
    const [global, zoneA, zoneB] = hosts as LabHost[];
    stack = new LabStack({ global, zoneA, zoneB });
    await stack.prepare();
    for (const host of [zoneA, zoneB]) traffic.install(host);
    openMesh(zoneA);
    const service = "both";
    traffic.serve(zoneA, "in-a", 18_000, dataplaneToken(zoneA, "in-a"), { service });
    traffic.client(zoneA, "caller", 18_100, dataplaneToken(zoneA, "caller"), { both: SAME_ZONE });
    const profile = "federation-with-policies";
    const withIngress = (ingress?: object) => stack.write({ profile }, { zoneB: ingress ? { ingress } : {} });
    withIngress({});
    await stack.run("up");
    const admin = zoneB.shell("cat /etc/kuma-federation/kuma-cp/admin-token").trim();
    traffic.serve(zoneB, "in-b", 18_200, dataplaneToken(zoneB, "in-b", admin), { service });
    const answering = (...names: string[]) =>
      until(`calls to ${names.join(" and ")}`, () => {
        const call = `curl -s -m 5 http://127.0.0.1:${SAME_ZONE}/; echo`;
        const seen = zoneA.shell(Array<string>(12).fill(call).join("\n")).trim().split("\n");
        return [...new Set(seen)].sort().join() === names.join();
      });
    await answering("in-a", "in-b");
    traffic.call(zoneA, "both", SAME_ZONE);
    withIngress({ tokenDays: 200 });
    assert.match(await stack.run("up"), /zone-b: it is enabled on the global, as its zone ingress serves/);
    await answering("in-a", "in-b");
    withIngress();
    assert.match(await stack.run("up"), /zone-b: it is enabled on the global, and its zone ingress is gone/);
    await answering("in-a");
    withIngress({});
    assert.match(await stack.run("up"), /zone-b: it is disabled on the global until its zone ingress serves/);
    await answering("in-a", "in-b");
    const { made, failed } = traffic.calls(zoneA, "both");
    console.log(`      ${made} calls, ${failed.length} failed`);
    assert.deepEqual(failed, []);
    assert.ok(made > 100, `${made} calls`);
    await stack.run("destroy");
  });

  /** A fourth host has another instance of zone-a, with the proxy that calls. */
  async function losesNoCall(
    [global, zoneA, zoneB, another]: LabHost[],
    proxies: Parameters<LabStack["write"]>[1] = { ingress: {}, egress: {} },
  ): Promise<void> {
    const all = [global, zoneA, zoneB, ...(another ? [another] : [])];
    const caller = another ?? zoneA;
    stack = new LabStack({ global, zoneA, zoneB, ...(another && { another }) });
    await stack.prepare();
    all.slice(1).forEach((host) => traffic.install(host));
    openMesh(zoneA, { routing: { zoneEgress: true } });
    traffic.serve(zoneA, "near", 18_000, dataplaneToken(zoneA, "near"));
    const token = dataplaneToken(caller, "caller");
    traffic.client(caller, "caller", 18_100, token, { near: SAME_ZONE, far: OTHER_ZONE });
    const answers = (port: number, name: string) => () =>
      caller.shell(`curl -s -m 5 http://127.0.0.1:${port}/ || true`).trim() === name;
    await until("calls in zone-a", answers(SAME_ZONE, "near"));
    traffic.call(caller, "near", SAME_ZONE);

    // the permission is for proxies of every zone
    const profile = "federation-with-policies";
    stack.write({ profile }, proxies);
    await stack.run("up");
    const admin = zoneB.shell("cat /etc/kuma-federation/kuma-cp/admin-token").trim();
    traffic.serve(zoneB, "far", 18_200, dataplaneToken(zoneB, "far", admin));
    await until("calls from zone-a to zone-b", answers(OTHER_ZONE, "far"));
    traffic.call(caller, "far", OTHER_ZONE);
    assert.match(await stack.run("up"), /nothing to do/);
    assert.match(await stack.run("status"), /Healthy/);
    // once a zone is to leave, calls to the other one end
    const far = traffic.calls(caller, "far");
    stack.write({ profile, federated: false }, proxies);
    await stack.run("up");
    assert.ok(answers(SAME_ZONE, "near")());
    const near = traffic.calls(caller, "near");
    console.log(
      `      in the same zone ${near.made} calls, ${near.failed.length} failed; in the other one ${far.made}, ${far.failed.length} failed`,
    );
    assert.deepEqual([near.failed, far.failed], [[], []]);
    assert.ok(near.made > 100 && far.made > 20, `${near.made} and ${far.made} calls`);
    await stack.run("destroy");
  }
});

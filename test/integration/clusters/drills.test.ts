import assert from "node:assert/strict";
import { formatDrills, type DrillsReport } from "../../../cli/drills/report";
import type { StatusReport } from "../../../cli/status/report";
import { KubernetesCluster, type KubernetesObject } from "../../../platforms/kubernetes/cluster";
import { cleanUp } from "../../support/cleanUp";
import { labHosts, whyNoLab } from "../../support/hosts/labHosts";
import { clear, installOn } from "../../support/hosts/labStack";
import { LabTraffic, dataplaneToken } from "../../support/hosts/labTraffic";
import { needsEngine } from "../../support/pulumi/engine";
import { until } from "../../support/until";
import { Sandbox, killTree } from "../support";

const { GLOBAL_CONTEXT, ZONE_CONTEXT, CHART, DEMO_URL = "http://10.90.12.100" } = process.env;
const hosts = labHosts(1);
const why =
  GLOBAL_CONTEXT && ZONE_CONTEXT && CHART
    ? whyNoLab(hosts, 1)
    : "GLOBAL_CONTEXT and ZONE_CONTEXT name no two clusters, and CHART no chart for them";

const SERVICE = "demo-app_kuma-demo_svc_5000";
const FAR = 20_001;
const DRILLS = ["global-down", "zone-down", "link-down", "zones-apart", "disable-zone"];
const EVERYBODY = {
  ...{ apiVersion: "kuma.io/v1alpha1", kind: "MeshTrafficPermission" },
  metadata: { name: "everybody", namespace: "kuma-system", labels: { "kuma.io/mesh": "default" } },
  spec: {
    targetRef: { kind: "Mesh" },
    from: [{ targetRef: { kind: "Mesh" }, default: { action: "Allow" } }],
  },
};

/**
 * A global and a zone in two clusters, and a zone on a host of the lab, in one mesh. The zone in the cluster runs Kuma's demo
 * with mTLS, and is called from the host, which has to have a way to the load balancers of both clusters.
 */
describe(`drills on two clusters beside a host${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(3_600_000);
  const traffic = new LabTraffic();
  let sandbox: Sandbox;
  let global: KubernetesCluster;
  let zone: KubernetesCluster;
  let across = "";

  before(function () {
    if (why) this.skip();
  });
  needsEngine();
  before(async () => {
    const [host] = hosts ?? [];
    assert.ok(host);
    LabTraffic.clear(host);
    clear(host);
    sandbox = new Sandbox();
    global = await KubernetesCluster.load({ context: GLOBAL_CONTEXT as string });
    zone = await KubernetesCluster.load({ context: ZONE_CONTEXT as string });
    const cluster = { platform: "kubernetes", chart: CHART };
    const onHost = installOn(host, sandbox);
    sandbox.writeStack("test", {
      global: { ...cluster, context: GLOBAL_CONTEXT, kds: { sourceRanges: "everyone" } },
      zones: [
        {
          ...cluster,
          name: "default",
          context: ZONE_CONTEXT,
          ingress: true,
          profile: "federation-with-policies",
        },
        { ...onHost, name: "on-host" },
      ],
      drills: "allowed",
    });
    await run("up");
    await global.request(
      "PATCH",
      "/apis/kuma.io/v1alpha1/namespaces/kuma-system/meshtrafficpermissions/everybody?fieldManager=test",
      EVERYBODY,
      "application/apply-patch+yaml",
    );
    traffic.install(host);
    const admin = host.shell("cat /etc/kuma-federation/kuma-cp/admin-token").trim();
    const token = dataplaneToken(host, "caller", admin);
    traffic.client(host, "caller", 18_100, token, { [SERVICE]: FAR }, host.address);
    across = `http://${host.address}:${FAR}/`;
    await until("calls from the host to the cluster", async () => {
      const answer = await fetch(across).catch(() => undefined);
      return answer?.ok === true;
    });
  });
  after(async () => {
    traffic.stop();
    await sandbox?.run("destroy", "--stack", "test");
    hosts?.forEach(clear);
    await global?.request(
      "DELETE",
      "/apis/kuma.io/v1alpha1/namespaces/kuma-system/meshtrafficpermissions/everybody",
    );
    for (const each of [global, zone]) each?.close();
    await sandbox?.remove();
    await cleanUp();
  });

  const run = async (command: string, ...args: string[]) => {
    const { status, output, stdout } = await sandbox.run(command, "--stack", "test", ...args);
    assert.equal(status, 0, output);
    return stdout;
  };
  const deployment = async (cluster: KubernetesCluster) =>
    cluster.get<KubernetesObject & { spec: { replicas: number } }>(
      "/apis/apps/v1/namespaces/kuma-system/deployments/kuma-control-plane",
    );

  it("are one mesh, with addresses across both kinds of zones", async () => {
    const { zones } = JSON.parse(await run("status", "--output", "json")) as StatusReport;
    assert.deepEqual(
      zones.map(({ name, online }) => ({ name, online })),
      [
        { name: "default", online: true },
        { name: "on-host", online: true },
      ],
    );
    console.log(await run("addresses", SERVICE));
  });

  for (const name of DRILLS)
    it(`keep what the guide promises: ${name}`, async () => {
      const probes = ["--probe-url", DEMO_URL, "--across-url", across];
      const { stdout, output, status } = await sandbox.run(
        ...(["drill", "--stack", "test", name, "default"] as const),
        ...probes,
        ...["--output", "json"],
      );
      assert.ok(stdout.startsWith("{"), output);
      const { drills } = JSON.parse(stdout) as DrillsReport;
      console.log(`\n${formatDrills(drills)}\n`);
      // a throw-away proxy is not started in a cluster
      assert.ok(status === 0 || status === 3, output);
      assert.equal(drills[0].notRun, undefined);
    });

  it("put back what a drill that was killed has stopped, by the next up", async () => {
    const { child, done } = sandbox.start("drill", "--stack", "test", "zone-down", "default");
    await until(
      "the Deployment to be scaled to 0",
      async () => (await deployment(zone))?.spec.replicas === 0,
    );
    killTree(child, sandbox.processes());
    await done;
    assert.match(await run("up"), /zone default was killed; what it had broken is put back/);
    assert.equal((await deployment(zone))?.spec.replicas, 1);
    await until("calls", async () => (await fetch(across).catch(() => undefined))?.ok === true);
  });
});

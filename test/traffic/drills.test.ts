import assert from "node:assert/strict";
import { formatDrills, type DrillsReport } from "../../cli/drills/report";
import { needsEngine } from "../support/pulumi/engine";
import { FederatedMesh } from "./federatedMesh";

/** Real control planes, proxies and calls: zone-2 has a service and a zone ingress, and is what is drilled. */
describe("drills on real parts", function () {
  needsEngine();
  let mesh: FederatedMesh;
  let urls: string[];

  before(async function () {
    mesh = await FederatedMesh.start(this, ["zone-1", "zone-2"]);
    await mesh.service("zone-2", "echo");
    await mesh.ingress("zone-2");
    urls = [await mesh.client("zone-2", "echo"), await mesh.client("zone-1", "echo")];
  });
  after(() => mesh?.stop());

  for (const name of ["global-down", "zone-down", "link-down", "zones-apart", "disable-zone"]) {
    it(`keep what the guide promises: ${name}`, async function () {
      const probes = ["--probe-url", urls[0], "--across-url", urls[1]];
      const options = ["--stack", "test", name, "zone-2", ...probes, "--output", "json"];
      const { stdout, output, status } = await mesh.sandbox.run("drill", ...options);
      if (/iptables as root/.test(output)) return this.skip();
      assert.ok(stdout.startsWith("{"), output);
      const { drills } = JSON.parse(stdout) as DrillsReport;
      console.log(`\n${formatDrills(drills)}\n`);
      assert.equal(status, 0, output);
    });
  }
});

import * as assert from "node:assert/strict";
import { Facts, type Resource } from "../../../kuma";
import { ingressesReachable } from "../../../kuma/preflight/checks/connection/ingresses";
import { SshHost } from "../../../platforms/universal/hosts/sshHost";
import { vantageOf } from "../../../platforms/universal/unit/look/vantage";
import { cleanUp, later } from "../../support/cleanUp";
import { LabHost, labHosts, network, whyNoLab } from "../../support/hosts/labHosts";
import { preparedStack } from "../../support/hosts/labStack";
import { needsEngine } from "../../support/pulumi/engine";

const hosts = labHosts(3);
const why = whyNoLab(hosts);
const PORT = 10_001;

const ingress = (zone: string, advertisedAddress: string): Resource => ({
  ...{ type: "ZoneIngress", name: `in-${zone}` },
  networking: { advertisedAddress, advertisedPort: PORT },
});

/** What the host of one zone reaches of the ingresses of others, which join before it. */
describe(`zone ingresses seen from hosts${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(600_000);
  before(function () {
    if (why) this.skip();
  });
  afterEach(cleanUp);

  it("are looked at from the host that calls will come from", async () => {
    const [, zone, other] = hosts as LabHost[];
    const unit = "ingress-test";
    other.shell(
      `systemd-run --quiet --collect --unit=${unit} perl -MSocket -e 'socket(S,2,1,6); setsockopt(S,1,2,1); bind(S,pack_sockaddr_in(${PORT},INADDR_ANY)); listen(S,9); accept(C,S) while 1'`,
    );
    later(() => void other.shell(`systemctl stop ${unit}`));
    const host = new SshHost(zone.access);
    later(() => host.close());
    const look = async (address: string) => {
      const zoneOfHost = { vantage: vantageOf([{ host, unit: "kuma-cp.service" }]) };
      const earlier = [{ zoneName: "zone-b", plan: { resources: [] }, kept: [ingress("zone-b", address)] }];
      const federation = { zoneName: "zone-a", zone: zoneOfHost, global: undefined, earlier };
      const { verdict, evidence = [] } = await ingressesReachable.run(new Facts(federation as never));
      return [verdict, ...evidence].join(" ");
    };
    assert.equal(await look(other.address), `ok in-zone-b of zone zone-b, at ${other.address}:${PORT}`);
    assert.match(await look(zone.address), /^warning in-zone-b of zone zone-b, at .* does not answer/);
    assert.match(await look("no-such-name.invalid"), /^warning .* does not answer/);
    network(other, "down");
    later(() => network(other, "up"));
    assert.match(await look(other.address), /^warning .* does not answer|no answer/);
    assert.equal((await host.run(["echo", "still there"])).stdout, "still there\n");
  });

  describe("of a stack", () => {
    needsEngine();

    it("are dialled by status, from the hosts of the other zones", async () => {
      const stack = await preparedStack(hosts as LabHost[]);
      stack.write({}, { zoneA: {}, zoneB: { ingress: { advertisedAddress: "10.90.0.250" } } });
      await stack.run("up");
      const { output } = await stack.sandbox.run("status", "--stack", "test");
      assert.match(output, /does not reach zone ingresses of other zones, so that calls from zone zone-a/);
      assert.match(output, new RegExp(`zone-b-ingress of zone zone-b, at 10\\.90\\.0\\.250:${PORT}: `));
      stack.write({}, { zoneA: {}, zoneB: { ingress: {} } });
      await stack.run("up");
      assert.match(await stack.run("status"), /Healthy/);
      await stack.run("destroy");
    });
  });
});

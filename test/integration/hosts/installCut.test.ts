import * as assert from "node:assert/strict";
import { issueAuthority } from "../../../platforms/kdsCertificate";
import type { Properties } from "../../../resources/provider/handler";
import { cleanUp, tempDir } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { packedPrograms } from "../../support/hosts/kumaArchive";
import { LabHost, labHosts, network, power, whyNoLab, whyNoPower } from "../../support/hosts/labHosts";
import { LabStack, clear, installed } from "../../support/hosts/labStack";
import { type Moment, when } from "../../support/hosts/moments";
import { needsEngine } from "../../support/pulumi/engine";
import { HandlerRun } from "../../support/pulumi/handlerRun";
import { until } from "../../support/until";

const hosts = labHosts(3);
const why = whyNoLab(hosts);

/** Installations on hosts that the network, or the power, leaves in the middle. */
describe(`installations on hosts that are disturbed${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(3_600_000);
  let host: LabHost;
  let stack: LabStack | undefined;
  before(function () {
    if (why) this.skip();
    // the first one may be this machine
    [, host] = hosts as LabHost[];
  });
  needsEngine();
  afterEach(async () => {
    if (why) return;
    const [, ...others] = hosts as LabHost[];
    others.forEach((each) => network(each, "up"));
    hosts?.forEach(clear);
    await stack?.sandbox.remove();
    await cleanUp();
  });

  async function inputs(): Promise<Properties> {
    const { host: address, user, ...ssh } = host.access;
    const { cert, key } = await issueAuthority("test");
    const { archive: from, sha256 } = packedPrograms(tempDir());
    return {
      ...{ url: `ssh://${user}@${address}:22/kuma-cp.service`, ssh, title: "the global", owner: "test/cut" },
      ...{ archive: { from, sha256 }, admin: {}, removesData: true },
      role: { kind: "global", kdsCert: cert, kdsKey: key, makesMesh: false },
    };
  }

  const kinds = [
    {
      kind: "off the network",
      moments: [0, "upload", 3, 7, 10] as Moment[],
      happens: () => network(host, "down"),
      ends: () => network(host, "up"),
    },
    {
      kind: "without power",
      moments: ["upload", 5, 9] as Moment[],
      happens: () => power(host, "off"),
      ends: () => power(host, "on"),
    },
  ];
  for (const { kind, moments, happens, ends } of kinds) {
    const whyNot = kind === "without power" ? whyNoPower() : undefined;
    it(`are completed, and taken away, after the host was ${kind}${whyNot ? ` (skipped: ${whyNot})` : ""}`, async function () {
      if (whyNot) this.skip();
      clear(host);
      const given = await inputs();
      const state = new Map<string, Properties>();
      const run = () => new HandlerRun(state);
      for (const moment of moments) {
        const failed = when(moment, happens, () => run().step("hostControlPlane", given));
        const { message } = await kumaErrorOf(failed).finally(ends);
        assert.match(message, /reached|answer|broke|did not start/, String(moment));
        await run().step("hostControlPlane", given);
        assert.equal((await run().step("hostControlPlane", given)).changed, false);
        const going = when(typeof moment === "number" ? moment % 5 : 1, happens, () =>
          run().remove("hostControlPlane"),
        );
        await kumaErrorOf(going).finally(ends);
        await run().remove("hostControlPlane");
        assert.equal(installed(host), "", String(moment));
      }
    });
  }

  it("leave nothing there after a destroy, where up has failed", async () => {
    const [global, zoneA, zoneB] = hosts as LabHost[];
    stack = new LabStack({ global, zoneA, zoneB });
    await stack.prepare();
    stack.write({}, { ingress: {} });
    const { sandbox } = stack;
    for (const command of ["destroy", "up"]) {
      // the zone's host goes while it is installed: the global is there by then
      const up = sandbox.run("up", "--stack", "test");
      await until(
        "the zone's programs",
        () => zoneB.shell("ls /opt/kuma-federation/*/bin 2>/dev/null; exit 0") !== "",
      );
      network(zoneB, "down");
      const { status, output } = await up.finally(() => network(zoneB, "up"));
      assert.notEqual(status, 0, output);
      assert.match(output, /cannot be reached over SSH/);
      await stack.run(command);
      if (command === "destroy") assert.deepEqual([global, zoneB].map(installed), ["", ""]);
    }
    assert.match(await stack.run("status"), /Healthy/);
    await stack.run("destroy");
    assert.deepEqual([global, zoneB].map(installed), ["", ""]);
  });
});

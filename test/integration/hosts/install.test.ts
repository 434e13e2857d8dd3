import * as assert from "node:assert/strict";
import { issueAuthority } from "../../../platforms/kdsCertificate";
import type { Properties } from "../../../resources/provider/handler";
import { cleanUp } from "../../support/cleanUp";
import { needsEngine } from "../../support/pulumi/engine";
import { HandlerRun } from "../../support/pulumi/handlerRun";
import { LabHost, labHosts, whyNoLab } from "../../support/hosts/labHosts";
import { LabStack, clear, installed } from "../../support/hosts/labStack";
import { api, killedAfter } from "../../support/hosts/labZone";

const hosts = labHosts(3);
const why = whyNoLab(hosts);

/** As root, by whoever logs in: sudo tells it to the journal. */
const commands = (host: LabHost, since: string) =>
  host
    .shell(`journalctl --since @${since} -o cat _COMM=sudo | grep COMMAND= || true`)
    .split("\n")
    .filter((line) => line !== "" && !/\/sh -s$/.test(line));

describe(`control planes installed on hosts${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(3_600_000);
  let stack: LabStack;
  before(function () {
    if (why) this.skip();
  });
  needsEngine();
  after(async () => {
    if (!why) hosts?.forEach(clear);
    await stack?.sandbox.remove();
    await cleanUp();
  });

  it("come with their zones, have nothing to do then, and are taken away by destroy", async () => {
    const [global, zoneA, zoneB] = hosts as LabHost[];
    stack = new LabStack({ global, zoneA, zoneB });
    await stack.prepare();
    stack.write({}, { ingress: {}, egress: {} });

    const before = api(zoneA, "/meshes");
    assert.match(await stack.run("preview"), /create +zone-b-control-plane/);
    assert.deepEqual([global, zoneB].map(installed), ["", ""]);
    await stack.run("up");
    assert.match(JSON.stringify(api(zoneB, "/config")), /"type":"postgres"/);
    const since = global.shell("date +%s").trim();
    assert.match(await stack.run("up"), /nothing to do/);
    const looks = [global, zoneA, zoneB].map((host) => commands(host, since));
    for (const line of looks.flat())
      assert.doesNotMatch(line, /systemctl (restart|stop|enable|daemon)|install -d|\brm\b|\bmv\b/, line);
    console.log(
      `      an up with nothing to do asked the hosts ${looks.map(({ length }) => length).join(", ")} times`,
    );
    assert.match(await stack.run("status"), /Healthy/);

    // nothing secret where others look
    for (const host of [global, zoneA, zoneB]) {
      const open = host.shell(
        "ps -ef; journalctl -o cat | tail -n 2000; cat /etc/systemd/system/kuma-*.service; su nobody -s /bin/sh -c 'cat /etc/kuma-federation/*/* 2>/dev/null'; exit 0",
      );
      assert.ok(!open.includes(stack.password) && !/PRIVATE KEY|eyJhbGci/.test(open), host.name);
    }

    stack.write({ federated: false }, { ingress: {}, egress: {} });
    await stack.run("up");
    assert.deepEqual(api(zoneA, "/meshes"), before);
    assert.equal(installed(zoneA), "");
    assert.match(await stack.run("status"), /Zone zone-a runs alone/);
    assert.match(await stack.run("destroy"), /deleted: zone zone-b, which the stack installed/);
    assert.deepEqual([global, zoneA, zoneB].map(installed), ["", "", ""]);
    assert.ok(
      !stack.sandbox.printed.includes(stack.password) && !stack.sandbox.printed.includes("PRIVATE KEY"),
    );
  });

  it("go on after a kill at any step of an installation, and of its removal", async () => {
    const [host] = hosts as LabHost[];
    stack ??= new LabStack({ global: host, zoneA: host, zoneB: host });
    const { host: address, user, ...ssh } = host.access;
    const { cert, key } = await issueAuthority("test");
    const { archive: from, sha256 } = stack.programs;
    const inputs = {
      ...{
        url: `ssh://${user}@${address}:22/kuma-cp.service`,
        ssh,
        title: "the global",
        owner: "test/killed",
      },
      ...{ archive: { from, sha256 }, admin: {}, removesData: true },
      role: { kind: "global", kdsCert: cert, kdsKey: key, makesMesh: false },
    };
    const state = new Map<string, Properties>();
    const run = () => new HandlerRun(state);
    for (const count of [1, 3, 7, 10]) {
      const killed = await killedAfter(count, () => run().step("hostControlPlane", inputs));
      assert.equal(killed, true, `installation, ${count}`);
      await run().step("hostControlPlane", inputs);
      assert.equal((await run().step("hostControlPlane", inputs)).changed, false);
      if (count > 3) await killedAfter(count - 5, () => run().remove("hostControlPlane"));
      await run().remove("hostControlPlane");
      assert.equal(installed(host), "");
    }
    // one whose state was lost gets no certificate that no zone trusts
    await run().step("hostControlPlane", inputs);
    const shown = host.shell("cat /etc/kuma-federation/kuma-cp/kds-server.crt");
    const another = await issueAuthority("test");
    const role = { ...inputs.role, kdsCert: another.cert, kdsKey: another.key };
    const refused = new HandlerRun(new Map()).step("hostControlPlane", { ...inputs, role });
    await assert.rejects(refused, /is there already on .*the state of the stack does not know it/);
    assert.equal(host.shell("cat /etc/kuma-federation/kuma-cp/kds-server.crt"), shown);
    assert.equal((await run().step("hostControlPlane", inputs)).changed, false);
    await run().remove("hostControlPlane");
    assert.equal(installed(host), "");
  });
});

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { DrillsReport } from "../../../cli/drills/report";
import { needsEngine } from "../../support/pulumi/engine";
import { until } from "../../support/until";
import { Sandbox, getJson, killTree, oneZone, put } from "../support";

const MESH = { type: "Mesh", name: "default", skipCreatingInitialPolicies: ["*"] };
const INGRESS = {
  ...{ type: "ZoneIngress", name: "in-1" },
  networking: { address: "192.0.2.1", port: 10001, advertisedAddress: "192.0.2.1", advertisedPort: 10001 },
};
const BOTH_MADE = ["Mesh default", "*Secret *"].map((resources) => ({ resources, choice: "keepGlobal" }));

/** `T` where a process is stopped, `S` or `R` where it goes on. */
const stateOf = (pid: number) => /\) (\w)/.exec(fs.readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];

describe("drills on the stand-in", function () {
  needsEngine();
  let sandbox: Sandbox;
  let config: Record<string, unknown>;
  let [globalUrl, first, second] = ["", "", ""];

  before(async () => {
    sandbox = new Sandbox();
    const stack = await oneZone({ store: "memory", content: sandbox.writeContent("one", [MESH]) });
    const other = await oneZone({ store: "memory", content: sandbox.writeContent("two", [MESH]) });
    ({ globalUrl, zoneUrl: first } = stack);
    second = other.zoneUrl;
    const [zoneTwo] = other.config.zones as object[];
    config = {
      global: stack.config.global,
      zones: [...(stack.config.zones as object[]), { ...zoneTwo, name: "zone-2" }],
      onConflict: BOTH_MADE,
    };
    sandbox.writeStack("test", config);
    await expect(0, "up");
    assert.ok((await put(`${first}/zoneingresses/in-1`, INGRESS)) < 300);
    await until("the zone ingress to reach the other zone", async () => (await ingresses()).length === 1);
  });
  after(() => sandbox?.remove());

  const expect = async (wanted: number, command: string, ...args: string[]) => {
    const { status, output, stdout } = await sandbox.run(command, "--stack", "test", ...args);
    assert.equal(status, wanted, output);
    return { output, stdout };
  };
  const ingresses = async () => (await getJson<{ items: object[] }>(`${second}/zoneingresses`)).items;
  const pidOf = (place: string) => sandbox.processes(`state/stacks/test/${place}`)[0];
  const noteFile = () => path.join(sandbox.state, "workspace/test/drill.json");
  const markers = async (url: string) => {
    const { items } = await getJson<{ items: { name: string }[] }>(`${url}/meshes/default/meshtimeouts`);
    return items.filter(({ name }) => name.startsWith("kuma-federation-marker"));
  };
  const isEnabled = async () =>
    (await getJson<{ enabled?: boolean }>(`${globalUrl}/zones/zone-1`)).enabled !== false;

  /** All is as it was: nothing stopped, nothing disabled, no policy left on either side. */
  const assertWhole = async () => {
    for (const place of ["global", "zones/zone-1", "zones/zone-2"])
      assert.notEqual(stateOf(pidOf(place)), "T", place);
    assert.equal(await isEnabled(), true);
    for (const url of [globalUrl, first, second])
      await until(`no marker on ${url}`, async () => (await markers(url)).length === 0);
    assert.equal(fs.existsSync(noteFile()), false);
  };

  /** Verdicts by what was measured. */
  const drill = async (name: string, status: number, ...more: string[]) => {
    const { stdout } = await expect(status, "drill", name, "--output", "json", ...more);
    const { drills } = JSON.parse(stdout) as DrillsReport;
    assert.equal(drills.length, 1);
    return Object.fromEntries(drills[0].rows.map(({ measure, verdict }) => [measure, verdict]));
  };

  it("are refused in one sentence where the stack does not allow them, before anything is touched", async () => {
    const { output } = await expect(2, "drill", "global-down");
    assert.match(output, /^error: Stack test allows no drills, .* Nothing was touched\. .*drills: allowed/);
    sandbox.writeStack("test", { ...config, drills: "allowed" });
    const { output: unknown } = await expect(2, "drill", "earthquake");
    assert.match(unknown, /There is no drill "earthquake"; there are global-down, .* Nothing was touched/);
    const { output: zone } = await expect(2, "drill", "zone-down", "zone-9");
    assert.match(zone, /The stack has no federated zone "zone-9"; there are: zone-1, zone-2\. Nothing was/);
  });

  it("global-down: no policy is taken, and all is whole afterwards", async () => {
    const verdicts = await drill("global-down", 3);
    assert.equal(verdicts["the global takes a policy"], "kept");
    assert.equal(verdicts["calls in the zone"], "not measured");
    assert.equal(verdicts["a policy of the global's arrives in the zone, afterwards"], "kept");
    await assertWhole();
  });

  it("zone-down: policies arrive in the other zones alone, and calls that somebody answers are counted", async () => {
    const verdicts = await drill(
      "zone-down",
      3,
      "--probe-url",
      `${second}/`,
      "--across-url",
      `${globalUrl}/`,
    );
    assert.equal(verdicts["a policy of the global's arrives in the zone"], "kept");
    assert.equal(verdicts["it arrives in the other zones"], "kept");
    assert.equal(verdicts["calls in the zone"], "kept");
    assert.equal(verdicts["calls across zones"], "kept");
    await assertWhole();
  });

  it("tell of a promise that is not kept, with exit status 1", async () => {
    // what is stopped itself answers no call
    const verdicts = await drill("zone-down", 1, "--probe-url", `${first}/`);
    assert.equal(verdicts["calls in the zone"], "not kept");
    await assertWhole();
  });

  it("break nothing where calls fail before", async () => {
    const { output } = await expect(2, "drill", "zone-down", "--probe-url", "http://127.0.0.1:1/");
    assert.match(
      output,
      /Calls to http:\/\/127\.0\.0\.1:1\/ fail before anything is broken: .* Nothing was broken/,
    );
    await assertWhole();
  });

  it("disable-zone: other zones lose the zone ingress, and get it again", async () => {
    const verdicts = await drill("disable-zone", 3);
    assert.equal(verdicts["other zones have the zone's ingress"], "kept");
    assert.equal(verdicts["a policy of the global's arrives in the zone"], "kept");
    await until(
      "the zone ingress to be back in the other zone",
      async () => (await ingresses()).length === 1,
    );
    await assertWhole();
  });

  const broken = async (name: string, isBroken: () => Promise<boolean> | boolean) => {
    const { child, done } = sandbox.start("drill", "--stack", "test", name);
    await until(`${name} to be broken`, isBroken);
    return { child, done };
  };
  const isStopped = (place: string) => () => stateOf(pidOf(place)) === "T";

  it("put back at Ctrl-C", async () => {
    const { child, done } = await broken("global-down", isStopped("global"));
    child.kill("SIGINT");
    const { status, output } = await done;
    assert.equal(status, 130, output);
    assert.match(output, /Interrupted .*: What was broken is put back\./);
    await assertWhole();
  });

  it("are put back by the next up after a kill, and status tells of them", async () => {
    const { child, done } = await broken("disable-zone", async () => !(await isEnabled()));
    killTree(child, sandbox.processes());
    await done;
    const { output: status } = await expect(0, "status");
    assert.match(
      status,
      /Warning: The drill disable-zone of zone zone-1 was killed and has put nothing back/,
    );
    const { output } = await expect(0, "up");
    assert.match(output, /The drill disable-zone of zone zone-1 was killed; what it had broken is put back/);
    await assertWhole();
  });

  it("are put back by the next drill after a kill, and no two go on at once", async () => {
    const { child, done } = await broken("zone-down", isStopped("zones/zone-1"));
    const { output: refused } = await expect(2, "drill", "global-down");
    assert.match(
      refused,
      /The drill zone-down of stack test is under way \(process \d+\), so nothing was done/,
    );
    killTree(child, sandbox.processes());
    await done;
    const { output } = await expect(3, "drill", "global-down");
    assert.match(output, /The drill zone-down of zone zone-1 was killed; what it had broken is put back/);
    await assertWhole();
  });

  it("are put back by a destroy after a kill", async () => {
    const { child, done } = await broken("global-down", isStopped("global"));
    killTree(child, sandbox.processes());
    await done;
    const { output } = await expect(0, "destroy");
    assert.match(output, /what it had broken is put back[^]*nothing of it is left on this machine/);
  });
});

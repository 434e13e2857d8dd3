import assert from "node:assert/strict";
import { needsEngine } from "../../support/pulumi/engine";
import { until } from "../../support/until";
import { Sandbox, dialled, oneZone, startGlobal } from "../support";

/** A zone is taken back by what is kept of it, for which its global need not be there. */
describe("a stack whose global was killed", function () {
  needsEngine();
  let sandbox: Sandbox;
  beforeEach(() => (sandbox = new Sandbox()));
  afterEach(() => sandbox?.remove());

  const expectStatus = async (wanted: number, command: string) => {
    const { status, output } = await sandbox.run(command, "--stack", "test");
    assert.equal(status, wanted, output);
    return output;
  };

  it("is taken down at once where the global is the stack's own, with the stack's policies on it", async () => {
    const { config } = await oneZone();
    sandbox.writeStack("test", { ...config, policies: "policies/demo" });
    await expectStatus(0, "up");
    const [global] = sandbox.processes("state/stacks/test/global");
    process.kill(global, "SIGKILL");
    await until("its end", () => sandbox.processes("state/stacks/test/global").length === 0);
    assert.match(await expectStatus(0, "destroy"), /nothing of it is left on this machine/);
    assert.deepEqual(sandbox.processes("state/stacks/test"), []);
  });

  it("has its zone run alone where the global is of others, and says what is left to do", async () => {
    const { process: others, config: global } = await startGlobal(sandbox.directory);
    const { config, zoneUrl } = await oneZone();
    sandbox.writeStack("test", { ...config, global });
    await expectStatus(0, "up");
    const settings = others.settings();
    assert.ok(settings);
    await others.stop();
    const output = await expectStatus(2, "destroy");
    assert.match(
      output,
      /^error: The global control plane still lists zone zone-1, .* Nothing else of the zone depends on it\. Start the global .* run the same command again\.$/m,
    );
    assert.equal(await dialled(zoneUrl), undefined);
    await others.start(settings);
    await expectStatus(0, "destroy");
  });
});

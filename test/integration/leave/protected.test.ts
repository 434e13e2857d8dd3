import assert from "node:assert/strict";
import { needsEngine } from "../../support/pulumi/engine";
import { Sandbox, dialled, oneZone, startGlobal } from "../support";

/** What the setting `protect` keeps: nothing is done of what would take it away, and then all of it once it is off. */
describe("a protected stack", function () {
  needsEngine();
  this.timeout(600_000);
  let sandbox: Sandbox;
  let config: Record<string, unknown>;
  let zoneUrl: string;

  before(async () => {
    sandbox = new Sandbox();
    ({ config, zoneUrl } = await oneZone());
    sandbox.writeStack("test", config);
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
  });
  after(() => sandbox?.remove());

  const alone = () => (config.zones as object[]).map((zone) => ({ ...zone, federated: false }));

  async function refused(words: RegExp, command: string): Promise<void> {
    const { status, output } = await sandbox.run(command, "--stack", "test");
    assert.equal(status, 2, output);
    const error = output.slice(output.indexOf("error: ")).trim();
    assert.match(error, words);
    assert.equal(error.split("\n").length, 1, error);
    assert.notEqual(await dialled(zoneUrl), undefined);
  }

  it("becomes protected without anything made anew", async () => {
    sandbox.writeStack("test", { ...config, protect: true });
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.doesNotMatch(output, /replaced|deleted|created/);
  });

  it("is not taken down", () =>
    refused(
      /Stack test is protected \(the setting protect; .*\), so it is not taken down\. Nothing was changed\./,
      "destroy",
    ));

  it("is not taken down where only its file is not protected", async () => {
    sandbox.writeStack("test", config);
    await refused(/Stack test is protected/, "destroy");
  });

  for (const command of ["preview", "up"])
    for (const protect of [true, false])
      it(`lets no zone leave, by ${command} of a file with protect: ${protect}`, async () => {
        sandbox.writeStack("test", { ...config, protect, zones: alone() });
        await refused(
          /Zone zone-1 would leave the global, and stack test is protected.*Nothing was changed\./,
          command,
        );
      });

  for (const command of ["preview", "up"])
    it(`keeps its global where the file names another one, before anything is done, by ${command}`, async () => {
      const dials = await dialled(zoneUrl);
      const other = await startGlobal(sandbox.directory);
      try {
        sandbox.writeStack("test", { ...config, protect: true, global: other.config });
        await refused(
          /error: global is protected in the state of the stack, so it was not deleted\. Nothing was changed\. Run up with/,
          command,
        );
      } finally {
        await other.process.stop();
      }
      assert.equal(await dialled(zoneUrl), dials);
      assert.doesNotMatch(sandbox.printed, /pulumi state|urn:pulumi/);
    });

  it("goes on with what takes nothing away", async () => {
    sandbox.writeStack("test", { ...config, protect: true, onUndo: "removeFromGlobal" });
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.match(output, /updated {2}zone-1-global-way-back/);
    // a preview comes first, and is not told as what is done
    assert.doesNotMatch(output, /^ {2}update {3}/m);
  });

  it("is taken down once it is protected no longer", async () => {
    sandbox.writeStack("test", config);
    const up = await sandbox.run("up", "--stack", "test");
    assert.equal(up.status, 0, up.output);
    const { status, output } = await sandbox.run("destroy", "--stack", "test");
    assert.equal(status, 0, output);
  });
});

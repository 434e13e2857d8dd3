import assert from "node:assert/strict";
import * as fs from "node:fs";
import { needsEngine } from "../../support/pulumi/engine";
import { Sandbox } from "../support";
import { FIXTURES, PASSPHRASE, STACK, resourcesOf, restore } from "./fixture";

/**
 * What a release has left in the state of a stack is served by all that follow: names, parents and types of resources (a
 * renamed one needs an alias), and the text with which the engine finds their code.
 */
describe("stacks of earlier versions", () => {
  for (const version of fs.readdirSync(FIXTURES)) {
    describe(version, function () {
      needsEngine();
      let sandbox: Sandbox;
      beforeEach(async () => {
        sandbox = new Sandbox({ PULUMI_CONFIG_PASSPHRASE: PASSPHRASE });
        await restore(sandbox, version);
      });
      afterEach(() => sandbox.remove());

      const expect = async (command: string) => {
        const { status, output } = await sandbox.run(command, "--stack", STACK);
        assert.equal(status, 0, output);
        return output;
      };
      const identities = () => resourcesOf(sandbox).map(({ urn, id, created }) => ({ urn, id, created }));

      it("are kept by an up, which has nothing to do afterwards", async () => {
        const before = identities();
        const first = await expect("up");
        assert.doesNotMatch(first, /\b(created|deleted|replaced)\b {2}/);
        const byUrn = (all: typeof before) => new Map(all.map(({ urn, ...each }) => [urn, each]));
        assert.deepEqual(byUrn(identities()), byUrn(before), "the same resources, none of them made anew");
        assert.match(await expect("preview"), /nothing to do/);
        assert.match(await expect("status"), /Healthy/);
      });

      it("are taken down by a destroy alone", async () => {
        // the control planes of this machine have to run for that, as a user's do
        await sandbox.startZones(STACK);
        assert.match(await expect("destroy"), /nothing of it is left on this machine/);
      });
    });
  }
});

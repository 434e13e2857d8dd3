import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { Passphrase, opens, passphraseOf, saltFor, saltOfState } from "../../../../cli/stack/file/passphrase";
import { UsageError } from "../../../../cli/terminal/errors";
import { openState } from "../../../../cli/stack/stateDirectory";
import { cleanUp, setEnvironment, tempDir } from "../../../support/cleanUp";
import { saltOf } from "../../../support/pulumi/encryptionSalt";

const given = (value: string): Passphrase => ({ value, source: "that of a test", variables: {} });

describe("cli/stack/passphrase", () => {
  beforeEach(() => {
    setEnvironment("PULUMI_CONFIG_PASSPHRASE", undefined);
    setEnvironment("PULUMI_CONFIG_PASSPHRASE_FILE", undefined);
  });
  afterEach(cleanUp);

  let ofState = "";
  let ofFile = "";
  before(() => {
    ofState = saltOf("mine");
    ofFile = saltOf("other");
  });
  const noteFile = () => path.join(tempDir(), "note");
  const refusal = async (salts: { ofState?: string; ofFile?: string }, passphrase = "mine") => {
    try {
      await saltFor(given(passphrase), salts, "Pulumi.test.yaml", "test", noteFile());
    } catch (error) {
      assert.ok(error instanceof UsageError);
      return error.message;
    }
    return assert.fail("accepted");
  };

  it("tells whether a passphrase goes with a salt", async () => {
    assert.ok(await opens(given("mine"), ofState));
    assert.ok(!(await opens(given("other"), ofState)));
    for (const text of ["", "v1:x", "v2:a:b:c:d", "v1:AAAA:v1:AAAA:AAAA"])
      assert.ok(!(await opens(given("mine"), text)));
  });

  it("keeps the salt that a state depends on, whatever the file says", async () => {
    assert.equal(await saltFor(given("mine"), { ofState }, "f", "test", noteFile()), ofState);
    assert.equal(await saltFor(given("mine"), { ofFile: ofState }, "f", "test", noteFile()), ofState);
    assert.match(
      await refusal({ ofState, ofFile }),
      /^The secrets in Pulumi\.test\.yaml are encrypted with another passphrase than that of a test\. Nothing was changed\. The state of the stack depends on the latter, .* npm run secret -- --stack test set NAME\.$/,
    );
  });

  it("takes another salt of the same passphrase", async () => {
    const another = saltOf("mine");
    assert.equal(
      await saltFor(given("mine"), { ofState, ofFile: another }, "f", "test", noteFile()),
      another,
    );
  });

  it("says which passphrase is wanted", async () => {
    assert.match(
      await refusal({ ofFile }),
      /Give theirs in the variable PULUMI_CONFIG_PASSPHRASE, for this and every later/,
    );
    assert.match(
      await refusal({ ofState }, "other"),
      /^The state of stack test is encrypted with another passphrase than that of a test\. Nothing was changed\. Give the one that it has now, by PULUMI_CONFIG_PASSPHRASE /,
    );
  });

  it("takes the passphrase as Pulumi takes it, or makes one of the clone's own", () => {
    const root = tempDir();
    setEnvironment("KUMA_FEDERATION_STATE", path.join(root, "state"));
    const state = openState(root);
    const own = passphraseOf(state);
    assert.equal(own.value, fs.readFileSync(state.passphrase, "utf8"));
    assert.deepEqual(own.variables, { PULUMI_CONFIG_PASSPHRASE_FILE: state.passphrase });
    const file = path.join(root, "mine");
    fs.writeFileSync(file, "from a file\n");
    setEnvironment("PULUMI_CONFIG_PASSPHRASE_FILE", file);
    assert.deepEqual(passphraseOf(state).value, "from a file");
    fs.writeFileSync(file, "\uFEFFfrom Windows \u0085\r\n");
    assert.deepEqual(passphraseOf(state).value, "\uFEFFfrom Windows");
    setEnvironment("PULUMI_CONFIG_PASSPHRASE_FILE", "");
    assert.deepEqual(passphraseOf(state), own);
    setEnvironment("PULUMI_CONFIG_PASSPHRASE", "given");
    assert.deepEqual(passphraseOf(state).value, "given");
  });

  it("notes that the clone's own passphrase opens a state, of no other one, and for no other one", async () => {
    const own = { ...given("mine"), isOwn: true as const };
    const note = noteFile();
    await saltFor(given("mine"), { ofState }, "f", "test", note);
    assert.ok(!fs.existsSync(note));
    for (let run = 0; run < 2; run++) {
      assert.equal(await saltFor(own, { ofState }, "f", "test", note), ofState);
      assert.match(fs.readFileSync(note, "utf8"), /^[0-9a-f]{64}$/);
      assert.equal(fs.statSync(note).mode & 0o777, 0o600);
    }
    for (const [passphrase, salt] of [
      [{ ...own, value: "other" }, ofState],
      [own, ofFile],
    ] as const)
      await assert.rejects(saltFor(passphrase, { ofState: salt }, "f", "test", note), UsageError);
  });

  it("reads the salt of a state from its own backend", () => {
    const root = tempDir();
    setEnvironment("KUMA_FEDERATION_STATE", root);
    const state = openState(root);
    assert.equal(saltOfState(state, "p", "s"), undefined);
    const directory = path.join(state.backend, ".pulumi/stacks/p");
    fs.mkdirSync(directory, { recursive: true });
    const latest = { secrets_providers: { type: "passphrase", state: { salt: ofState } } };
    fs.writeFileSync(path.join(directory, "s.json"), JSON.stringify({ version: 3, checkpoint: { latest } }));
    assert.equal(saltOfState(state, "p", "s"), ofState);
  });
});

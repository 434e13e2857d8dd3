import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { issueAuthority, issueServerCertificate } from "../../../platforms/kdsCertificate";
import { ControlPlaneProcess } from "../../../platforms/universal/controlPlaneProcess";
import { type Properties, UNKNOWN } from "../../../resources/provider/handler";
import { cleanUp, later, tempDir } from "../../support/cleanUp";
import { freePortBase } from "../../support/ports";
import { HandlerRun } from "../../support/pulumi/handlerRun";

/** The stand-in runs, as the embedded default has it. */
describe("resources/global/universalGlobal", () => {
  let state: Map<string, Properties>;
  let directory: string;
  let args: Properties;

  beforeEach(async () => {
    state = new Map();
    directory = path.join(tempDir(), "control-plane");
    later(() => new ControlPlaneProcess(directory).remove());
    const portBase = await freePortBase();
    args = { directory, portBase, kumaCp: "embedded", store: "auto", portSetting: "portBase" };
  });
  afterEach(cleanUp);

  const run = () => new HandlerRun(state);
  const instance = () => new ControlPlaneProcess(directory);

  let certificate: Properties;
  before(async () => {
    const { cert: kdsCert, key: kdsKey } = await issueServerCertificate(await issueAuthority("g"), [
      "127.0.0.1",
    ]);
    certificate = { kdsCert, kdsKey };
  });
  const global = (more: Properties = {}) =>
    run().step("universalGlobal", { ...args, ...certificate, name: "global", ...more });

  it("starts a global, tells what it is, and has nothing to do while it runs", async () => {
    const { outs } = await global();
    assert.deepEqual([outs.product, outs.standIn], ["Kuma", true]);
    assert.match(outs.version as string, /^2\./);
    assert.equal((await global()).changed, false);
    await instance().stop();
    assert.equal((await global()).changed, true);
  });

  it("serves a new certificate, which it reads at its start", async () => {
    await global();
    const before = fs.readFileSync(instance().file("pid"), "utf8");
    const { cert: kdsCert, key: kdsKey } = await issueServerCertificate(await issueAuthority("g"), [
      "127.0.0.1",
    ]);
    assert.equal((await global({ kdsCert, kdsKey })).changed, true);
    assert.notEqual(fs.readFileSync(instance().file("pid"), "utf8"), before);
    assert.equal(fs.readFileSync(instance().file("kds-server.crt"), "utf8"), kdsCert);
    assert.equal(fs.statSync(instance().file("kds-server.key")).mode & 0o077, 0);
  });

  it("leaves one alone that the state has forgotten, in a preview too: its zones trust the certificate that it has", async () => {
    await global();
    const before = fs.readFileSync(instance().file("pid"), "utf8");
    state.clear();
    const { cert: kdsCert, key: kdsKey } = await issueServerCertificate(await issueAuthority("g"), [
      "127.0.0.1",
    ]);
    for (const other of [
      { kdsCert, kdsKey },
      { kdsCert: UNKNOWN, kdsKey: UNKNOWN },
    ])
      await assert.rejects(
        global(other),
        /the state of the stack does not know it: .* Nothing of it was changed\./,
      );
    assert.equal(fs.readFileSync(instance().file("pid"), "utf8"), before);
    // its start was cut short
    assert.equal((await global()).changed, true);
  });

  it("takes away the process and its files", async () => {
    await global();
    await run().remove("universalGlobal");
    assert.deepEqual([instance().isRunning(), fs.existsSync(directory)], [false, false]);
  });
});

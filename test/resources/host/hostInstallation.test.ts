import assert from "node:assert/strict";
import { SshHost } from "../../../platforms/universal/hosts/sshHost";
import type { Properties } from "../../../resources/provider/handler";
import { cleanUp, later } from "../../support/cleanUp";
import { HandlerRun } from "../../support/pulumi/handlerRun";

const UNIT = "/etc/systemd/system/kuma-cp.service";
const SETTINGS = "/etc/kuma-federation/kuma-cp";
const PROGRAMS = "/opt/kuma-federation";

/** What it takes away; that a real host is clean then is tried in test/integration/hosts. */
describe("resources/host/hostInstallation", () => {
  const inputs: Properties = {
    ...{ url: "ssh://root@a:22/kuma-cp.service", ssh: {}, title: "the global", owner: "s/global" },
    ...{ runsAs: "kuma-cp", removesData: true },
  };
  let there: string[];
  let unitIs: string[];
  let done: string[];

  beforeEach(() => {
    [there, unitIs, done] = [[], [], []];
    const { run } = SshHost.prototype;
    const facts = ["systemd systemd 252", `clock ${Date.now() / 1000}`, "arch x86_64", "free 9000000"];
    SshHost.prototype.run = async function (argv, { changes = false } = {}) {
      if (changes) done.push(argv.join(" "));
      const isLook = argv.some((word) => word.includes("systemctl --version"));
      const lines = isLook ? [...facts, ...unitIs] : there;
      return { status: 0, stdout: `${lines.join("\n")}\n`, stderr: "" };
    };
    later(() => void Object.assign(SshHost.prototype, { run }));
  });
  afterEach(cleanUp);

  const removed = async () => {
    const run = new HandlerRun(new Map());
    await run.step("hostInstallation", inputs);
    assert.deepEqual(done, [], "nothing is done before");
    await run.remove("hostInstallation");
    return done.join("\n");
  };
  const DATA = /\/var\/lib\/kuma-cp/;

  it("takes away a unit that a run has left, with its data", async () => {
    there = [UNIT, SETTINGS, PROGRAMS];
    unitIs = [`fragment ${UNIT}`, "first # Written by kuma-federation for s/global"];
    const text = await removed();
    assert.match(text, /systemctl disable --quiet --now -- kuma-cp\.service/);
    assert.match(text, new RegExp(`rm -rf -- [^]*sh 2 ${UNIT} ${SETTINGS}`));
    assert.match(text, DATA);
    assert.match(text, /userdel/);
  });

  it("takes away what came before the unit", async () => {
    there = [SETTINGS, PROGRAMS];
    assert.match(await removed(), new RegExp(`rm -rf -- [^]*sh 2 ${UNIT} ${SETTINGS}`));
  });

  it("leaves data where nothing but programs had come", async () => {
    there = [PROGRAMS];
    const text = await removed();
    assert.match(text, /for d in "\$1"/);
    assert.doesNotMatch(text, DATA);
  });

  it("does not touch a unit of somebody else", async () => {
    there = [UNIT, SETTINGS, PROGRAMS];
    for (const first of ["[Unit]", "# Written by kuma-federation for other/global"]) {
      unitIs = [`fragment ${UNIT}`, `first ${first}`];
      assert.equal(await removed(), "");
    }
  });
});
